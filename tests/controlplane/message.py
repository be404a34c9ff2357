"""HTTP/1.1 messages on a stream, stored as the bytes on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

HEAD_LIMIT_BYTES = 1 << 20
_CHUNK_BYTES = 64 * 1024
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


@dataclass(frozen=True)
class Head:
    """A start line and headers; header names in lower case, in the order of the wire."""

    start: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Head | None:
        """Reads one head; returns None if the peer has closed between two messages."""
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        start, *lines = raw[:-4].decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in lines)
        return cls(start, tuple((name.lower(), value.strip()) for name, value in pairs))

    def header(self, name: str) -> str | None:
        """Returns the first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    def with_headers(self, changed: Mapping[str, str | None]) -> Head:
        """Returns a head in which `changed` (lower-case names) replaces headers; None removes one."""
        unchanged = tuple((key, value) for key, value in self.headers if key not in changed)
        return Head(self.start, unchanged + tuple((key, value) for key, value in changed.items() if value is not None))

    def encode(self) -> bytes:
        """Returns the bytes of the head on the wire."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    @property
    def is_chunked(self) -> bool:
        """Returns whether the body is chunked."""
        return "chunked" in (self.header("transfer-encoding") or "").lower()

    @property
    def status(self) -> int:
        """Returns the status code of a response."""
        return int(self.start.split(" ", 2)[1])

    @property
    def is_bodyless(self) -> bool:
        """Returns whether the status of a response forbids a body."""
        return self.status in _WITHOUT_BODY or self.status < HTTPStatus.OK


async def body_pieces(reader: asyncio.StreamReader, head: Head, *, until_close: bool) -> AsyncIterator[bytes]:
    """Yields the body's content, without the framing of chunks, as it arrives.

    Args:
        reader: The stream after the head.
        head: The head, which declares the framing of the body.
        until_close: Whether a body without framing ends when the peer closes (of a response).
    """
    length = head.header("content-length")
    if head.is_chunked:
        async for piece in _chunks(reader):
            yield piece
    elif length is not None:
        async for piece in _exactly(reader, int(length)):
            yield piece
    elif until_close:
        while piece := await reader.read(_CHUNK_BYTES):
            yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        async for piece in _exactly(reader, size):
            yield piece
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass


async def _exactly(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, _CHUNK_BYTES))
        if not piece:
            raise asyncio.IncompleteReadError(b"", size)
        size -= len(piece)
        yield piece


def frame(piece: bytes, *, chunked: bool) -> bytes:
    """Returns the bytes of a part of a body on the wire."""
    return b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
