"""The body of an answer: decompressed as it arrives, limited in size, with its first bytes passed on early.

The server chooses the size of the chunks. Chunks of a byte or two would take many times the memory that is counted, and
so would a list of them. So small chunks are joined as they arrive.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from k8s.transport.bodymemory import Portion
from k8s.turns.turns import Pace

PREFIX_BYTES = 1024
"""Enough for a list's metadata, which Kubernetes sends before the items."""

_STEP_BYTES: Final = 256 * 1024
"""Bytes that are decompressed at a time, which takes less than a millisecond."""

_SMALL_BYTES: Final = 8 * 1024
_BLOCK_BYTES: Final = 64 * 1024
"""The size to which small chunks are joined."""

_LONG_BYTES: Final = 1024 * 1024
"""Joining a longer body takes up to 5 ms, and many bodies may end in one turn of the loop."""
_VERY_LONG_BYTES: Final = 8 * 1024 * 1024
"""A longer body is joined in a thread: new memory for 30 MB takes up to 100 ms. Python joins without its lock."""

MOST_MEMBERS: Final = 4096
"""The limit of members of a gzip stream. API servers send one; compressors in blocks one for each 64 KiB or so."""

OnPrefix = Callable[[bytes], None]


class BodyTooLarge(Exception):
    """A body over the limit: of a broken server, or a compression bomb."""


class BodyBroken(Exception):
    """A compressed body that is damaged or ends early."""


class TooManyMembers(BodyBroken):
    """A compressed body in more members than any server makes."""


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
        chunks: The bytes on the wire, as they arrive.
        gzip: Whether they are compressed.
        limit_bytes: The limit of decoded bytes; there may be hardly more on the wire.
        on_prefix: Called once, with the first `PREFIX_BYTES` bytes, or with all of a shorter body.
        portion: Waits for memory before the body grows.

    Raises:
        BodyTooLarge: The body has more than `limit_bytes`.
        BodyBroken: The body is not gzip, incomplete, or in more than `MOST_MEMBERS` members.
    """
    buffer, reserved = _BodyBuffer(), portion or Portion()
    async for chunk in _decompressed(chunks, limit_bytes) if gzip else chunks:
        if buffer.size_bytes + len(chunk) > limit_bytes:
            buffer.clear()  # the error outlives this frame, and holds it
            raise BodyTooLarge
        await reserved.grow(len(chunk))
        buffer.add(chunk)
        if on_prefix is not None and buffer.size_bytes >= PREFIX_BYTES:
            on_prefix(buffer.joined()[:PREFIX_BYTES])
            on_prefix = None
    body = await _joined(buffer)
    if on_prefix is not None:
        on_prefix(body[:PREFIX_BYTES])
    return body


class _BodyBuffer:
    """The bytes of a body so far, in at most two blocks for each `_SMALL_BYTES` of it."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._blocks: list[bytes] = []
        self._small = bytearray()

    def add(self, chunk: bytes) -> None:
        """Adds a chunk, joined to the chunks before if it is small."""
        self.size_bytes += len(chunk)
        if len(chunk) < _SMALL_BYTES:
            self._small += chunk
            if len(self._small) >= _BLOCK_BYTES:
                self._end_block()
        else:
            self._end_block()
            self._blocks.append(chunk)

    def joined(self) -> bytes:
        """Returns all bytes."""
        self._end_block()
        return b"".join(self._blocks)

    def take(self) -> bytes:
        """Returns all bytes and empties the buffer."""
        body = self.joined()
        self.clear()
        return body

    def clear(self) -> None:
        """Empties the buffer."""
        self._blocks.clear()
        self._small.clear()

    def _end_block(self) -> None:
        if self._small:
            self._blocks.append(bytes(self._small))
            self._small.clear()


async def _joined(buffer: _BodyBuffer) -> bytes:
    if buffer.size_bytes > _VERY_LONG_BYTES:
        return await asyncio.to_thread(buffer.take)
    if buffer.size_bytes > _LONG_BYTES:
        await Pace().breathe()
    return buffer.take()


async def _decompressed(chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[bytes]:
    """Yields the decoded chunks of a gzip stream, a step at a time."""
    members, wire_bytes = _Members(), 0
    async for chunk in chunks:
        wire_bytes += len(chunk)
        if wire_bytes > limit_bytes + _STEP_BYTES:
            raise BodyTooLarge
        pace = Pace()
        await pace.breathe()  # bodies of many clusters may arrive in one turn of the loop
        for step in members.steps(chunk):
            if step:
                yield step
            await pace.breathe()
    if not members.is_complete:
        raise BodyBroken


class _Members:
    """The members of a gzip stream (RFC 1952), one after the other."""

    def __init__(self) -> None:
        self._inflate: zlib._Decompress | None = None
        self._count = 0

    @property
    def is_complete(self) -> bool:
        """Returns whether there was a member, and the last one has ended."""
        return self._inflate is not None and self._inflate.eof

    def steps(self, chunk: bytes) -> Iterator[bytes]:
        """Yields the decoded content of a chunk; raises `BodyBroken` if it is not gzip, or has too many members."""
        while chunk:
            if self._inflate is None or self._inflate.eof:
                self._count += 1
                if self._count > MOST_MEMBERS:
                    raise TooManyMembers
                self._inflate = zlib.decompressobj(wbits=31)
            try:
                step = self._inflate.decompress(chunk, _STEP_BYTES)
            except zlib.error as error:
                raise BodyBroken from error
            chunk = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            yield step
