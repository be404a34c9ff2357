"""Figures that are kept elsewhere, or as plain numbers, and become metrics only when somebody asks."""

from collections.abc import Callable, Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graph.document.documents import DocumentFigures
from resolvers.audit.auditor import Auditor
from resolvers.memory.memory import MemoryBudget


class Numbers(Collector):
    """Counters that are plain numbers until somebody asks."""

    def __init__(self, numbers: Callable[[], Iterator[tuple[str, str, float]]]) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        for name, text, value in self._numbers():
            yield CounterMetricFamily(name, text, value)


class DocumentCollector(Collector):
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
        yield GaugeMetricFamily("fleetgraph_documents_kept", "Documents that are remembered.", self._figures.cached)


class AuditCollector(Collector):
    """Reads the figures of the audit when they are asked for."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        text = "Events of the audit that are not in the database yet."
        yield GaugeMetricFamily("fleetgraph_audit_events_waiting", text, self._auditor.waiting)
        text = "Events of the audit that are in the log only, since they could not be stored."
        yield CounterMetricFamily("fleetgraph_audit_events_lost", text, self._auditor.lost)


class MemoryCollector(Collector):
    """Reads the figures of the memory budget when they are asked for."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        text = "Memory that operations hold, and answers that are being sent, as estimated."
        yield GaugeMetricFamily("fleetgraph_memory_held_bytes", text, self._budget.held_bytes)
        text = "What they may hold together before they wait for each other."
        yield GaugeMetricFamily("fleetgraph_memory_limit_bytes", text, self._budget.shared_bytes)
        text = "Operations and requests that wait for memory."
        yield GaugeMetricFamily("fleetgraph_memory_waiting", text, self._budget.waiting)
        text = "Operations and requests that waited for memory in vain."
        yield CounterMetricFamily("fleetgraph_memory_refused", text, self._budget.refused)


class LoopFigures(Protocol):
    """The stretches of the event loop (`server.loopstretches`)."""

    @property
    def longest_s(self) -> float:
        """Processor time of the longest one."""
        ...

    @property
    def longest_delay_s(self) -> float:
        """The longest delay of a turn, by the clock."""
        ...

    @property
    def long_count(self) -> int:
        """How many were long."""
        ...

    def wake(self) -> None:
        """Measures closely from now on."""
        ...


class LoopCollector(Collector):
    """Reads the figures of the event loop when they are asked for."""

    def __init__(self, figures: LoopFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        text = "Processor time of the longest stretch in which the event loop did nothing else, since the start."
        yield GaugeMetricFamily("fleetgraph_event_loop_stretch_longest_seconds", text, self._figures.longest_s)
        text = "Stretches of the event loop that took more than 50 ms of processor time."
        yield CounterMetricFamily("fleetgraph_event_loop_long_stretches", text, self._figures.long_count)
        text = "The longest delay of a turn of the event loop by the clock, since the start; a busy machine adds to it."
        yield GaugeMetricFamily("fleetgraph_event_loop_delay_longest_seconds", text, self._figures.longest_delay_s)
