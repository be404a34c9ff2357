"""Who watches operations and requests to clusters: the figures always, spans where they are set."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from k8s.transport.exchange import Exchange, Observer
from server.errors import SettingsError
from server.observe.metrics import Metrics, OperationFigures
from server.settings.settings import Settings


class TracesOperations(Protocol):
    """Who makes spans of operations."""

    def operation(self, figures: OperationFigures) -> AbstractContextManager[None]:
        """Around one operation."""
        ...


class Untraced:
    """Nobody does."""

    def operation(self, figures: OperationFigures) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class Both:
    """Two who watch requests to clusters."""

    first: Observer
    second: Observer

    def began(self, exchange: Exchange) -> None:
        """A request is about to be sent."""
        self.first.began(exchange)
        self.second.began(exchange)

    def ended(self, exchange: Exchange) -> None:
        """It is over."""
        self.first.ended(exchange)
        self.second.ended(exchange)

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """A breaker opened or closed."""
        self.first.judged(cluster, is_open=is_open)
        self.second.judged(cluster, is_open=is_open)


@asynccontextmanager
async def opened_tracing(settings: Settings, metrics: Metrics) -> AsyncIterator[tuple[Observer, TracesOperations]]:
    """Who watches requests to clusters, and who makes spans of operations.

    Raises:
        SettingsError: Traces are set, and OpenTelemetry is not installed.
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
        yield Both(metrics, spans), spans
