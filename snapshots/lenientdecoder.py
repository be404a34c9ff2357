"""Decoding of JSON in dumps and snapshots, which belong to the operator; invalid Unicode is replaced."""

from typing import Generic, TypeVar

import msgspec

from k8s.reading.replacements import with_replacements

T = TypeVar("T")


class LenientDecoder(Generic[T]):
    """A JSON decoder that accepts invalid Unicode, like Go clients."""

    def __init__(self, value_type: type[T]) -> None:
        self._strict = msgspec.json.Decoder(value_type)

    def decode(self, body: bytes) -> T:
        """Returns the value of the body.

        Raises:
            msgspec.DecodeError: The body is not JSON, has another type, or is nested too deeply.
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
