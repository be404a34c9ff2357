"""The body of an answer: decompressed as it arrives, limited in size, with its first bytes passed on early.

The server chooses the size of the chunks. Chunks of a byte or two would take many times the memory that is counted, and
so would a list of them. So chunks are joined as they arrive.

ISA-L decompresses three times as fast as zlib, with the same interface: 20 ms less for 5,000 pods of 32 MB.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from typing import Final, cast

from isal import isal_zlib

from k8s.transport.bodymemory import Portion
from k8s.turns.turns import Pace

PREFIX_BYTES = 1024
"""Enough for a list's metadata, which Kubernetes sends before the items."""

_STEP_BYTES: Final = 256 * 1024
"""Bytes that are decompressed at a time, which takes less than a millisecond."""

_DAMAGED: Final = cast(type[Exception], isal_zlib.error)

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
            on_prefix(buffer.prefix())
            on_prefix = None
    body = buffer.take()
    if on_prefix is not None:
        on_prefix(body[:PREFIX_BYTES])
    return body


class _BodyBuffer:
    """The bytes of a body so far, in one block that grows where it is: joining blocks would take their memory twice."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._block = BytesIO()

    def add(self, chunk: bytes) -> None:
        """Adds a chunk of any size."""
        self.size_bytes += len(chunk)
        self._block.write(chunk)

    def prefix(self) -> bytes:
        """Returns the first `PREFIX_BYTES` bytes."""
        with self._block.getbuffer() as view:
            return bytes(view[:PREFIX_BYTES])

    def take(self) -> bytes:
        """Returns all bytes, without a copy, and empties the buffer."""
        body = self._block.getvalue()
        self.clear()
        return body

    def clear(self) -> None:
        """Empties the buffer."""
        self._block = BytesIO()


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
        self._inflate: isal_zlib.Decompress | None = None
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
                self._inflate = isal_zlib.decompressobj(wbits=31)
            try:
                step = self._inflate.decompress(chunk, _STEP_BYTES)
            except _DAMAGED as error:
                raise BodyBroken from error
            chunk = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            yield step
