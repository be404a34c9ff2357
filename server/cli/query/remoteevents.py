"""Server-Sent Events that a server sends, as `graphql-sse` has them: one payload in each event `next`.

Source: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from server.commanderrors import RemoteError, RemoteRefusal

EVENT_STREAM: Final = "text/event-stream"
_MOST_PAYLOAD_BYTES: Final = 64 * 1024 * 1024


async def next_payloads(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yields the data of each event `next` until the event `complete`.

    Raises:
        RemoteRefusal: A payload is too large.
        RemoteError: The stream ends without `complete`.
    """
    name, data = b"", bytearray()
    async for line in _lines(chunks):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if name == b"complete":
                return
            if name == b"next" and data:
                yield bytes(data[:-1])
            name, data = b"", bytearray()
        elif field == b"event":
            name = value
        elif field == b"data":
            data += value + b"\n"
            _check(data)
    raise RemoteError("The server has ended the connection.")


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yields the lines of a stream, without their ends; each byte is looked at once, since payloads are large lines."""
    begun = bytearray()
    async for chunk in chunks:
        piece, *others = chunk.split(b"\n")
        begun += piece
        for other in others:
            yield bytes(begun).removesuffix(b"\r")
            begun = bytearray(other)
        _check(begun)


def _check(begun: bytearray) -> None:
    if len(begun) > _MOST_PAYLOAD_BYTES:
        raise RemoteRefusal(
            f"The server sends a payload of more than {_MOST_PAYLOAD_BYTES} bytes, which is the limit. "
            "Select fewer fields, or fewer objects."
        )
