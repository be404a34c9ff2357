"""What connections of callers may take, before anybody knows whose they are, and which are over it.

Once as many are open as may be, a new one takes the place of the one that has waited for a request for longest, or if
none waits, of the oldest of a stranger. Where all are busy with callers' requests, a few more are accepted, so that
probes are answered; whatever else they ask is refused.
"""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

RESERVE: Final = 32
"""Connections beyond the most, for probes and refusals."""
_SWEEP_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBounds:
    """Bounds of connections; each is a setting (docs/settings.md).

    Attributes:
        connections: open at once.
        head_bytes: the address and the headers of a request together.
        head_timeout_s: from the first byte of a request, or the beginning of a connection, to the end of the headers.
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
    def is_waiting(self) -> bool:
        """Whether no request is being answered on it."""
        ...

    @property
    def is_known(self) -> bool:
        """Whether the request that is answered, or was last, is a caller's, and not a stranger's."""
        ...

    def is_overdue(self, now_s: float) -> bool:
        """Whether it takes longer than it may, by the loop's clock."""
        ...

    def abort(self) -> None:
        """Ends it, and forgets what was to be sent."""
        ...


class OpenConnections:
    """All of a server; looked through twice a second."""

    def __init__(self, bounds: ConnectionBounds) -> None:
        self.bounds = bounds
        self._open: dict[Bounded, None] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def is_full(self) -> bool:
        """Whether there are more than there may be, so that only probes are answered on those that come."""
        return len(self._open) > self.bounds.connections

    def add(self, connection: Bounded) -> bool:
        """Takes a new one in; False if there is no place for it, not even to refuse what it asks."""
        if len(self._open) >= self.bounds.connections:
            replaced = self._replaceable()
            if replaced is not None:
                self.remove(replaced)
                replaced.abort()
            elif len(self._open) >= self.bounds.connections + RESERVE:
                return False
        self._open[connection] = None
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(_SWEEP_S, self._sweep)
        return True

    def _replaceable(self) -> Bounded | None:
        """The connection that waits longest; else the oldest that is busy with a stranger's request."""
        strange = None
        for each in self._open:
            if each.is_waiting:
                return each
            if strange is None and not each.is_known:
                strange = each
        return strange

    def touch(self, connection: Bounded) -> None:
        """Notes that it waits anew."""
        if connection in self._open:
            del self._open[connection]
            self._open[connection] = None

    def remove(self, connection: Bounded) -> None:
        """Forgets one that has ended."""
        self._open.pop(connection, None)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for each in [each for each in self._open if each.is_overdue(loop.time())]:
            each.abort()
        self._sweeping = loop.call_later(_SWEEP_S, self._sweep) if self._open else None
