"""Observers of operations, of requests to clusters and of the event loop: metrics always, spans if configured."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from k8s.transport.exchange import Exchange, Observer
from server.commanderrors import SettingsError
from server.observe.loopstretches import LoopStretches
from server.observe.metrics import Metrics
from server.observe.operationfigures import OperationFigures
from server.settings.settings import Settings


class TracesOperations(Protocol):
    """A factory of spans of operations."""

    def operation(self, figures: OperationFigures) -> AbstractContextManager[None]:
        """Returns a context around one operation."""
        ...


class Untraced:
    """No spans of operations."""

    def operation(self, figures: OperationFigures) -> AbstractContextManager[None]:
        """Returns a context without effect."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class ObserverPair:
    """Two observers of requests to clusters as one."""

    first: Observer
    second: Observer

    def began(self, exchange: Exchange) -> None:
        """Notes a request that is about to be sent."""
        self.first.began(exchange)
        self.second.began(exchange)

    def ended(self, exchange: Exchange) -> None:
        """Notes the end of a request."""
        self.first.ended(exchange)
        self.second.ended(exchange)

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """Notes that a circuit breaker opened or closed."""
        self.first.judged(cluster, is_open=is_open)
        self.second.judged(cluster, is_open=is_open)


@asynccontextmanager
async def opened_tracing(settings: Settings, metrics: Metrics) -> AsyncIterator[tuple[Observer, TracesOperations]]:
    """Opens the observer of requests to clusters and the factory of spans of operations.

    Raises:
        SettingsError: Traces are configured, and OpenTelemetry is not installed.
    """
    if settings.otlp_endpoint is None:
        yield metrics, Untraced()
        return
    try:
        from server.observe import tracing  # noqa: PLC0415 - OpenTelemetry is an extra, and slow to load
    except ImportError as error:
        raise SettingsError(
            "FLEETGRAPH_OTLP_ENDPOINT is set, and OpenTelemetry is not installed: pip install 'fleetgraph[otel]'"
        ) from error
    async with tracing.opened_tracing(settings, settings.otlp_endpoint) as spans:
        yield ObserverPair(metrics, spans), spans


@contextmanager
def watching_loop(metrics: Metrics) -> Iterator[LoopStretches]:
    """Measures the running loop and shows its figures in the metrics while the context is open."""
    stretches = LoopStretches(lambda: metrics.is_answering)
    metrics.watch_loop(stretches)
    try:
        yield stretches
    finally:
        stretches.close()
