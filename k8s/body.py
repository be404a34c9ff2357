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
    body = bytearray()
    inflate = zlib.decompressobj(wbits=31) if gzip else None
    async for chunk in chunks:
        body += chunk if inflate is None else _inflated(inflate, chunk, limit_bytes - len(body))
        if len(body) > limit_bytes:
            raise BodyTooLarge
        if on_prefix is not None and len(body) >= PREFIX_BYTES:
            on_prefix(bytes(body[:PREFIX_BYTES]))
            on_prefix = None
    if inflate is not None and not inflate.eof:
        raise BodyBroken
    if on_prefix is not None:
        on_prefix(bytes(body[:PREFIX_BYTES]))
    return bytes(body)


def _inflated(inflate: "zlib._Decompress", chunk: bytes, room_bytes: int) -> bytes:
    try:
        decoded = inflate.decompress(chunk, room_bytes + 1)
    except zlib.error as error:
        raise BodyBroken from error
    return decoded
