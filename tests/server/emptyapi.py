"""API servers of clusters without pods, as a process of its own: each is a path below one address.

`python -m tests.server.emptyapi CERTIFICATE KEY` prints its port, and serves until its input ends.
"""

import asyncio
from typing import Final

from tests.server.apiserver import main

_LIST: Final = b'{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[]}'
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readuntil(b"\r\n\r\n"):
        writer.write(_ANSWER % (len(_LIST), _LIST))
        await writer.drain()


if __name__ == "__main__":
    main(_serve)
