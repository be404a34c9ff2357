"""Metrics of connections that stay open."""

from collections.abc import Iterator
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from resolvers.live.changes import ChangeFigures

_CLOSE_CODES: Final = frozenset((403, 500, 503, *range(1000, 1014), 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500))
"""Codes of WebSockets that make a label value: a client may send any."""


class LiveFigures(Protocol):
    """The live connections and subscriptions of all callers."""

    @property
    def connections(self) -> int:
        """The number of open connections."""
        ...

    @property
    def subscriptions(self) -> int:
        """The number of running subscriptions."""
        ...


class _LiveCollector(Collector):
    """A collector of the numbers of live connections and subscriptions."""

    def __init__(self, figures: LiveFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        text = "WebSockets of known callers, and responses that send the payloads of a subscription."
        yield GaugeMetricFamily("fleetgraph_live_connections", text, self._figures.connections)
        text = "Subscriptions that are running."
        yield GaugeMetricFamily("fleetgraph_live_subscriptions", text, self._figures.subscriptions)


class _ChangeCollector(Collector):
    """A collector of the figures of all lists that are followed."""

    def __init__(self) -> None:
        self.figures = ChangeFigures()

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        text = "Payloads of subscriptions, one for each subscriber."
        yield CounterMetricFamily("fleetgraph_live_payloads", text, self.figures.payloads)
        text = "Changes of objects whose change before had not been sent yet: subscribers get one change."
        yield CounterMetricFamily("fleetgraph_live_coalesced_changes", text, self.figures.coalesced)


class LiveMetrics:
    """The metrics of WebSockets and of subscriptions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._collector: _LiveCollector | None = None
        self._changes = _ChangeCollector()
        registry.register(self._changes)
        text = "WebSockets that have ended, by close code, or by the HTTP status of a refused handshake."
        self._closed = Counter("fleetgraph_websockets_closed", text, ("code",), registry=registry)

    def watch(self, figures: LiveFigures) -> None:
        """Exposes the live connections and subscriptions of an application, in place of those of one before."""
        if self._collector is not None:
            self._registry.unregister(self._collector)
        self._collector = _LiveCollector(figures)
        self._registry.register(self._collector)

    def show(self, figures: ChangeFigures) -> None:
        """Takes the figures of lists to show."""
        self._changes.figures = figures

    def closed(self, code: int | None) -> None:
        """Counts a WebSocket that has ended; `code` is None if its client was gone without a word."""
        self._closed.labels(str(code) if code in _CLOSE_CODES else "other").inc()
