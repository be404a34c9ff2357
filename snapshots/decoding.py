"""Decoding of what dumps and snapshots hold, which is an operator's own: text that is no Unicode costs nothing."""

from typing import Generic, TypeVar

import msgspec

from k8s.reading.replacements import with_replacements

T = TypeVar("T")


class Decoder(Generic[T]):
    """Reads what Go clients read."""

    def __init__(self, held: type[T]) -> None:
        self._strict = msgspec.json.Decoder(held)

    def decode(self, body: bytes) -> T:
        """Returns what the body holds.

        Raises:
            msgspec.DecodeError: it is no JSON, holds something else, or is nested deeper than can be read.
        """
        try:
            try:
                return self._strict.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                readable = with_replacements(body)
                if readable == body:
                    raise
                return self._strict.decode(readable)
        except RecursionError as error:
            raise msgspec.DecodeError("nested deeper than can be read") from error
