"""Spans of operations and of requests to clusters: their content and their export."""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

pytest.importorskip("opentelemetry.sdk", reason="OpenTelemetry is an extra")

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from graph.request import GraphqlRequest
from k8s.credentials.credential import BearerToken, Secret
from k8s.errors import Forbidden
from k8s.kinds.builtin import SECRET
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.path import object_path
from resolvers.caller import Caller
from server.commanderrors import SettingsError
from server.http.graphqlexecutor import GraphqlResponse
from server.http.traceparent import incoming_traceparent
from server.observe.metrics import Metrics
from server.observe.observers import ObserverPair, Untraced, opened_tracing
from server.observe.operationfigures import OperationFigures
from server.observe.tracing import Tracing
from server.settings.settings import Settings
from tests.k8s.wireserver import WireServer, http, wire_server
from tests.server.http_parts import FakeExecutor, Fakes

TOKEN = "canary-of-a-token"
CALLERS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
CALL = Call(object_path(SECRET, "canary-namespace", "canary-name"), "get", "secret")


async def _asked(tracing: Tracing, server: WireServer) -> None:
    connection = Connection("alpha", server.endpoint, credential=BearerToken(Secret(TOKEN)), observer=tracing)
    try:
        await connection.send(CALL, Deadline(10))
    finally:
        await connection.close()


def _spans(tracing: Tracing, exporter: InMemorySpanExporter) -> Mapping[str, ReadableSpan]:
    tracing.close()
    return {span.name: span for span in exporter.get_finished_spans()}


async def test_a_request_to_a_cluster_is_a_span_within_its_operation() -> None:
    exporter = InMemorySpanExporter()
    tracing, figures = Tracing(exporter), OperationFigures()
    async with wire_server() as server:
        server.answers = [http(b"{}", headers="Audit-Id: 7c1a-1c1e\r\n")]
        with tracing.operation(figures):
            await _asked(tracing, server)
            figures.answered(executed=True, errors=[])

    spans = _spans(tracing, exporter)
    operation, request = spans["GraphQL operation"], spans["get secrets"]
    assert request.parent is not None
    assert request.parent.span_id == operation.context.span_id
    assert dict(request.attributes or {}) == {
        "fleetgraph.cluster": "alpha",
        "fleetgraph.verb": "get",
        "fleetgraph.audit_id": "7c1a-1c1e",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.response.body.size": 2,
        "url.template": "/api/v1/namespaces/{namespace}/secrets/{name}",
    }
    assert dict(operation.attributes or {}) == {"fleetgraph.outcome": "ok"}


async def test_no_name_and_no_token_is_in_a_span() -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    async with wire_server() as server:
        server.answers = [http(b"{}", "403 Forbidden")]
        with pytest.raises(Forbidden):
            await _asked(tracing, server)

    told = "".join(span.to_json() for span in _spans(tracing, exporter).values())
    assert "Forbidden" in told
    assert "canary" not in told


@pytest.mark.parametrize("reaches_clusters", [False, True])
async def test_clusters_get_a_traceparent_only_if_that_is_set(reaches_clusters: bool) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter, reaches_clusters=reaches_clusters)
    async with wire_server() as server:
        server.answers = [http(b"{}")]
        await _asked(tracing, server)
        sent = server.headers(0).get("traceparent", "")

    span = _spans(tracing, exporter)["get secrets"]
    expected = f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}" if reaches_clusters else ""
    assert sent.rpartition("-")[0] == expected


class Remembering(FakeExecutor):
    """A middleware that stores the caller's trace."""

    said = ""

    async def execute(self, request: GraphqlRequest, caller: Caller) -> GraphqlResponse:
        self.said = incoming_traceparent()
        return self.answer


@pytest.mark.parametrize(("is_traced", "said"), [(True, CALLERS), (False, "")])
async def test_a_callers_traceparent_is_read_where_there_are_traces(is_traced: bool, said: str) -> None:
    executor = Remembering()
    fakes = Fakes(executor, is_traced=is_traced)

    await fakes.post(traceparent=CALLERS)

    assert executor.said == said


@pytest.mark.parametrize(
    ("given", "is_followed"), [(CALLERS, True), ("", False), ("00-zz-zz-01", False), ("x" * 100_000, False)]
)
def test_an_operation_belongs_to_its_callers_trace(
    monkeypatch: pytest.MonkeyPatch, given: str, is_followed: bool
) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    monkeypatch.setattr("server.observe.tracing.incoming_traceparent", lambda: given)

    with tracing.operation(OperationFigures()):
        pass

    span = _spans(tracing, exporter)["GraphQL operation"]
    assert (f"{span.context.trace_id:032x}" == CALLERS.split("-")[1]) is is_followed


def test_no_trace_is_kept_if_none_shall_be() -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter, ratio=0)

    with tracing.operation(OperationFigures()):
        pass

    assert not _spans(tracing, exporter)


class _Collector(BaseHTTPRequestHandler):
    """A receiver of exported spans."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, body))  # type: ignore[attr-defined]  # set by the test
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Does nothing."""


@contextmanager
def _collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    server = HTTPServer(("127.0.0.1", 0), _Collector)
    received: list[tuple[str, bytes]] = []
    server.received = received  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_spans_reach_an_otlp_collector_before_the_process_ends() -> None:
    with _collector() as (endpoint, received):
        async with opened_tracing(Settings(otlp_endpoint=endpoint), Metrics()) as (observer, tracing):
            assert isinstance(observer, ObserverPair)
            with tracing.operation(OperationFigures()):
                pass

    ((path, body),) = received
    assert path == "/v1/traces"
    assert b"GraphQL operation" in body


async def test_without_the_setting_there_is_nothing() -> None:
    metrics = Metrics()

    async with opened_tracing(Settings(), metrics) as (observer, tracing):
        assert observer is metrics
        assert isinstance(tracing, Untraced)


async def test_without_the_extra_the_setting_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "server.observe.tracing", None)
    monkeypatch.delattr("server.observe.tracing", raising=False)

    with pytest.raises(SettingsError, match=r"pip install 'fleetgraph\[otel\]'"):
        async with opened_tracing(Settings(otlp_endpoint="http://127.0.0.1:1"), Metrics()):
            pass


@pytest.mark.parametrize(
    "endpoint", ["collector:4318", "http://u:p@collector", "http://c/?x=1", "file:///x", "http:// x"]
)
def test_an_endpoint_is_a_plain_address(endpoint: str) -> None:
    with pytest.raises(ValueError, match="otlp_endpoint"):
        Settings(otlp_endpoint=endpoint)
