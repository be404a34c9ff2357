"""A TLS server on loopback between fleetgraph and a real API server, which misbehaves on demand.

It runs in a thread with an event loop of its own. So it serves tests of every sort: asynchronous ones, command lines
that run a loop themselves, child processes.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

from tests.controlplane.certificates import CertificateAuthority, ServerCertificate
from tests.controlplane.cluster import Cluster
from tests.controlplane.exchange import Exchange
from tests.controlplane.faults import Fault, HangHandshake, Refuse, RequestFault
from tests.controlplane.message import HEAD_LIMIT_BYTES, Head
from tests.controlplane.ports import Ports
from tests.controlplane.rules import FaultRules

_BACKLOG = 256
_HANDSHAKE_TIMEOUT_S = 30.0

T = TypeVar("T")


@dataclass(frozen=True)
class ProxiedRequest:
    """A request as sent on the wire; `at_s` is on the monotonic clock."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    at_s: float

    def header(self, name: str) -> str | None:
        """Returns the first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)


class FaultProxy:
    """A proxy that forwards HTTP/1.1 (upgrades, watches and gzip included) to `target`, except for faults."""

    def __init__(
        self, target: Cluster, authority: CertificateAuthority, certificate: ServerCertificate | None = None
    ) -> None:
        """Prepares a proxy before `target`; `certificate` defaults to a valid one of `authority`."""
        self.requests: list[ProxiedRequest] = []
        self.connections = 0
        self.handshakes = 0
        self._target = target
        self._target_address = urlsplit(target.server).hostname or "", urlsplit(target.server).port or 443
        self._target_context = target.ssl_context()
        self._certificate = certificate or authority.issue()
        self._server_context = self._certificate.server_context()
        self._fault: Fault | None = None
        self._rules = FaultRules()
        self._serving: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        """Listens on a free port."""
        self._thread.start()
        self.port = Ports().take()  # no client of this machine takes it meanwhile
        self._run(self._set_fault(None))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Closes everything; connections are reset."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """Returns the address to use in place of the target's."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def cluster(self) -> Cluster:
        """Returns the target as seen through this proxy."""
        return replace(self._target, name=f"{self._target.name}-proxied", server=self.url)

    @property
    def open_connections(self) -> int:
        """Returns the number of open connections of clients."""
        return len(self._serving)

    @property
    def fault(self) -> Fault | None:
        """Returns the fault of every request that no rule of `when` matches."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._run(self._set_fault(fault))

    @property
    def certificate(self) -> ServerCertificate:
        """Returns the certificate that clients see."""
        return self._certificate

    @certificate.setter
    def certificate(self, certificate: ServerCertificate) -> None:
        """Sets another certificate for new connections."""
        self._certificate, self._server_context = certificate, certificate.server_context()

    def when(self, path_prefix: str, fault: RequestFault, *, times: int | None = None) -> None:
        """Applies `fault` to requests whose raw path begins so, the next `times` of them or always.

        The first matching rule wins, and rules come before `fault`.
        """
        self._rules.add(path_prefix, fault, times=times)

    def clear(self) -> None:
        """Removes all faults and rules."""
        self._rules.clear()
        self.fault = None

    def drop_connections(self) -> None:
        """Resets every open connection, idle ones included."""
        self._run(self._drop())

    async def turn(self) -> None:
        """Waits for a turn of its event loop, as a measure of time for what happens there."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop))

    def wait_until_closed(self, timeout_s: float = 60.0) -> None:
        """Waits until clients have closed all their connections.

        Raises:
            TimeoutError: Some are still open.
        """
        deadline = time.monotonic() + timeout_s
        while self._serving:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self._serving)} connections are still open after {timeout_s} s")
            time.sleep(0.005)

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)
        self._loop.add_reader(listener, self._accept, listener)
        self._listener = listener

    def _accept(self, listener: socket.socket) -> None:
        """Accepts a connection that waits; it is closed even if its task ends before it begins."""
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # the client has gone
        connection.setblocking(False)
        self.connections += 1
        task = asyncio.ensure_future(self._serve(connection))
        self._serving.add(task)
        task.add_done_callback(lambda _task: connection.close())
        task.add_done_callback(self._serving.discard)

    async def _set_fault(self, fault: Fault | None) -> None:
        self._fault = fault
        if isinstance(fault, Refuse):
            self._stop_listening()
        elif self._listener is None:
            self._listen()
        if isinstance(fault, Refuse | HangHandshake):
            await self._drop()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    async def _drop(self) -> None:
        await _cancel(*self._serving)

    async def _close(self) -> None:
        self._stop_listening()
        await self._drop()

    async def _serve(self, connection: socket.socket) -> None:
        """Serves one connection until either side ends; a client that disconnects cancels its upstream request."""
        try:
            if isinstance(self._fault, HangHandshake):
                await _swallow(self._loop, connection)
            else:
                await self._serve_tls(connection)
        except (OSError, asyncio.IncompleteReadError):
            pass  # disconnecting peers are the purpose of faults

    async def _serve_tls(self, connection: socket.socket) -> None:
        reader, writer = await _accept_tls(self._loop, connection, context=self._server_context)
        self.handshakes += 1
        served = asyncio.ensure_future(self._serve_requests(reader, writer))
        closed = asyncio.ensure_future(writer.wait_closed())
        try:
            await asyncio.wait((served, closed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancel(served, closed)
            writer.transport.abort()
        if not served.cancelled():
            served.result()

    async def _serve_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with Exchange(reader, writer, address=self._target_address, context=self._target_context) as exchange:
            while (head := await Head.read(reader)) and await exchange.handle(head, self._record(head)):
                pass

    def _record(self, head: Head) -> RequestFault | None:
        method, path, _ = head.start.split(" ", 2)
        self.requests.append(ProxiedRequest(method, path, head.headers, time.monotonic()))
        fault = self._rules.take(path) or self._fault
        return None if isinstance(fault, Refuse | HangHandshake) else fault


async def _accept_tls(
    loop: asyncio.AbstractEventLoop, connection: socket.socket, *, context: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Answers the handshake on an accepted socket; unlike `start_tls` it loses no data that came before."""
    reader = asyncio.StreamReader(HEAD_LIMIT_BYTES, loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol, connection, ssl=context, ssl_handshake_timeout=_HANDSHAKE_TIMEOUT_S
    )
    transport.set_write_buffer_limits(high=1)  # drained data is in the kernel, and a reset comes after it
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _swallow(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
    while await loop.sock_recv(connection, HEAD_LIMIT_BYTES):
        pass


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
