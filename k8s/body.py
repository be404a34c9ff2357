"""The body of an answer: decompressed as it arrives, bounded, its first bytes shown early."""

import zlib
from collections.abc import AsyncIterator, Callable

PREFIX_BYTES = 1024
"""Enough for a list's metadata, which Kubernetes sends before the items."""

OnPrefix = Callable[[bytes], None]


class BodyTooLarge(Exception):
    """More decoded bytes than allowed: a broken server, or a compression bomb."""


class BodyBroken(Exception):
    """The compressed body is damaged or ends early."""


async def read_body(
    chunks: AsyncIterator[bytes], *, gzip: bool, limit_bytes: int, on_prefix: OnPrefix | None = None
) -> bytes:
    """All decoded bytes of a body.

    Args:
        chunks: the bytes on the wire, as they come.
        gzip: whether they are compressed.
        limit_bytes: the most decoded bytes to accept.
        on_prefix: called once, as soon as `PREFIX_BYTES` are there, or at the end of a shorter body.

    Raises:
        BodyTooLarge: more than `limit_bytes`.
        BodyBroken: not gzip, or cut off.
    """
    parts: list[bytes] = []
    size_bytes = 0
    inflate = zlib.decompressobj(wbits=31) if gzip else None
    async for chunk in chunks:
        parts.append(chunk if inflate is None else _inflated(inflate, chunk, limit_bytes - size_bytes))
        size_bytes += len(parts[-1])
        if size_bytes > limit_bytes:
            raise BodyTooLarge
        if on_prefix is not None and size_bytes >= PREFIX_BYTES:
            on_prefix(b"".join(parts)[:PREFIX_BYTES])
            on_prefix = None
    if inflate is not None and not inflate.eof:
        raise BodyBroken
    body = b"".join(parts)
    if on_prefix is not None:
        on_prefix(body[:PREFIX_BYTES])
    return body


def _inflated(inflate: "zlib._Decompress", chunk: bytes, room_bytes: int) -> bytes:
    try:
        decoded = inflate.decompress(chunk, room_bytes + 1)
    except zlib.error as error:
        raise BodyBroken from error
    return decoded
