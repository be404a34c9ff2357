"""Figures for Prometheus: what the process does, by labels that nobody outside can add to.

A label is a word of ours, an HTTP status, or the name of a registered cluster; never a path, a name, a method or any
other text that a caller sends, since each new value would cost memory for as long as the process runs.
docs/metrics.md lists them all.
"""

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from graph.documents import DocumentFigures
from k8s.errors import ErrorCode
from k8s.exchange import Exchange
from resolvers.auditing import Auditor
from server.version import fleetgraph_version

ROUTES: Final = frozenset({"/graphql", "/healthz", "/readyz", "/metrics", "/schema.graphql"})
OTHER_ROUTE: Final = "other"

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one process, each counted where it is known; also a `k8s.exchange.Observer`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._make_http()
        self._make_operations()
        self._make_upstream()
        self._store = self._histogram(
            "store_transaction_duration_seconds", "Transactions, waiting for them included.", "mode", "outcome"
        )
        info = Info("fleetgraph_build", "What runs.", registry=self._registry)
        info.info({"version": fleetgraph_version(), "python": platform.python_version()})
        ProcessCollector(registry=self._registry)

    def _make_http(self) -> None:
        self._http_running = self._gauge("http_requests_in_flight", "HTTP requests that are being answered.")
        self._http = self._counter("http_requests", "HTTP requests, by address and status.", "route", "status")
        self._http_seconds = self._histogram("http_request_duration_seconds", "The same, by address.", "route")

    def _make_operations(self) -> None:
        self._running = self._gauge("operations_in_flight", "GraphQL operations that are being executed.")
        self._operations = self._histogram(
            "operation_duration_seconds", "GraphQL operations, by how they ended.", "outcome"
        )
        self._errors = self._counter("errors", "Errors in answers, by code.", "code")
        self._objects_read = self._counter("objects_read", "Objects decoded from answers of clusters.")
        self._objects_sent = self._counter("objects_sent", "Objects in answers to callers.")

    def _make_upstream(self) -> None:
        labels = ("cluster", "verb", "status")
        self._upstream_running = self._gauge("upstream_requests_in_flight", "Requests that clusters have not answered.")
        self._upstream = self._histogram(
            "upstream_request_duration_seconds", "Requests to clusters, until the whole answer was there.", *labels
        )
        self._upstream_bytes = self._counter("upstream_body_bytes", "Bytes of their answers, decompressed.", *labels)
        self._breakers = self._gauge(
            "upstream_breaker_open", "1 while a cluster that failed is not asked, or asked on trial.", "cluster"
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"fleetgraph_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"fleetgraph_{name}", text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"fleetgraph_{name}", text, labels, buckets=_SECONDS, registry=self._registry)

    @contextmanager
    def request(self, path: str, status: Callable[[], int | None]) -> Iterator[None]:
        """Counts one HTTP request; `status` is asked when it is over, and None means that the caller went away."""
        route = route_of(path)
        started_s = perf_counter()
        self._http_running.inc()
        try:
            yield
        finally:
            self._http_running.dec()
            self._http.labels(route, str(status() or "none")).inc()
            self._http_seconds.labels(route).observe(perf_counter() - started_s)

    @contextmanager
    def operation(self) -> Iterator["OperationFigures"]:
        """Counts one GraphQL operation with what is noted in the figures."""
        figures = OperationFigures()
        started_s = perf_counter()
        self._running.inc()
        try:
            yield figures
        finally:
            self._running.dec()
            self._operations.labels(figures.outcome).observe(perf_counter() - started_s)
            self._objects_read.inc(figures.objects_read)
            self._objects_sent.inc(figures.objects_sent)
            for code in figures.codes:
                self.error(code)

    def error(self, code: str) -> None:
        """Counts an error of an answer, by a word of `ErrorCode`."""
        self._errors.labels(code).inc()

    def transaction(self, mode: str, seconds: float, is_answered: bool) -> None:
        """Counts a transaction; see `store.timing.OnTransaction`."""
        self._store.labels(mode, "ok" if is_answered else "unavailable").observe(seconds)

    def began(self, exchange: Exchange) -> None:
        """A request is about to be sent to a cluster."""
        self._upstream_running.inc()
        self._breakers.labels(exchange.cluster)  # so that 0 shows before it first opens

    def ended(self, exchange: Exchange) -> None:
        """It was answered, failed, or was given up."""
        self._upstream_running.dec()
        labels = (exchange.cluster, exchange.call.verb, _status(exchange))
        self._upstream.labels(*labels).observe(exchange.seconds)
        self._upstream_bytes.labels(*labels).inc(exchange.body_bytes)

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """The breaker of a cluster opened or closed."""
        self._breakers.labels(cluster).set(int(is_open))

    def watch_documents(self, figures: DocumentFigures) -> None:
        """Shows how well documents are remembered."""
        self._registry.register(_Documents(figures))

    def watch_audit(self, auditor: Auditor) -> None:
        """Shows whether the audit can be kept."""
        self._registry.register(_Audit(auditor))

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All figures and their content type, in the format that the scraper prefers."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def families(self) -> list[Metric]:
        """All metrics with their samples."""
        return list(self._registry.collect())


def route_of(path: str) -> str:
    """The address that a path is, as a word of a bounded number."""
    return path if path in ROUTES else OTHER_ROUTE


class OperationFigures:
    """What one operation came to.

    Attributes:
        outcome: `ok`, `partial` (data and errors), `refused` (nothing was executed), `timeout`, or `abandoned`: the
            caller went away, or something nobody expected happened.
        codes: of its errors.
    """

    def __init__(self) -> None:
        self.outcome = "abandoned"
        self.codes: list[str] = []
        self.objects_read = 0
        self.objects_sent = 0

    def answered(self, *, executed: bool, errors: Sequence[Mapping[str, object]]) -> None:
        """Notes an answer: whether anything was executed, and its errors as callers see them."""
        self.outcome = "refused" if not executed else "partial" if errors else "ok"
        for error in errors:
            extensions = error["extensions"]
            self.codes += [str(extensions["code"])] if isinstance(extensions, Mapping) else []

    def timed_out(self) -> None:
        """Notes that the operation took too long altogether."""
        self.outcome = "timeout"
        self.codes = [ErrorCode.LIMIT_EXCEEDED.value]


class _Documents(Collector):
    """Reads the figures of the document cache when they are asked for."""

    def __init__(self, figures: DocumentFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        text = "Documents that were parsed and validated before (hit), or are now (miss)."
        lookups = CounterMetricFamily("fleetgraph_document_lookups", text, labels=("result",))
        lookups.add_metric(("hit",), self._figures.known)
        lookups.add_metric(("miss",), self._figures.unknown)
        yield lookups
        yield GaugeMetricFamily("fleetgraph_documents_kept", "Documents that are remembered.", self._figures.kept)


class _Audit(Collector):
    """Reads the figures of the audit when they are asked for."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        text = "Events of the audit that are not in the database yet."
        yield GaugeMetricFamily("fleetgraph_audit_events_waiting", text, self._auditor.waiting)
        text = "Events of the audit that are in the log only, since they could not be stored."
        yield CounterMetricFamily("fleetgraph_audit_events_lost", text, self._auditor.lost)


def _status(exchange: Exchange) -> str:
    """HTTP's status; or, where no answer came or it was broken, why not: one of the reasons in docs/errors.md."""
    if exchange.status is None or (exchange.status < 400 and exchange.reason):
        return exchange.reason
    return str(exchange.status)
