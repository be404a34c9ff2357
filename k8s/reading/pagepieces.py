"""Pieces of a page that is too long to decode at once: neighbouring objects, cut from the text without reading it.

A page is cut where an object ends and the next one begins with the key of the first one. No text contains such a
place, since a quotation mark in a text is escaped. At a place inside an object, the piece before it is no JSON: its
brackets do not match. So is a piece with the end of the list, since each is a list of objects and nothing else. Thus
pieces that can be decoded are those of the page; any other page is split by its decoder.
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
REST_KEY: Final = "objects of the last piece"
"""The key of the last piece's objects; `items` beside it is another list."""
_REST: Final = b'"%b"' % REST_KEY.encode()
_FIRST_KEY: Final = re.compile(rb'"items":\[(\{"[A-Za-z]{1,64}":)')


class NoPieces(Exception):
    """A page that has no place to be cut at."""


def pieces_of(body: bytes) -> Iterator[bytes]:
    """Yields a page in pieces: lists of objects of about 256 KiB, and then the page with the last objects alone.

    The last piece has these objects at `REST_KEY` instead of `items`.

    Raises:
        NoPieces: the rest has no place to be cut at, and is longer.
    """
    match = _FIRST_KEY.search(body, 0, _PREFIX_BYTES)
    if match is None:
        raise NoPieces
    mark, begin, text = b"}," + match[1], match.start(1), memoryview(body)
    while len(body) - begin > _PIECE_BYTES:
        end = body.rfind(mark, begin + 1, begin + _PIECE_BYTES)
        if end < 0:
            end = body.find(mark, begin + 1, begin + _LOOKED_AT_BYTES)
        if end < 0 and len(body) - begin <= _LOOKED_AT_BYTES:
            break
        if end < 0:
            raise NoPieces
        yield b"".join((b"[", text[begin : end + 1], b"]"))
        begin = end + 2
    last = b"".join((text[: match.start()], _REST, b":[", text[begin:]))
    if last.count(_REST) > 1:
        raise NoPieces
    yield last
