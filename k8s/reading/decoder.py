"""The only decoder of clusters' answers: every failure is one error, in bounded time.

A cluster may send anything: text that is not Unicode, numbers out of any range, nesting deeper than the stack. No other
module of this package decodes an answer; a test ensures it.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from k8s.errors import AnswerTooLarge, ProtocolBroken
from k8s.reading.decodingcost import LONG_BYTES, LONGEST_S, decoding_s, skipping_s
from k8s.reading.numbers import accepted, finite
from k8s.reading.replacements import is_suspicious, replaced_in_turns
from k8s.turns.turns import turn

T = TypeVar("T")

_MOST_REPLACED_BYTES = 2 * 1024 * 1024
"""The largest body in which text is replaced: a replacement takes up to 0.2 microseconds a byte."""

LARGE_BYTES: Final = 65_536
"""The length above which an answer may take several milliseconds to decode."""

_FAILURES = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
"""All failures of decoding; UnicodeDecodeError is a ValueError, OverflowError an ArithmeticError."""


class Undecodable(Exception):
    """The bytes are not the expected JSON."""


class TooMuchToDecode(Undecodable):
    """Decoding would block the event loop for too long.

    Attributes:
        is_one_object: whether a single object of a list is the cause, so that a smaller page does not help.
    """

    def __init__(self, *, is_one_object: bool = False) -> None:
        super().__init__("more values than are decoded at a stretch")
        self.is_one_object = is_one_object


class Decoder(Generic[T]):
    """A decoder of one type of answer, as lenient as Go clients."""

    def __init__(self, value_type: type[T], *, cost_s: Callable[[bytes], float] = decoding_s) -> None:
        """Takes a type, and a function that estimates the seconds to decode a body to it."""
        self._strict = msgspec.json.Decoder(value_type, float_hook=finite, dec_hook=accepted)
        self._cost_s = cost_s

    def decode(self, body: bytes) -> T:
        """Decodes a body.

        Raises:
            Undecodable: it is not JSON, has another type, or is nested too deep.
            TooMuchToDecode: decoding would take longer than `LONGEST_S`.
        """
        self._refuse_if_dear(body)
        return self._decoded(body)

    async def read(self, body: bytes) -> T:
        """Decodes a body, with U+FFFD in place of invalid Unicode; raises as `decode`."""
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
        """Decodes a cluster's answer; a long answer waits for its turn.

        The decoder's own error is not chained, because it may quote a token.

        Raises:
            AnswerTooLarge: decoding would take longer than `LONGEST_S`.
            ProtocolBroken: for `cause`, with the cluster's name.
        """
        if len(body) > LARGE_BYTES:
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
