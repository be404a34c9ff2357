"""One HTTP request to an API server, for those who watch: it is counted, traced, and noted for the audit.

Who watches adds nothing to a request but a `traceparent`, and sees no header, body or credential of it.
"""

import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Final, Protocol, Self

from k8s.errors import ClusterError, Unauthenticated
from k8s.transport.call import Call

OWN_CREDENTIAL: Final = "stored credential"
"""As `Exchange.identity`: the API server sees whoever the cluster was imported as."""

_AUDIT_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


@dataclass(slots=True)
class Exchange:
    """What became of one request; filled while it is under way.

    Attributes:
        identity: whom the API server sees, in words for an audit.
        traceparent: sent as the header of this name (W3C Trace Context), unless empty.
        status: of the answer, HTTP's; None if there was none.
        audit_id: what the API server calls the request in its own audit log; empty if it does not say.
        body_bytes: of the whole answer, decompressed.
        reason: why there is no usable answer, in one word; empty if there is one.
    """

    cluster: str
    call: Call
    identity: str = OWN_CREDENTIAL
    traceparent: str = ""
    status: int | None = None
    audit_id: str = ""
    body_bytes: int = 0
    reason: str = ""
    seconds: float = 0.0
    started_s: float = field(default_factory=perf_counter)

    def answered(self, status: int, audit_id: str) -> None:
        """The answer has begun."""
        self.status = status
        self.audit_id = audit_id if _AUDIT_ID.fullmatch(audit_id) else ""


class Observer(Protocol):
    """Who watches requests; it must not raise, and must not take long."""

    def began(self, exchange: Exchange) -> None:
        """A request is about to be sent."""
        ...

    def ended(self, exchange: Exchange) -> None:
        """It was answered, failed, or was given up."""
        ...

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """The breaker of a cluster opened or closed (`k8s.resilience.circuitbreaker`)."""
        ...


class Unobserved:
    """Nobody watches."""

    def began(self, exchange: Exchange) -> None:
        """Nothing."""

    def ended(self, exchange: Exchange) -> None:
        """Nothing."""

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """Nothing."""


UNOBSERVED: Final[Observer] = Unobserved()


class Exchanges:
    """Exchanges that were noted in one place and in those inside it, however deep these are in each other.

    They are iterated in the order in which they ended, those of an inner place together. Noting one takes a step, and
    another one for each place that gets its first.
    """

    __slots__ = ("_items", "_parent")

    def __init__(self, parent: "Exchanges | None" = None) -> None:
        """Takes the place outside, which sees what is noted here."""
        self._parent = parent
        self._items: list[Exchange | Exchanges] = []

    def note(self, exchange: Exchange) -> None:
        """Adds one."""
        self._items.append(exchange)
        place = self
        while (parent := place._parent) is not None:  # until there is one that is seen outside already
            place._parent = None
            parent._items.append(place)
            place = parent

    def __iter__(self) -> Iterator[Exchange]:
        iterators = [iter(self._items)]
        while iterators:
            item = next(iterators[-1], None)
            if item is None:
                iterators.pop()
            elif isinstance(item, Exchanges):
                iterators.append(iter(item._items))
            else:
                yield item


_EXCHANGES: Final[ContextVar[Exchanges | None]] = ContextVar("exchanges", default=None)


class exchanges_recorded:  # noqa: N801  it reads as a context manager's function, and is cheaper than one
    """Collects the exchanges that the code inside makes, and the tasks that it starts; those outside see them, too."""

    __slots__ = ("_token",)

    def __enter__(self) -> Exchanges:
        exchanges = Exchanges(_EXCHANGES.get())
        self._token = _EXCHANGES.set(exchanges)
        return exchanges

    def __exit__(self, *_exception: object) -> None:
        _EXCHANGES.reset(self._token)


class ObservedCall:
    """Tells who watches about the requests that one call makes, one after the other; use it as a context manager.

    It stands outside of what translates errors, so that it knows why there was no answer.
    """

    def __init__(self, cluster: str, call: Call, observer: Observer, identity: str = OWN_CREDENTIAL) -> None:
        self._cluster = cluster
        self._call = call
        self._identity = identity
        self._observer = observer
        self._exchange: Exchange | None = None

    def begin(self) -> Exchange:
        """The next request; the one before was refused for its token."""
        self._end(Unauthenticated.reason)
        self._exchange = Exchange(self._cluster, self._call, self._identity)
        self._observer.began(self._exchange)
        return self._exchange

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, ClusterError):
            self._end(error.reason)
        else:
            self._end("" if error is None else "Cancelled")

    def _end(self, reason: str) -> None:
        if self._exchange is None:
            return
        exchange, self._exchange = self._exchange, None
        exchange.reason = reason
        exchange.seconds = perf_counter() - exchange.started_s
        exchanges = _EXCHANGES.get()
        if exchanges is not None:
            exchanges.note(exchange)
        self._observer.ended(exchange)
