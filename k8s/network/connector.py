"""TCP connections to a cluster: names are resolved, and sockets opened, only as the address policy allows."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias, cast

from aiohttp import ClientConnectorError, ClientRequest, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import AddrInfoType, Connection
from aiohttp.tracing import Trace

from k8s.network.addresses import AddressPolicy, AddressRefused
from k8s.network.httpprotocol import HttpProtocol
from k8s.network.lookups import LOOKUPS
from k8s.network.tlspieces import PreTlsBuffer, in_pieces
from k8s.transport.exchangeprogress import Stage, stage_begins
from k8s.transport.limits import ConnectionLimits

_KEPT_S = 60

OpenTls: TypeAlias = Callable[[], Awaitable[ssl.SSLContext]]
"""Returns the context of the next connection: it may change, for example with the authorities of the system."""


_PROBES: Final = tuple(
    (getattr(socket, option), value)
    for option, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
    if hasattr(socket, option)  # not on every system
)
"""Probes of the kernel after 20 silent seconds: a peer that is gone without a word is found within 50 seconds."""


class AllowedAddresses(AbstractResolver):
    """Resolves a name to its allowed addresses, so that denied ones cost no attempt.

    Attributes:
        opened: Opens a socket for an address, if it is allowed.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self.opened = partial(_opened, policy)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Returns the allowed addresses of a name; raises AddressRefused if all are denied."""
        allowed: list[ResolveResult] = []
        refusal: AddressRefused | None = None
        for address in await LOOKUPS.addresses(host, port, family):
            try:
                self._policy.require(address["host"])
            except AddressRefused as error:
                refusal = error
            else:
                allowed.append(address)
        if refusal is not None and not allowed:
            raise refusal
        return allowed

    async def close(self) -> None:
        """Does nothing: there is nothing to close."""


def _opened(policy: AddressPolicy, info: AddrInfoType) -> socket.socket:
    """Opens a socket for exactly the address that was checked.

    So neither a name that resolves differently a moment later nor a literal address bypasses the policy.
    """
    family, kind, protocol, _, address = info
    policy.require(str(address[0]))
    opened = socket.socket(family=family, type=kind, proto=protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _PROBES:
        opened.setsockopt(socket.IPPROTO_TCP, option, value)
    return opened


@lru_cache(maxsize=16)
def _allowed(policy: AddressPolicy) -> AllowedAddresses:
    """Returns the one resolver of a policy for all API servers; it stores nothing of them."""
    return AllowedAddresses(policy)


class _Connector(TCPConnector):
    """Makes connections that decrypt and parse for a few milliseconds at a time.

    The stages are recorded in `k8s.transport.exchangeprogress`.

    A connection outlives the request that it was made for. Sockets and timers keep the context in which they are
    created, and with it all objects of the request. So they are created in a context of their own.
    """

    def __init__(self, tls: OpenTls, on_certificate: Callable[[bytes], None], **options: Any) -> None:
        super().__init__(**options)
        self._open_tls = tls
        self._on_certificate = on_certificate
        self._factory = cast("partial[ResponseHandler]", HttpProtocol)

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109  aiohttp's
    ) -> Connection:
        """Returns a connection for a request: an idle one, or a new one as soon as the limit allows."""
        stage_begins(Stage.PREPARING)
        connection = await super().connect(req, traces, timeout)
        stage_begins(Stage.ANSWERING)
        return connection

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109  aiohttp's
    ) -> ResponseHandler:
        if req.is_ssl() or req.proxy is not None:  # also for TLS to the proxy itself
            self._ssl = await self._open_tls()
        stage_begins(Stage.CONNECTING)
        protocols: list[ResponseHandler] = []
        connecting_task = asyncio.create_task(
            _collected(partial(super()._create_connection, req, traces, timeout), protocols), context=Context()
        )
        try:
            await connecting_task
        except asyncio.CancelledError:
            connecting_task.add_done_callback(lambda _: _close_all(protocols))
            raise
        (protocol,) = protocols
        if (certificate := await _certificate_of(protocol)) is not None:
            self._on_certificate(certificate)
        return protocol

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: list[AddrInfoType],
        req: ClientRequest,
        timeout: ClientTimeout,  # noqa: ASYNC109  aiohttp's
        client_error: type[Exception] = ClientConnectorError,
        **kwargs: Any,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Connects by TCP and then starts TLS, as behind a proxy."""
        connecting = partial(
            super()._wrap_create_connection, addr_infos=addr_infos, req=req, timeout=timeout, client_error=client_error
        )
        if kwargs.pop("ssl", None) is None:
            return await connecting(*args, **kwargs)
        req.server_hostname = kwargs.pop("server_hostname")  # without the trailing dot of a name
        socket, _ = await connecting(PreTlsBuffer, *args[1:], **kwargs)
        if socket.is_closing():
            raise client_error(req.connection_key, ConnectionResetError())
        ssl_object, protocol = await self._start_tls_connection(socket, req, timeout, client_error)
        return cast("asyncio.Transport", ssl_object), protocol

    async def _start_tls_connection(
        self,
        underlying_transport: asyncio.Transport,
        req: ClientRequest,
        timeout: ClientTimeout,  # noqa: ASYNC109  aiohttp's
        client_error: type[Exception] = ClientConnectorError,
    ) -> tuple[asyncio.BaseTransport, ResponseHandler]:
        """Starts TLS whose input arrives in small pieces (`k8s.network.tlspieces`)."""
        before = underlying_transport.get_protocol()
        arrived = before.data if isinstance(before, PreTlsBuffer) else b""
        pieces = in_pieces(underlying_transport, req.url.raw_host or "", arrived)
        ssl_object, protocol = await super()._start_tls_connection(underlying_transport, req, timeout, client_error)
        pieces.agree(ssl_object)
        return ssl_object, protocol

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        release = partial(super()._release, key, protocol, should_close=should_close)
        Context().run(release)  # it may start the timer that closes idle connections


async def _certificate_of(protocol: ResponseHandler) -> bytes | None:
    """Returns the server's certificate; None without TLS.

    Raises:
        ClientError: The server ended the connection with an alert, which TLS 1.3 allows after our end of the handshake.
        OSError: The connection was reset then.
    """
    ssl_object = protocol.transport.get_extra_info("ssl_object") if protocol.transport is not None else None
    try:
        return ssl_object.getpeercert(binary_form=True) if ssl_object is not None else None
    except ValueError:  # the TLS library has undone the handshake, and the protocol is about to hear why
        if (closed := protocol.closed) is not None:
            await closed
        raise (protocol.exception() or ConnectionResetError()) from None


def _close_all(protocols: list[ResponseHandler]) -> None:
    for protocol in protocols:
        protocol.close()


async def _collected(connect: Callable[[], Awaitable[ResponseHandler]], protocols: list[ResponseHandler]) -> None:
    """Adds a connection to the list at once: the result of a cancelled task is lost, and would stay open."""
    protocols.append(await connect())


def connector(tls: OpenTls, limits: ConnectionLimits, *, on_certificate: Callable[[bytes], None]) -> TCPConnector:
    """Returns a connector for one API server.

    `tls` is called before each new connection. `on_certificate` is called with the server's certificate (DER) after
    each handshake, once it was verified.
    """
    allowed = _allowed(limits.addresses)
    return _Connector(
        tls,
        on_certificate,
        limit=limits.connections,
        keepalive_timeout=_KEPT_S,
        resolver=allowed,
        socket_factory=allowed.opened,
    )
