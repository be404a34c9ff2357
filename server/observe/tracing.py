"""Spans for OpenTelemetry: one for each GraphQL operation, and one within it for each request to a cluster.

The only home of OpenTelemetry; imported only if traces are configured. A span has cluster, verb, resource and status;
no name of an object, no document, no token. Spans are exported in batches by a separate thread, after the answers.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from k8s.transport.exchange import Exchange
from k8s.transport.path import api_target
from server.http.traceparent import incoming_traceparent
from server.observe.operationfigures import OperationFigures
from server.settings.settings import Settings
from server.version import fleetgraph_version

_PROPAGATOR: Final = TraceContextTextMapPropagator()
_SHUTDOWN_S: Final = 3.0
_OPERATION: Final[ContextVar[Context | None]] = ContextVar("operation span", default=None)


class Tracing:
    """A factory of spans; also a `k8s.transport.exchange.Observer`."""

    def __init__(self, exporter: SpanExporter, *, ratio: float = 1.0, reaches_clusters: bool = False) -> None:
        """Creates a tracer.

        Args:
            exporter: The receiver of spans, in batches.
            ratio: The ratio of sampled traces among those that begin here; a caller's own decision is followed.
            reaches_clusters: Whether requests to clusters carry `traceparent`.
        """
        resource = Resource.create({"service.name": "fleetgraph", "service.version": fleetgraph_version()})
        self._provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(ratio)))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("fleetgraph")
        self._reaches_clusters = reaches_clusters
        self._spans: dict[int, Span] = {}

    @contextmanager
    def operation(self, figures: OperationFigures) -> Iterator[None]:
        """Opens a span around one GraphQL operation; it may end in another task."""
        parent = _PROPAGATOR.extract({"traceparent": incoming_traceparent()}, context=Context())
        span = self._tracer.start_span("GraphQL operation", context=parent, kind=SpanKind.SERVER)
        token = _OPERATION.set(set_span_in_context(span, Context()))
        try:
            yield
        finally:
            with suppress(ValueError):  # set in the context of another task, which has ended
                _OPERATION.reset(token)
            span.set_attribute("fleetgraph.outcome", figures.outcome)
            if figures.codes:
                span.set_attribute("fleetgraph.error_codes", sorted(set(figures.codes)))
            if figures.outcome not in {"ok", "partial", "subscription"}:
                span.set_status(StatusCode.ERROR, figures.outcome)
            span.end()

    def began(self, exchange: Exchange) -> None:
        """Starts the span of a request to a cluster; a watch, which goes on for half an hour, has none."""
        if exchange.call.is_stream:
            return
        target = api_target(exchange.call.path)
        span = self._tracer.start_span(
            f"{exchange.call.verb} {target.resource}", context=_OPERATION.get() or Context(), kind=SpanKind.CLIENT
        )
        span.set_attributes(
            {
                "fleetgraph.cluster": exchange.cluster,
                "fleetgraph.verb": exchange.call.verb,
                "http.request.method": exchange.call.method,
                "url.template": target.template,
            }
        )
        self._spans[id(exchange)] = span
        if self._reaches_clusters:
            carrier: dict[str, str] = {}
            _PROPAGATOR.inject(carrier, context=set_span_in_context(span, Context()))
            exchange.traceparent = carrier.get("traceparent", "")

    def ended(self, exchange: Exchange) -> None:
        """Ends the span of a request that was answered, failed or was cancelled."""
        span = self._spans.pop(id(exchange), None)
        if span is None:
            return
        if exchange.status is not None:
            span.set_attribute("http.response.status_code", exchange.status)
        span.set_attribute("http.response.body.size", exchange.body_bytes)
        if exchange.audit_id:
            span.set_attribute("fleetgraph.audit_id", exchange.audit_id)
        if exchange.reason:
            span.set_status(StatusCode.ERROR, exchange.reason)
        span.end()

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """Does nothing: without a request there is no span."""

    def close(self) -> None:
        """Exports the remaining spans; blocks until then."""
        self._provider.shutdown()


@asynccontextmanager
async def opened_tracing(settings: Settings, endpoint: str) -> AsyncIterator[Tracing]:
    """Opens a tracer that exports to an OTLP endpoint over HTTP; spans left 3 s after the end are dropped."""
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_SHUTDOWN_S)
    tracing = Tracing(exporter, ratio=settings.trace_ratio, reaches_clusters=settings.trace_clusters)
    try:
        yield tracing
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_S):
                await asyncio.to_thread(tracing.close)
