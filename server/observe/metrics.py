"""Metrics of the process for Prometheus, with bounded label values.

A label value is a word of ours, an HTTP status, or the name of a registered cluster; never a path, a name, a method or
any other text from a caller: each new value would take memory until the process ends. docs/metrics.md lists them all.
"""

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.core import Metric

from graph.document.documentcache import DocumentFigures
from k8s.transport.exchange import Exchange
from resolvers.audit.auditor import Auditor
from resolvers.memory.budget import MemoryBudget
from server.observe.clusterfigures import ByCluster, CounterByCluster, GaugeByCluster, HistogramByCluster
from server.observe.collectors import (
    AuditCollector,
    DocumentCollector,
    LoopCollector,
    MemoryCollector,
    PlainCounters,
)
from server.observe.exposition import exposition
from server.observe.livemetrics import LiveMetrics
from server.observe.loopstretches import LoopStretches
from server.observe.operationfigures import OperationFigures
from server.observe.watchmetrics import WatchMetrics
from server.version import fleetgraph_version

ROUTES: Final = frozenset({"/graphql", "/healthz", "/readyz", "/metrics", "/schema.graphql"})
OTHER_ROUTE: Final = "other"

_STATUSES: Final = frozenset(
    (200, 201, 202, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429, 500, 501, 502, 503, 504)
)
"""Statuses of API servers and of proxies in front of them: others that a cluster sends make no new label values."""
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of one process; also a `k8s.transport.exchange.Observer`.

    Attributes:
        live, watches: The metrics of connections that stay open, and of watches.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._http_running = self._operations_running = self._upstream_running = 0
        self._objects_read = self._objects_sent = 0
        self._loop: LoopStretches | None = None
        self._http_children: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._operation_children: dict[str, Histogram] = {}
        self._make_http()
        self._make_operations()
        self._make_upstream()
        self._store = self._histogram(
            "store_transaction_duration_seconds", "Transactions, including the wait for them.", "mode", "outcome"
        )
        info = Info("fleetgraph_build", "The version of the process.", registry=self._registry)
        info.info({"version": fleetgraph_version(), "python": platform.python_version()})
        ProcessCollector(registry=self._registry)

    def _make_http(self) -> None:
        running = self._gauge("http_requests_in_flight", "HTTP requests that are being answered.")
        running.set_function(lambda: self._http_running)
        self._http = self._counter("http_requests", "HTTP requests, by path and status.", "route", "status")
        self._http_seconds = self._histogram("http_request_duration_seconds", "The same, by path.", "route")
        self.live, self.watches = LiveMetrics(self._registry), WatchMetrics()

    def _make_operations(self) -> None:
        running = self._gauge("operations_in_flight", "GraphQL operations that are being executed.")
        running.set_function(lambda: self._operations_running)
        self._operations = self._histogram("operation_duration_seconds", "GraphQL operations, by outcome.", "outcome")
        self._errors = self._counter("errors", "Errors in answers, by code.", "code")
        self._registry.register(PlainCounters(self._numbers))

    def _make_upstream(self) -> None:
        labels = ("cluster", "verb", "status")
        running = self._gauge("upstream_requests_in_flight", "Requests that clusters have not answered yet.")
        running.set_function(lambda: self._upstream_running)
        name, text = "upstream_request_duration_seconds", "Requests to clusters, until the response was complete."
        self._upstream = HistogramByCluster(f"fleetgraph_{name}", text, *labels, bounds=_SECONDS)
        name, text = "fleetgraph_upstream_body_bytes", "Bytes of their responses, decompressed."
        self._upstream_bytes = CounterByCluster(name, text, *labels)
        text = "1 while the circuit breaker of a cluster is open or half-open."
        self._breakers = GaugeByCluster("fleetgraph_upstream_breaker_open", text, "cluster")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"fleetgraph_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"fleetgraph_{name}", text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"fleetgraph_{name}", text, labels, buckets=_SECONDS, registry=self._registry)

    @contextmanager
    def request(self, path: str, status: Callable[[], int | None]) -> Iterator[None]:
        """Counts one HTTP request; `status` is called at its end, and returns None if the caller disconnected."""
        route = route_of(path)
        started_s = perf_counter()
        if not self.is_answering and self._loop is not None:
            self._loop.wake()
        self._http_running += 1
        try:
            yield
        finally:
            self._http_running -= 1
            requests, seconds = self._http_child(route, str(status() or "none"))
            requests.inc()
            seconds.observe(perf_counter() - started_s)

    @property
    def is_answering(self) -> bool:
        """Returns whether a request is being answered, or an operation of a WebSocket."""
        return self._http_running + self._operations_running > 0

    def _http_child(self, route: str, status: str) -> tuple[Counter, Histogram]:
        """Returns the metrics of a route and status from a cache: the lookup by labels costs more than the count."""
        if (route, status) not in self._http_children:
            self._http_children[route, status] = (self._http.labels(route, status), self._http_seconds.labels(route))
        return self._http_children[route, status]

    @contextmanager
    def operation(self) -> Iterator[OperationFigures]:
        """Counts one GraphQL operation, with the figures that are noted while the context is open."""
        figures = OperationFigures()
        started_s = perf_counter()
        if not self.is_answering and self._loop is not None:
            self._loop.wake()
        self._operations_running += 1
        try:
            yield figures
        finally:
            self._operations_running -= 1
            if figures.outcome not in self._operation_children:
                self._operation_children[figures.outcome] = self._operations.labels(figures.outcome)
            self._operation_children[figures.outcome].observe(perf_counter() - started_s)
            self._objects_read += figures.objects_read
            self._objects_sent += figures.objects_sent
            for code, errors in figures.codes.items():
                self.error(code, errors)

    def error(self, code: str, errors: int = 1) -> None:
        """Counts errors of an answer, by a word of `ErrorCode`."""
        self._errors.labels(code).inc(errors)

    def transaction(self, mode: str, seconds: float, is_answered: bool) -> None:
        """Counts a transaction; see `store.database.database.OnTransaction`."""
        self._store.labels(mode, "ok" if is_answered else "unavailable").observe(seconds)

    def began(self, exchange: Exchange) -> None:
        """Counts a request that is about to be sent to a cluster; a watch has metrics of its own."""
        self._upstream_running += not exchange.call.is_stream

    def ended(self, exchange: Exchange) -> None:
        """Counts a request that was answered, failed, or was cancelled."""
        labels = (exchange.cluster, exchange.call.verb, _status(exchange))
        if not exchange.call.is_stream:  # whose seconds are no latency
            self._upstream_running -= 1
            self._breakers.add((exchange.cluster,))  # so that 0 is exposed before it first opens
            self._upstream.observe(labels, exchange.seconds)
        self._upstream_bytes.inc(labels, exchange.body_bytes)

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """Sets the state of a cluster's circuit breaker."""
        self._breakers.set((cluster,), int(is_open))

    def _numbers(self) -> Iterator[tuple[str, str, float]]:
        yield "fleetgraph_objects_read", "Objects decoded from responses of clusters.", self._objects_read
        yield "fleetgraph_objects_sent", "Objects in answers to callers.", self._objects_sent

    def watch_documents(self, figures: DocumentFigures) -> None:
        """Exposes the figures of the document cache."""
        self._registry.register(DocumentCollector(figures))

    def watch_memory(self, budget: MemoryBudget) -> None:
        """Exposes the memory of operations, and the number that wait for memory."""
        self._registry.register(MemoryCollector(budget))

    def watch_audit(self, auditor: Auditor) -> None:
        """Exposes the waiting and lost events of the audit."""
        self._registry.register(AuditCollector(auditor))

    def watch_loop(self, figures: LoopStretches) -> None:
        """Exposes the stretches of the event loop."""
        self._loop = figures
        self._registry.register(LoopCollector(figures))

    async def exposition(self, accept: str) -> tuple[bytes, str]:
        """Returns all metrics and their content type, in the format that the scraper prefers; encoded in slices."""
        return await exposition(self._registry, self._by_cluster, accept)

    def families(self) -> list[Metric]:
        """Returns all metrics with their samples; those by cluster in batches."""
        return [*self._registry.collect(), *chain.from_iterable(metric.batches() for metric in self._by_cluster)]

    @property
    def _by_cluster(self) -> tuple[ByCluster, ...]:
        return self._upstream, self._upstream_bytes, self._breakers, *self.watches.current()


def route_of(path: str) -> str:
    """Returns the label value of a path: the path itself if it is a route, else `other`."""
    return path if path in ROUTES else OTHER_ROUTE


def _status(exchange: Exchange) -> str:
    """Returns the HTTP status, or its class if API servers do not use it; the reason for a missing or broken response.

    The reasons are in docs/errors.md.
    """
    if exchange.status is None or (exchange.status < 400 and exchange.reason):
        return exchange.reason
    return str(exchange.status) if exchange.status in _STATUSES else f"{exchange.status // 100}xx"
