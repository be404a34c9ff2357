"""Collectors of figures that are stored elsewhere, or as plain numbers, and become metrics at a scrape."""

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graph.document.documentcache import DocumentFigures
from resolvers.audit.auditor import Auditor
from resolvers.memory.budget import MemoryBudget
from server.observe.loopstretches import LoopStretches


class PlainCounters(Collector):
    """Counters that are plain numbers until a scrape."""

    def __init__(self, numbers: Callable[[], Iterator[tuple[str, str, float]]]) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        for name, text, value in self._numbers():
            yield CounterMetricFamily(name, text, value)


class DocumentCollector(Collector):
    """A collector of the figures of the document cache."""

    def __init__(self, figures: DocumentFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        text = "Lookups of documents: found in the cache (hit), or parsed and validated (miss)."
        lookups = CounterMetricFamily("fleetgraph_document_lookups", text, labels=("result",))
        lookups.add_metric(("hit",), self._figures.known)
        lookups.add_metric(("miss",), self._figures.unknown)
        yield lookups
        yield GaugeMetricFamily("fleetgraph_documents_kept", "Documents in the cache.", self._figures.cached)


class AuditCollector(Collector):
    """A collector of the figures of the audit."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        text = "Events of the audit that are not in the database yet."
        yield GaugeMetricFamily("fleetgraph_audit_events_waiting", text, self._auditor.waiting)
        text = "Events of the audit that are in the log only, because they could not be stored."
        yield CounterMetricFamily("fleetgraph_audit_events_lost", text, self._auditor.lost)


class MemoryCollector(Collector):
    """A collector of the figures of the memory budget."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        text = "Estimated memory of operations and of responses that are being sent."
        yield GaugeMetricFamily("fleetgraph_memory_held_bytes", text, self._budget.held_bytes)
        text = "The limit of that memory; beyond it, operations wait for each other."
        yield GaugeMetricFamily("fleetgraph_memory_limit_bytes", text, self._budget.shared_bytes)
        text = "Operations and requests that wait for memory."
        yield GaugeMetricFamily("fleetgraph_memory_waiting", text, self._budget.waiting)
        text = "Operations and requests whose wait for memory timed out."
        yield CounterMetricFamily("fleetgraph_memory_refused", text, self._budget.refused)


class LoopCollector(Collector):
    """A collector of the figures of the event loop."""

    def __init__(self, figures: LoopStretches) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics."""
        text = "Processor time of the longest stretch in which the event loop did nothing else, since the start."
        yield GaugeMetricFamily("fleetgraph_event_loop_stretch_longest_seconds", text, self._figures.longest_s)
        text = "Stretches of the event loop that took more than 50 ms of processor time."
        yield CounterMetricFamily("fleetgraph_event_loop_long_stretches", text, self._figures.long_count)
        text = (
            "The longest delay of a turn of the event loop by the clock, since the start; a busy machine increases it."
        )
        yield GaugeMetricFamily("fleetgraph_event_loop_delay_longest_seconds", text, self._figures.longest_delay_s)
