"""The only way from the bytes of a cluster's answer to values: each failure of decoding is one error, in bounded time.

A cluster may send anything: text that is no Unicode, numbers that no type has, nesting deeper than the stack. Nothing
else in this package decodes an answer; a test holds it so.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from k8s.errors import AnswerTooLarge, ProtocolBroken
from k8s.reading.decodingcost import LONG_BYTES, LONGEST_S, decoding_s, skipping_s
from k8s.reading.numbers import accepted, finite
from k8s.reading.replacements import is_suspicious, replaced_in_turns
from k8s.turns.turns import turn

T = TypeVar("T")

_MOST_REPLACED_BYTES = 2 * 1024 * 1024
"""Of a larger body no text is replaced: that takes up to 0.2 microseconds a byte."""

_LONG_BYTES = 65_536
"""A longer answer takes up to several milliseconds to decode."""

_FAILURES = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
"""Among them UnicodeDecodeError, which is a ValueError, and OverflowError."""


class Undecodable(Exception):
    """The bytes are not the JSON that is wanted."""


class TooMuchToDecode(Undecodable):
    """Decoding would hold the event loop up for too long.

    Attributes:
        is_one_object: whether it is a single object of a list, so that a smaller page does not help.
    """

    def __init__(self, *, is_one_object: bool = False) -> None:
        super().__init__("more values than are decoded at a stretch")
        self.is_one_object = is_one_object


class Decoder(Generic[T]):
    """Reads one type of answer as Go clients read it."""

    def __init__(self, value_type: type[T], *, cost_s: Callable[[bytes], float] = decoding_s) -> None:
        """Takes a type, and how the seconds are estimated that decoding a body into it takes."""
        self._strict = msgspec.json.Decoder(value_type, float_hook=finite, dec_hook=accepted)
        self._cost_s = cost_s

    def decode(self, body: bytes) -> T:
        """Returns what the body holds.

        Raises:
            Undecodable: it is no JSON, holds something else, or is nested deeper than can be read.
            TooMuchToDecode: it would take longer than a stretch.
        """
        self._refuse_if_dear(body)
        return self._decoded(body)

    async def read(self, body: bytes) -> T:
        """Returns what the body holds, with U+FFFD for what is no Unicode; raises as `decode`."""
        self._refuse_if_dear(body)
        if len(body) > LONG_BYTES:
            await turn()  # the estimate took several milliseconds
        try:
            return self._decoded(body)
        except Undecodable:
            await turn()
            if skipping_s(body) <= LONGEST_S and not is_suspicious(body):
                raise
            if len(body) > _MOST_REPLACED_BYTES:
                raise TooMuchToDecode from None
            readable = await replaced_in_turns(body)
            if readable == body:
                raise
        return self.decode(readable)

    async def answer(self, body: bytes, *, cluster: str, cause: str) -> T:
        """Returns what a cluster answered; a long answer waits for its turn.

        What could not be decoded is not chained: the decoder's own error may quote a token.

        Raises:
            AnswerTooLarge: decoding would take longer than a stretch.
            ProtocolBroken: for `cause`, with the cluster's name.
        """
        if len(body) > _LONG_BYTES:
            await turn()
        try:
            return self.decode(body)
        except TooMuchToDecode:
            raise AnswerTooLarge(cluster, "one answer has more values than are decoded at once.") from None
        except Undecodable:
            raise ProtocolBroken(cluster, cause) from None

    def _refuse_if_dear(self, body: bytes) -> None:
        if self._cost_s(body) > LONGEST_S:
            raise TooMuchToDecode

    def _decoded(self, body: bytes) -> T:
        try:
            return self._strict.decode(body)
        except _FAILURES as error:
            raise Undecodable(str(error)) from error
