"""Pieces of a page that is too long to decode at once: neighbouring objects, cut from the text without reading it.

A page is cut where an object ends and the next one begins with the key of the first one. No text contains such a
place, since a quotation mark in a text is escaped. At a place inside an object, the piece before it is no JSON: its
brackets do not match. So pieces that can be decoded are those of the page; any other page is split by its decoder.
"""

import re
from collections.abc import Iterator
from typing import Final

_PIECE_BYTES: Final = 256 * 1024
"""The bytes of a piece, unless an object is longer: decoded in a millisecond; the most expensive text takes 14."""
_LOOKED_AT_BYTES: Final = 2 * 1024 * 1024
"""The bytes in which the end of one object is looked for."""
_PREFIX_BYTES: Final = 4096
"""Enough for what API servers send before the first object."""
_HEAD: Final = b'{"items":['
_FIRST_KEY: Final = re.compile(rb'"items":\[(\{"[A-Za-z]{1,64}":)')


class NoPieces(Exception):
    """A page that has no place to be cut at."""


def pieces_of(body: bytes) -> Iterator[bytes]:
    """Yields a page in pieces of about 256 KiB, each as a page of its own; the first and the last have the rest.

    Raises:
        NoPieces: the rest has no place to be cut at, and is longer.
    """
    match = _FIRST_KEY.search(body, 0, _PREFIX_BYTES)
    if match is None:
        raise NoPieces
    mark, begin, text = b"}," + match[1], 0, memoryview(body)
    while len(body) - begin > _PIECE_BYTES:
        end = body.rfind(mark, begin + 1, begin + _PIECE_BYTES)
        if end < 0:
            end = body.find(mark, begin + 1, begin + _LOOKED_AT_BYTES)
        if end < 0 and len(body) - begin <= _LOOKED_AT_BYTES:
            break
        if end < 0:
            raise NoPieces
        yield b"".join((_HEAD if begin else b"", text[begin : end + 1], b"]}"))
        begin = end + 2
    yield b"".join((_HEAD if begin else b"", text[begin:]))
