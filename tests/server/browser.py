"""A person's browser that opens a page for the first time, then its files, over six connections."""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

_CONNECTIONS = 6
_TIMEOUT_S = 60


@dataclass(slots=True)
class Visit:
    """One page and its files.

    Attributes:
        took_s: Seconds to the last answer.
        statuses: How often each HTTP status came; 0: the connection was cut.
    """

    took_s: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def is_whole(self) -> bool:
        """Returns whether everything was loaded."""
        return set(self.statuses) == {200}


async def visit(port: int, files: Sequence[str], *, page: str = "/", source: str = "127.0.0.1") -> Visit:
    """Opens a page, then all files, on new connections to this machine.

    Args:
        port: Where the server listens.
        files: Paths of the files.
        page: The page's path.
        source: The address of the browser.
    """
    visit, left, started_s = Visit(), deque(files), perf_counter()
    page_is_there = asyncio.Event()

    async def ask(*paths: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        mine = deque(paths)
        try:
            while mine or left:
                status = await _answer(reader, writer, (mine or left).popleft())
                visit.statuses[status] += 1
                page_is_there.set()
                if status == 0:
                    return
        finally:
            page_is_there.set()
            writer.close()

    async def ask_later() -> None:
        await page_is_there.wait()
        await ask()

    async with asyncio.timeout(_TIMEOUT_S):
        await asyncio.gather(ask(page), *(ask_later() for _ in range(_CONNECTIONS - 1)))
    visit.took_s = perf_counter() - started_s
    return visit


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> int:
    writer.write(b"GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n" % path.encode())
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
    except (OSError, asyncio.IncompleteReadError):
        return 0
    return int(head.split(b" ", 2)[1])
