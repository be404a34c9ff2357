"""Lookups of host names, in threads of their own: names that nobody answers for keep nothing else waiting.

The system's resolver may block for half a minute. There is one lookup of each name at a time, for all who ask.
"""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from aiohttp.abc import ResolveResult

_THREADS: Final = 32
"""As many names may hang at once; a thread begins with the first lookup that needs it."""

_Found = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]


class Lookups:
    """Those under way."""

    def __init__(self, look_up: Callable[..., Any] = socket.getaddrinfo, *, threads: int = _THREADS) -> None:
        """Takes what looks a name up, and for how many at once."""
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lookup")
        self._under_way: dict[tuple[str, int, int], Future[_Found]] = {}

    async def addresses(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        """The addresses of a name; OSError if there are none."""
        lookup = self._lookup(host, port, family)
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()

        def tell(_lookup: "Future[_Found]") -> None:
            with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
                loop.call_soon_threadsafe(_let_go, waiting)

        lookup.add_done_callback(tell)
        await waiting
        return [_address(host, family, protocol, found) for family, _, protocol, _, found in lookup.result()]

    def _lookup(self, host: str, port: int, family: socket.AddressFamily) -> "Future[_Found]":
        key = host, port, int(family)
        lookup = self._under_way.get(key)
        if lookup is None:
            lookup = self._threads.submit(
                self._look_up, host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )
            self._under_way[key] = lookup
            lookup.add_done_callback(lambda _lookup: self._under_way.pop(key, None))
        return lookup


LOOKUPS: Final = Lookups()
"""Those of the process."""


def _address(host: str, family: socket.AddressFamily, protocol: int, found: tuple[Any, ...]) -> ResolveResult:
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    address, port = str(found[0]), int(found[1])
    if family == socket.AF_INET6 and found[3]:  # link-local: it needs the name of the interface
        address, _ = socket.getnameinfo(found, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=protocol, flags=numeric)


def _let_go(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)
