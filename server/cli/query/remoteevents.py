"""Server-Sent Events that a server sends, as `graphql-sse` has them: one payload in each event `next`.

Source: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from server.commanderrors import RemoteError

EVENT_STREAM: Final = "text/event-stream"
_MOST_LINE_BYTES: Final = 64 * 1024 * 1024


async def next_payloads(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yields the data of each event `next` until the event `complete`.

    Raises:
        RemoteError: A line is too large, or the stream ends without `complete`.
    """
    name, data = b"", list[bytes]()
    async for line in _lines(chunks):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if name == b"complete":
                return
            if name == b"next" and data:
                yield b"\n".join(data)
            name, data = b"", []
        elif field == b"event":
            name = value
        elif field == b"data":
            data.append(value)
    raise RemoteError("The server has ended the connection; the list is asked for again.")


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yields the lines of a stream, without their ends."""
    begun = bytearray()
    async for chunk in chunks:
        begun += chunk
        *lines, rest = begun.split(b"\n")
        begun = bytearray(rest)
        for line in lines:
            yield bytes(line).removesuffix(b"\r")
        if len(begun) > _MOST_LINE_BYTES:
            raise RemoteError(f"The server sends a payload of more than {_MOST_LINE_BYTES} bytes. Select fewer fields.")
