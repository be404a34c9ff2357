"""Lookups of host names in threads of their own, so that names that time out delay no others.

The system's resolver may block for half a minute. Concurrent requests share one lookup of a name. However many names
hang, some threads are left for names with an answer before, and some for new names.
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
"""The number of concurrent lookups. A thread starts with the first lookup that needs it."""
_SLOW_S: Final = 1.0
"""A lookup that fails after more seconds counts as hung; unknown names fail at once."""
_MOST_REMEMBERED: Final = 10_000

_AddressInfos = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]
_Key = tuple[str, int, int]


class _Outcome(IntEnum):
    """The result of the last lookup of a name; names with a better one go first."""

    ANSWERED = 0
    UNKNOWN = 1
    HUNG = 2


class Lookups:
    """The lookups in progress."""

    def __init__(self, look_up: Callable[..., Any] = socket.getaddrinfo, *, threads: int = _THREADS) -> None:
        """Takes the function for a lookup, and the number of threads.

        Half of the threads are for names that hung, a quarter more for new names, and all for names with an answer
        before.
        """
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lookup")
        self._most = {_Outcome.ANSWERED: threads, _Outcome.UNKNOWN: threads * 3 // 4, _Outcome.HUNG: threads // 2}
        self._lock = Lock()
        self._outcomes: dict[str, _Outcome] = {}
        self._under_way: dict[_Key, Future[_AddressInfos]] = {}
        self._waiting: dict[_Outcome, deque[_Key]] = {outcome: deque() for outcome in _Outcome}
        self._running = dict.fromkeys(_Outcome, 0)

    async def addresses(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        """Returns the addresses of a name; raises OSError if there are none."""
        lookup = self._lookup(host, port, family)
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()

        def notify(_lookup: "Future[_AddressInfos]") -> None:
            with suppress(RuntimeError):  # the loop is closed, so no caller waits
                loop.call_soon_threadsafe(_wake, waiting)

        lookup.add_done_callback(notify)
        await waiting
        return [_address(host, family, protocol, address) for family, _, protocol, _, address in lookup.result()]

    def _lookup(self, host: str, port: int, family: socket.AddressFamily) -> "Future[_AddressInfos]":
        key = host, port, int(family)
        with self._lock:
            lookup = self._under_way.get(key)
            if lookup is None:
                lookup = self._under_way[key] = Future()
                self._waiting[self._outcomes.get(host, _Outcome.UNKNOWN)].append(key)
                self._start()
        return lookup

    def _start(self) -> None:
        """Starts waiting lookups; names with a worse result leave threads to those with a better one."""
        for outcome, waiting in self._waiting.items():
            while waiting and sum(self._running[other] for other in _Outcome if other >= outcome) < self._most[outcome]:
                if sum(self._running.values()) >= self._most[_Outcome.ANSWERED]:
                    return
                self._running[outcome] += 1
                self._threads.submit(self._run, waiting.popleft(), outcome)

    def _run(self, key: _Key, outcome: _Outcome) -> None:
        (host, port, family), began_s = key, monotonic()
        failure: BaseException | None = None
        infos: _AddressInfos = []
        try:
            infos = self._look_up(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            new_outcome = _Outcome.ANSWERED
        except BaseException as error:  # noqa: BLE001  raised where it is waited for
            failure, new_outcome = error, _Outcome.HUNG if monotonic() - began_s > _SLOW_S else _Outcome.UNKNOWN
        with self._lock:
            self._running[outcome] -= 1
            self._remember(host, new_outcome)
            lookup = self._under_way.pop(key)
            self._start()
        if failure is not None:
            lookup.set_exception(failure)
        else:
            lookup.set_result(infos)

    def _remember(self, host: str, outcome: _Outcome) -> None:
        self._outcomes.pop(host, None)
        self._outcomes[host] = outcome
        if len(self._outcomes) > _MOST_REMEMBERED:
            del self._outcomes[next(iter(self._outcomes))]


LOOKUPS: Final = Lookups()
"""The lookups of the process."""


def _address(host: str, family: socket.AddressFamily, protocol: int, socket_address: tuple[Any, ...]) -> ResolveResult:
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    address, port = str(socket_address[0]), int(socket_address[1])
    if family == socket.AF_INET6 and socket_address[3]:  # a link-local address needs the name of its interface
        address, _ = socket.getnameinfo(socket_address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=protocol, flags=numeric)


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)
