"""Limits of clients' connections, and the choice of the one that is closed for a new one.

At the most connections, a new one replaces the one that has been idle for longest, or if none is idle, the oldest with
an anonymous request. Where all are busy with callers' requests, a few more are accepted, so that probes are answered;
other requests on them are refused.
"""

import asyncio
import resource
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

_LOG = structlog.get_logger("server.connectionbounds")
_FILES_LOG = structlog.stdlib.get_logger("server.filelimit")
RESERVE: Final = 32
"""Connections over the limit, for probes and refusals."""
_SWEEP_S: Final = 0.5
_OTHER_FILES: Final = 512
"""Connections to clusters and the database, and files."""
_MOST_FILES: Final = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBounds:
    """Limits of connections; each is a setting (docs/settings.md).

    Attributes:
        connections: Open at once.
        head_bytes: The address and the headers of a request together.
        head_timeout_s: From the first byte of a request, or the beginning of a connection, to the end of the headers;
            before that, for TLS.
        body_timeout_s: For the rest of a body after its response was sent.
        idle_timeout_s: Between a response and the next request.
        send_timeout_s: Seconds in which a client must read some of the bytes that wait to be sent.
    """

    connections: int = 2000
    head_bytes: int = 65_536
    head_timeout_s: float = 10.0
    body_timeout_s: float = 10.0
    idle_timeout_s: float = 75.0
    send_timeout_s: float = 120.0


class Bounded(Protocol):
    """A connection."""

    @property
    def is_idle(self) -> bool:
        """Returns whether no request is under way."""
        ...

    @property
    def is_authenticated(self) -> bool:
        """Returns whether the current or last request is a caller's, and not an anonymous client's."""
        ...

    def is_overdue(self, now_s: float) -> bool:
        """Returns whether a timeout is over, by the loop's clock."""
        ...

    def abort(self) -> None:
        """Closes it, and drops unsent data."""
        ...


class OpenConnections:
    """All connections of a server, checked twice a second.

    Each is remembered as idle, as busy with an anonymous request, or with a caller's. It is checked again only when it
    is the first of those that could be replaced, so that a new connection costs the same however many are open.
    """

    def __init__(self, bounds: ConnectionBounds) -> None:
        self.bounds = bounds
        self._idle: OrderedDict[Bounded, None] = OrderedDict()
        self._anonymous: OrderedDict[Bounded, None] = OrderedDict()
        self._authenticated: OrderedDict[Bounded, None] = OrderedDict()
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def is_full(self) -> bool:
        """Returns whether there are more than the limit, so that new ones serve probes only."""
        return self._count > self.bounds.connections

    @property
    def _count(self) -> int:
        return len(self._idle) + len(self._anonymous) + len(self._authenticated)

    def add(self, connection: Bounded) -> bool:
        """Adds a new one. Returns False if there is no place for it, not even for a refusal."""
        if self._count >= self.bounds.connections:
            replaced = self._replaceable()
            if replaced is not None:
                self.remove(replaced)
                replaced.abort()
            elif self._count >= self.bounds.connections + RESERVE:
                return False
        self._idle[connection] = None
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(_SWEEP_S, self._sweep)
        return True

    def _replaceable(self) -> Bounded | None:
        """Returns the connection that has been idle for longest; else the oldest with an anonymous request."""
        while self._idle:
            connection = next(iter(self._idle))
            if connection.is_idle:
                return connection
            del self._idle[connection]
            self._anonymous[connection] = None
        while self._anonymous:
            connection = next(iter(self._anonymous))
            if not connection.is_authenticated:
                return connection
            del self._anonymous[connection]
            self._authenticated[connection] = None
        return None

    def touch(self, connection: Bounded) -> None:
        """Marks one as idle from now on."""
        if self.remove(connection):
            self._idle[connection] = None

    def remove(self, connection: Bounded) -> bool:
        """Removes one that has ended; returns False if it was not open."""
        for group in (self._idle, self._anonymous, self._authenticated):
            if connection in group:
                del group[connection]
                return True
        return False

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeping = loop.call_later(_SWEEP_S, self._sweep) if self._count else None
        for connection in (*self._idle, *self._anonymous, *self._authenticated):
            try:
                self._check(connection, loop.time())
            except Exception:  # noqa: BLE001  a failure must not end the checks
                _LOG.exception("looking after a connection failed")

    def _check(self, connection: Bounded, now_s: float) -> None:
        if connection.is_overdue(now_s):
            connection.abort()
        if connection not in self._idle and connection.is_idle:  # its response was read
            self.touch(connection)


def raise_file_limit(connections: int) -> int:
    """Raises the soft limit of open files to the hard one, and returns the number of connections that fit.

    Logs a warning if not all of them do.

    Args:
        connections: The limit of clients' connections.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft == resource.RLIM_INFINITY or soft >= connections + _OTHER_FILES:
        return connections
    fitting = max(1, soft - _OTHER_FILES)
    _FILES_LOG.warning("few open files allowed", open_files=soft, connections=fitting, wanted_connections=connections)
    return fitting
