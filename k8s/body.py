"""The body of an answer: decompressed as it arrives, bounded, its first bytes shown early."""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from k8s.bodymemory import Portion
from k8s.turns import Pace

PREFIX_BYTES = 1024
"""Enough for a list's metadata, which Kubernetes sends before the items."""

_STEP_BYTES: Final = 256 * 1024
"""What is decompressed at a time; takes less than a millisecond."""

OnPrefix = Callable[[bytes], None]


class BodyTooLarge(Exception):
    """More bytes than allowed: a broken server, or a compression bomb."""


class BodyBroken(Exception):
    """The compressed body is damaged or ends early."""


async def read_body(
    chunks: AsyncIterator[bytes],
    *,
    gzip: bool,
    limit_bytes: int,
    on_prefix: OnPrefix | None = None,
    portion: Portion | None = None,
) -> bytes:
    """Reads all decoded bytes of a body.

    Args:
        chunks: the bytes on the wire, as they come.
        gzip: whether they are compressed.
        limit_bytes: the most decoded bytes to accept; hardly more may be on the wire.
        on_prefix: called once, as soon as `PREFIX_BYTES` are there, or at the end of a shorter body.
        portion: waits for memory before the body grows.

    Raises:
        BodyTooLarge: more than `limit_bytes`.
        BodyBroken: not gzip, or cut off.
    """
    parts: list[bytes] = []
    size_bytes, room = 0, portion or Portion()
    async for part in _decompressed(chunks, limit_bytes) if gzip else chunks:
        size_bytes += len(part)
        if size_bytes > limit_bytes:
            parts.clear()  # the error outlives this frame, and keeps it
            raise BodyTooLarge
        await room.grow(len(part))
        parts.append(part)
        if on_prefix is not None and size_bytes >= PREFIX_BYTES:
            on_prefix(b"".join(parts)[:PREFIX_BYTES])
            on_prefix = None
    body = b"".join(parts)
    if on_prefix is not None:
        on_prefix(body[:PREFIX_BYTES])
    return body


async def _decompressed(chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[bytes]:
    """Yields what the chunks of a gzip stream hold, a step at a time."""
    members, wire_bytes = _Members(), 0
    async for chunk in chunks:
        wire_bytes += len(chunk)
        if wire_bytes > limit_bytes + _STEP_BYTES:
            raise BodyTooLarge
        pace = Pace()
        await pace.breathe()  # bodies of many clusters may arrive in one turn of the loop
        for step in members.steps(chunk):
            yield step
            await pace.breathe()
    if not members.is_complete:
        raise BodyBroken


class _Members:
    """The members of a gzip stream (RFC 1952), one behind the other."""

    def __init__(self) -> None:
        self._inflate: zlib._Decompress | None = None

    @property
    def is_complete(self) -> bool:
        """Whether there was a member, and the last one has ended."""
        return self._inflate is not None and self._inflate.eof

    def steps(self, chunk: bytes) -> Iterator[bytes]:
        """Yields what a chunk holds; raises `BodyBroken` if that is no gzip."""
        while chunk:
            if self._inflate is None or self._inflate.eof:
                self._inflate = zlib.decompressobj(wbits=31)
            try:
                step = self._inflate.decompress(chunk, _STEP_BYTES)
            except zlib.error as error:
                raise BodyBroken from error
            chunk = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            yield step
