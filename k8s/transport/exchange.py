"""One HTTP request to an API server as its observers see it: counted, traced and noted for the audit.

An observer adds nothing to a request but a `traceparent`, and sees no header, body or credential of it.
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
"""The value of `Exchange.identity` for requests with the credential that the cluster was imported with."""

_AUDIT_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


@dataclass(slots=True)
class Exchange:
    """The result of one request, filled in while it is in progress.

    Attributes:
        identity: The user that the API server sees, in the words of an audit.
        traceparent: The header of this name (W3C Trace Context); not sent if empty.
        status: The HTTP status of the answer; None without one.
        audit_id: The request's id in the API server's own audit log; empty if the server sends none.
        body_bytes: The size of the whole answer, decompressed.
        reason: The reason of a failure, in one word; empty after a success.
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
        """Records the head of the answer."""
        self.status = status
        self.audit_id = audit_id if _AUDIT_ID.fullmatch(audit_id) else ""


class Observer(Protocol):
    """An observer of requests; it must not raise, and must not take long."""

    def began(self, exchange: Exchange) -> None:
        """Observes a request that is about to be sent."""
        ...

    def ended(self, exchange: Exchange) -> None:
        """Observes the answer, failure or cancellation of a request."""
        ...

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """Observes that the circuit breaker of a cluster opened or closed (`k8s.resilience.resilience`)."""
        ...


class Unobserved:
    """An observer that does nothing."""

    def began(self, exchange: Exchange) -> None:
        """Does nothing."""

    def ended(self, exchange: Exchange) -> None:
        """Does nothing."""

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """Does nothing."""


UNOBSERVED: Final[Observer] = Unobserved()


class Exchanges:
    """Exchanges that were recorded in a context and in those inside it, however deeply nested.

    They are iterated in the order in which they ended, with those of an inner context together. Recording one takes a
    step, and another one for each context that gets its first.
    """

    __slots__ = ("_items", "_parent")

    def __init__(self, parent: "Exchanges | None" = None) -> None:
        """Takes the outer context, which sees all exchanges of this one."""
        self._parent = parent
        self._items: list[Exchange | Exchanges] = []

    def note(self, exchange: Exchange) -> None:
        """Adds an exchange."""
        self._items.append(exchange)
        place = self
        while (parent := place._parent) is not None:  # up to a context that its parent holds already
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
    """Records the exchanges of the code inside and of the tasks that it starts; outer contexts see them as well."""

    __slots__ = ("_token",)

    def __enter__(self) -> Exchanges:
        exchanges = Exchanges(_EXCHANGES.get())
        self._token = _EXCHANGES.set(exchanges)
        return exchanges

    def __exit__(self, *_exception: object) -> None:
        _EXCHANGES.reset(self._token)


class ObservedCall:
    """A context that reports the exchanges of one call, one after the other, to the observer.

    It is entered outside of the translation of errors, so that it knows the reason of a failure.
    """

    def __init__(self, cluster: str, call: Call, observer: Observer, identity: str = OWN_CREDENTIAL) -> None:
        self._cluster = cluster
        self._call = call
        self._identity = identity
        self._observer = observer
        self._exchange: Exchange | None = None

    def begin(self) -> Exchange:
        """Begins the next request; the one before was refused for its token."""
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
