"""Metrics, their access, and their document."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from graph.answer import Answer
from graph.document.documentcache import DocumentFigures
from graph.engine import Engine
from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from k8s.errors import ErrorCode
from k8s.kinds.builtin import POD
from k8s.transport.call import Call
from k8s.transport.exchange import Exchange
from k8s.transport.path import list_path
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.reflector.watchevent import EventType, ObjectMetadata, WatchEvent
from k8s.watches.target import WatchTarget
from k8s.watches.watchfigures import WatchFigures
from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR
from resolvers.limits import OperationLimits
from resolvers.memory.budget import MemoryBudget
from server.app.metrics import MetricsPolicy
from server.http.responses import Refusal
from server.live.admission import LiveAdmission
from server.live.limits import LiveLimits
from server.observe.loopstretches import LoopStretches
from server.observe.metrics import _SECONDS, Metrics
from server.operationexecutor import OperationExecutor
from server.serve.memoryaudit import MemoryAudit
from server.settings.observation import MetricsAccess
from store.errors import StoreUnavailable
from tests.graph.fleets import fleet_of
from tests.k8s.loopclock import loop_clock
from tests.server.http_parts import AUTHORIZED, TOKEN, FakeExecutor, Fakes, FakeTokens, code_of, record

DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"
SCRAPER = "a-token-for-the-scraper"


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    samples = [sample for family in metrics.families() for sample in family.samples]
    found = [sample.value for sample in samples if sample.name == f"fleetgraph_{name}" and sample.labels == labels]
    return found[0] if found else None


class StillLoop(LoopStretches):
    """Figures of an idle event loop; no loop runs."""

    def __init__(self) -> None:
        self.longest_s = self.longest_delay_s = 0.0
        self.long_count = 0

    def wake(self) -> None:
        """Does nothing: there is nothing to measure."""


async def _scraped(fakes: Fakes, **headers: str) -> tuple[int, str]:
    async with fakes.client() as client:
        response = await client.get("/metrics", headers=headers)
    return response.status_code, response.text


async def test_without_a_token_nobody_reads_them() -> None:
    status, text = await _scraped(Fakes())

    assert status == 401
    assert "fleetgraph_" not in text


async def test_an_administrators_token_reads_them() -> None:
    status, text = await _scraped(Fakes(), **AUTHORIZED)

    assert status == 200
    assert "fleetgraph_http_requests_in_flight 1.0" in text


async def test_another_callers_token_does_not() -> None:
    fakes = Fakes(tokens=FakeTokens(record=record(is_administrator=False)))

    status, text = await _scraped(fakes, **AUTHORIZED)

    assert status == 403
    assert "fleetgraph_" not in text


async def test_the_scrapers_token_reads_them_while_the_store_is_away() -> None:
    policy = MetricsPolicy(token=SecretStr(SCRAPER))
    fakes = Fakes(tokens=FakeTokens(error=StoreUnavailable("locked")), metrics_policy=policy)

    assert (await _scraped(fakes, Authorization=f"Bearer {SCRAPER}"))[0] == 200
    assert (await _scraped(fakes, **AUTHORIZED))[0] == 503
    assert fakes.tokens.verified == [TOKEN]


async def test_the_scrapers_token_opens_nothing_else() -> None:
    fakes = Fakes(metrics_policy=MetricsPolicy(token=SecretStr(SCRAPER)))

    response = await fakes.post(authorization=f"Bearer {SCRAPER}")

    assert response.status_code == 401
    assert fakes.executor.requests == []


@pytest.mark.parametrize(("access", "status"), [(MetricsAccess.OPEN, 200), (MetricsAccess.OFF, 404)])
async def test_the_setting_opens_or_closes_them(access: MetricsAccess, status: int) -> None:
    fakes = Fakes(metrics_policy=MetricsPolicy(access=access))

    assert (await _scraped(fakes))[0] == status


async def test_openmetrics_is_spoken_to_who_asks_for_it() -> None:
    async with Fakes(metrics_policy=MetricsPolicy(access=MetricsAccess.OPEN)).client() as client:
        response = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


async def test_requests_are_counted_by_address_and_status() -> None:
    fakes = Fakes()

    await fakes.post()
    await fakes.post(authorization="none")

    assert _value(fakes.metrics, "http_requests_total", route="/graphql", status="200") == 1
    assert _value(fakes.metrics, "http_requests_total", route="/graphql", status="401") == 1
    assert _value(fakes.metrics, "http_request_duration_seconds_count", route="/graphql") == 2
    assert _value(fakes.metrics, "http_requests_in_flight") == 0


async def test_what_callers_send_makes_no_new_label() -> None:
    fakes = Fakes()
    async with fakes.client() as client:
        for number in range(20):
            await client.request(f"CANARY{number}", f"/canary-{number}?canary={number}", headers={"canary": "1"})

    text, _content_type = await fakes.metrics.exposition("")

    assert b"canary" not in text.lower()
    assert _value(fakes.metrics, "http_requests_total", route="other", status="404") == 20


async def test_a_refusal_is_counted_by_its_code() -> None:
    fakes = Fakes(FakeExecutor(error=Refusal(429, "Later.", code=ErrorCode.TOO_MANY_REQUESTS)))

    await fakes.post()

    assert _value(fakes.metrics, "errors_total", code="TOO_MANY_REQUESTS") == 1


async def test_an_unexpected_error_is_counted() -> None:
    fakes = Fakes(FakeExecutor(error=RuntimeError("canary")))

    assert code_of(await fakes.post()) == "INTERNAL"
    assert _value(fakes.metrics, "errors_total", code="INTERNAL") == 1
    assert _value(fakes.metrics, "http_requests_total", route="/graphql", status="500") == 1


def _exchange(status: int | None = None, reason: str = "") -> Exchange:
    return Exchange("alpha", Call(list_path(POD), "list", "pods"), status=status, body_bytes=10, reason=reason)


@pytest.mark.parametrize(
    ("exchange", "status"),
    [
        (_exchange(200), "200"),
        (_exchange(403, "Forbidden"), "403"),
        (_exchange(None, "TimedOut"), "TimedOut"),
        (_exchange(200, "ProtocolBroken"), "ProtocolBroken"),
    ],
)
def test_requests_to_clusters_are_counted(exchange: Exchange, status: str) -> None:
    metrics = Metrics()

    metrics.began(exchange)
    assert _value(metrics, "upstream_requests_in_flight") == 1
    metrics.ended(exchange)

    labels = {"cluster": "alpha", "verb": "list", "status": status}
    assert _value(metrics, "upstream_request_duration_seconds_count", **labels) == 1
    assert _value(metrics, "upstream_body_bytes_total", **labels) == 10
    assert _value(metrics, "upstream_requests_in_flight") == 0


def test_a_breaker_shows_once_its_cluster_was_asked() -> None:
    metrics = Metrics()

    metrics.began(_exchange())
    metrics.ended(_exchange(200))
    assert _value(metrics, "upstream_breaker_open", cluster="alpha") == 0
    metrics.judged("alpha", is_open=True)
    assert _value(metrics, "upstream_breaker_open", cluster="alpha") == 1
    metrics.judged("alpha", is_open=False)
    assert _value(metrics, "upstream_breaker_open", cluster="alpha") == 0


def test_the_document_has_every_metric_with_type_labels_and_description() -> None:
    rows = re.findall(r"^\| `(fleetgraph_\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)

    documented = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)), description) for name, kind, labels, description in rows
    }
    assert documented == _families(_touched())


def _touched() -> Metrics:
    """Returns each metric with a sample, so that its labels are visible."""
    metrics = Metrics()
    metrics.watch_documents(DocumentFigures())
    metrics.watch_audit(Auditor(MemoryAudit()))
    metrics.watch_memory(MemoryBudget())
    metrics.watch_loop(StillLoop())
    metrics.live.watch(LiveAdmission(LiveLimits()))
    metrics.live.closed(1000)
    metrics.watches.show(_watched())
    metrics.error("INTERNAL")
    metrics.transaction("read", 0.1, True)
    with metrics.operation(), metrics.request("/graphql", lambda: 200):
        metrics.began(_exchange())
        metrics.ended(_exchange(200))
    return metrics


def _watched() -> WatchFigures:
    """Returns the figures of one cluster."""
    figures = WatchFigures()
    of_cluster = figures.of("prod")
    of_cluster.reconnects["Ended"] = of_cluster.relists["Expired"] = 1
    return figures


def _families(metrics: Metrics) -> Mapping[str, tuple[str, tuple[str, ...], str]]:
    suffixes, kinds = {"counter": "_total", "info": "_info"}, {"info": "gauge"}
    return {
        f"{family.name}{suffixes.get(family.type, '')}": (
            kinds.get(family.type, family.type),
            tuple(sorted({label for sample in family.samples for label in sample.labels} - {"le"})),
            family.documentation,
        )
        for family in metrics.families()
        if family.name.startswith("fleetgraph_")
    }


def test_a_status_that_api_servers_do_not_use_makes_no_label_of_its_own() -> None:
    metrics = Metrics()
    for status in range(100, 1000):
        metrics.began(_exchange())
        metrics.ended(_exchange(status))

    found = {
        sample.labels["status"]
        for family in metrics.families()
        for sample in family.samples
        if family.name == "fleetgraph_upstream_request_duration_seconds"
    }

    assert len(found) <= 30
    assert {"200", "2xx", "404", "4xx", "9xx"} <= found


OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def _asked(clusters: int) -> Metrics:
    metrics = Metrics()
    for number in range(clusters):
        for verb, status in (("list", 200), ("list", 403), ("get", 503)):
            exchange = Exchange(f"cluster-{number}", Call(list_path(POD), verb, "pods"), status=status, body_bytes=7)
            metrics.began(exchange)
            metrics.ended(exchange)
    return metrics


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
async def test_figures_of_many_clusters_are_read_in_slices(accept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    clusters = 200
    async with loop_clock() as clock:
        began = clock.turn
        text, _content_type = await _asked(clusters).exposition(accept)

        assert clock.turn - began > 3 * clusters / 20
    assert text.count(b'cluster="cluster-199"') == 3 * (len(_SECONDS) + 1 + 2) + 3 + 1


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
async def test_what_is_read_in_slices_is_one_document(accept: str) -> None:
    text, _content_type = await _asked(50).exposition(accept)

    read = text_string_to_metric_families if not accept else open_text_string_to_metric_families
    families = list(read(text.decode()))
    names = [family.name for family in families]
    assert len(set(names)) == len(names)
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
        if "cluster" in sample.labels
    }
    assert len(samples) == 50 * (3 * (len(_SECONDS) + 1 + 2) + 3 + 1)
    labels = (("cluster", "cluster-7"), ("status", "403"), ("verb", "list"))
    assert samples["fleetgraph_upstream_body_bytes_total", labels] == 7
    assert samples["fleetgraph_upstream_request_duration_seconds_count", labels] == 1


def test_a_watch_is_no_request_that_took_half_an_hour() -> None:
    metrics = Metrics()
    exchange = Exchange("prod", WatchTarget(POD).call_from("7", ends_after_s=1800))
    metrics.began(exchange)
    assert _value(metrics, "upstream_requests_in_flight") == 0
    exchange.status, exchange.seconds, exchange.body_bytes = 200, 1800.0, 5
    metrics.ended(exchange)

    assert _value(metrics, "upstream_requests_in_flight") == 0
    assert (
        _value(metrics, "upstream_request_duration_seconds_count", cluster="prod", verb="watch", status="200") is None
    )
    assert _value(metrics, "upstream_body_bytes_total", cluster="prod", verb="watch", status="200") == 5


def test_figures_of_watches_are_shown() -> None:
    metrics, figures = Metrics(), WatchFigures()
    metrics.watches.show(figures)
    of_cluster, held = figures.of("prod"), HeldObjects(WatchTarget(POD))
    of_cluster.running.add(held)
    of_cluster.events["ADDED"] += 2
    of_cluster.reconnects["Silence"] += 1
    of_cluster.relists["Expired"] += 1
    held.changed(
        [WatchEvent(EventType.ADDED, ObjectMetadata(name, "a", name, "1"), b'{"metadata":{}}') for name in "xy"]
    )

    assert _value(metrics, "watches_running", cluster="prod") == 1
    assert _value(metrics, "watched_objects", cluster="prod") == 2
    assert _value(metrics, "watched_bytes", cluster="prod") == held.size_bytes
    assert _value(metrics, "watch_events_total", cluster="prod", type="ADDED") == 2
    assert _value(metrics, "watch_events_total", cluster="prod", type="BOOKMARK") == 0
    assert _value(metrics, "watch_reconnects_total", cluster="prod", reason="Silence") == 1
    assert _value(metrics, "watch_relists_total", cluster="prod", reason="Expired") == 1
    held.heard_s -= 100
    lag_s = _value(metrics, "watch_lag_seconds", cluster="prod")
    assert lag_s is not None
    assert lag_s >= 100
    of_cluster.running.clear()
    assert _value(metrics, "watch_lag_seconds", cluster="prod") == 0


async def test_an_accepted_subscription_is_no_refused_operation() -> None:
    executor = OperationExecutor(
        Engine(), fleet_of([]), cursor_key=bytes(32), limits=OperationLimits(), timeout_s=30, metrics=Metrics()
    )
    request = GraphqlRequest("subscription { pods { resume } }")
    answer = await executor.deliver(request, OPERATOR, PayloadFormat.IDS)
    refused = await executor.subscribe(GraphqlRequest("subscription { pods(where: 1) { resume } }"), OPERATOR)

    assert (isinstance(answer, Answer) and answer.needs_stream, isinstance(refused, Answer)) == (True, True)
    name = "operation_duration_seconds_count"
    assert _value(executor.metrics, name, outcome="subscription") == 1
    assert _value(executor.metrics, name, outcome="refused") is None
    assert _value(executor.metrics, "errors_total", code="BAD_USER_INPUT") == 1
