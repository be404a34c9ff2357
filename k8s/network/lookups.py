"""Lookups of host names, in threads of their own: names that nobody answers for keep nothing else waiting.

The system's resolver may block for half a minute. There is one lookup of each name at a time, for all who ask. However
many names hang, some threads are left for names that were answered last time, and some for those that were not looked
up yet.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from enum import IntEnum
from threading import Lock
from time import monotonic
from typing import Any, Final

from aiohttp.abc import ResolveResult

_THREADS: Final = 128
"""As many names are looked up at once; a thread begins with the first lookup that needs it."""
_SLOW_S: Final = 1.0
"""A lookup that fails after longer hung; a name that is not known fails at once."""
_MOST_REMEMBERED: Final = 10_000

_Found = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]
_Key = tuple[str, int, int]


class _Past(IntEnum):
    """What became of the last lookup of a name; those with less trouble go first."""

    ANSWERED = 0
    UNKNOWN = 1
    HUNG = 2


class Lookups:
    """Those under way."""

    def __init__(self, look_up: Callable[..., Any] = socket.getaddrinfo, *, threads: int = _THREADS) -> None:
        """Takes what looks a name up, and for how many at once.

        Of the threads half are for names that hung, a quarter more for names that nothing is known of, and all for
        names that were answered.
        """
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lookup")
        self._most = {_Past.ANSWERED: threads, _Past.UNKNOWN: threads * 3 // 4, _Past.HUNG: threads // 2}
        self._lock = Lock()
        self._pasts: dict[str, _Past] = {}
        self._under_way: dict[_Key, Future[_Found]] = {}
        self._waiting: dict[_Past, deque[_Key]] = {past: deque() for past in _Past}
        self._running = dict.fromkeys(_Past, 0)

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
        with self._lock:
            lookup = self._under_way.get(key)
            if lookup is None:
                lookup = self._under_way[key] = Future()
                self._waiting[self._pasts.get(host, _Past.UNKNOWN)].append(key)
                self._start()
        return lookup

    def _start(self) -> None:
        """Starts those that wait and may begin; names with more trouble leave threads to those with less."""
        for past, waiting in self._waiting.items():
            while waiting and sum(self._running[each] for each in _Past if each >= past) < self._most[past]:
                if sum(self._running.values()) >= self._most[_Past.ANSWERED]:
                    return
                self._running[past] += 1
                self._threads.submit(self._run, waiting.popleft(), past)

    def _run(self, key: _Key, past: _Past) -> None:
        (host, port, family), began_s = key, monotonic()
        failure: BaseException | None = None
        found: _Found = []
        try:
            found = self._look_up(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            became = _Past.ANSWERED
        except BaseException as error:  # noqa: BLE001  raised where it is waited for
            failure, became = error, _Past.HUNG if monotonic() - began_s > _SLOW_S else _Past.UNKNOWN
        with self._lock:
            self._running[past] -= 1
            self._remember(host, became)
            lookup = self._under_way.pop(key)
            self._start()
        if failure is not None:
            lookup.set_exception(failure)
        else:
            lookup.set_result(found)

    def _remember(self, host: str, past: _Past) -> None:
        self._pasts.pop(host, None)
        self._pasts[host] = past
        if len(self._pasts) > _MOST_REMEMBERED:
            del self._pasts[next(iter(self._pasts))]


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
