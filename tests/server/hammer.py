"""An anonymous client with many connections, in a process of its own: each repeats a request.

Run as `python hammer.py PORT CONNECTIONS SECONDS BYTES_READ_AT_ONCE REQUESTS`; standard input holds the request, in
which `%NUMBER%` becomes another hexadecimal number of 12 digits each time. After so many requests a connection is
replaced by a new one. Prints the number of responses.
"""

import asyncio
import itertools
import re
import sys
from collections.abc import Iterator
from contextlib import suppress

_NUMBERS: Iterator[int] = itertools.count(1)


async def _repeat(port: int, request: bytes, chunk_bytes: int, requests: int, answers: list[int]) -> None:
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=65_536)
            try:
                for _ in range(requests):
                    writer.write(request.replace(b"%NUMBER%", b"%012x" % next(_NUMBERS)))
                    await _read(reader, chunk_bytes)
                    answers[0] += 1
            finally:
                writer.close()
        await asyncio.sleep(0)


async def _read(reader: asyncio.StreamReader, chunk_bytes: int) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    left = int(length[1]) if length else 0
    while left > 0:
        left -= len(await reader.readexactly(min(left, chunk_bytes)))
        if chunk_bytes < 65_536:
            await asyncio.sleep(0.05)


async def _main(port: int, connections: int, seconds: float, chunk_bytes: int, requests: int, request: bytes) -> None:
    answers = [0]
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            repeating = (_repeat(port, request, chunk_bytes, requests, answers) for _ in range(connections))
            await asyncio.gather(*repeating)
    print(answers[0])


if __name__ == "__main__":
    _port, _connections, _seconds, _chunk_bytes, _requests = sys.argv[1:]
    asyncio.run(
        _main(
            int(_port),
            int(_connections),
            float(_seconds),
            int(_chunk_bytes),
            int(_requests),
            sys.stdin.buffer.read(),
        )
    )
