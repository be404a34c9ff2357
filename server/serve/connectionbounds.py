"""What connections of callers may take, before anybody knows whose they are, and which are over it.

Once as many are open as may be, a new one takes the place of the one that has waited for a request for longest, or if
none waits, of the oldest of a stranger. Where all are busy with callers' requests, a few more are accepted, so that
probes are answered; whatever else they ask is refused.
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
"""Connections beyond the most, for probes and refusals."""
_SWEEP_S: Final = 0.5
_OTHER_FILES: Final = 512
"""Connections to clusters and the database, and files."""
_MOST_FILES: Final = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBounds:
    """Bounds of connections; each is a setting (docs/settings.md).

    Attributes:
        connections: open at once.
        head_bytes: the address and the headers of a request together.
        head_timeout_s: from the first byte of a request, or the beginning of a connection, to the end of the headers;
            before that, for TLS.
        body_timeout_s: what is left of a body when the answer was sent is not waited for longer than this.
        idle_timeout_s: between an answer and the next request.
        send_timeout_s: in which a caller must take something of what waits to be sent.
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
        """Whether no request is being answered on it."""
        ...

    @property
    def is_authenticated(self) -> bool:
        """Whether the request that is answered, or was last, is a caller's, and not a stranger's."""
        ...

    def is_overdue(self, now_s: float) -> bool:
        """Whether it takes longer than it may, by the loop's clock."""
        ...

    def abort(self) -> None:
        """Ends it, and forgets what was to be sent."""
        ...


class OpenConnections:
    """All of a server; looked through twice a second.

    Each was found to wait, to be busy with a stranger's request, or with a caller's; it is asked anew only when it is
    the first of those that could give way, so that a new connection costs the same however many are open.
    """

    def __init__(self, bounds: ConnectionBounds) -> None:
        self.bounds = bounds
        self._idle: OrderedDict[Bounded, None] = OrderedDict()
        self._anonymous: OrderedDict[Bounded, None] = OrderedDict()
        self._authenticated: OrderedDict[Bounded, None] = OrderedDict()
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def is_full(self) -> bool:
        """Whether there are more than there may be, so that only probes are answered on those that come."""
        return self._count > self.bounds.connections

    @property
    def _count(self) -> int:
        return len(self._idle) + len(self._anonymous) + len(self._authenticated)

    def add(self, connection: Bounded) -> bool:
        """Takes a new one in; False if there is no place for it, not even to refuse what it asks."""
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
        """The connection that waits longest; else the oldest that is busy with a stranger's request."""
        while self._idle:
            each = next(iter(self._idle))
            if each.is_idle:
                return each
            del self._idle[each]
            self._anonymous[each] = None
        while self._anonymous:
            each = next(iter(self._anonymous))
            if not each.is_authenticated:
                return each
            del self._anonymous[each]
            self._authenticated[each] = None
        return None

    def touch(self, connection: Bounded) -> None:
        """Notes that it waits anew."""
        if self.remove(connection):
            self._idle[connection] = None

    def remove(self, connection: Bounded) -> bool:
        """Forgets one that has ended; False if it was not open."""
        for each in (self._idle, self._anonymous, self._authenticated):
            if connection in each:
                del each[connection]
                return True
        return False

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeping = loop.call_later(_SWEEP_S, self._sweep) if self._count else None
        for each in (*self._idle, *self._anonymous, *self._authenticated):
            try:
                self._look(each, loop.time())
            except Exception:  # noqa: BLE001  one that fails must not be the last that is looked at
                _LOG.exception("looking after a connection failed")

    def _look(self, connection: Bounded, now_s: float) -> None:
        if connection.is_overdue(now_s):
            connection.abort()
        if connection not in self._idle and connection.is_idle:  # its answer was taken
            self.touch(connection)


def raise_file_limit(connections: int) -> int:
    """Raises the soft limit of open files to the hard one; returns how many connections fit, and warns if not all do.

    Args:
        connections: of callers, that there may be.
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
