"""The Prometheus of a registered cluster: asked without a credential, or as the caller through the API server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from k8s.errors import CredentialUnusable, ServerFailed, Unreachable
from k8s.prometheus.prometheus import Prometheus
from k8s.prometheus.rangequery import RangeQuery, Taking
from k8s.transport.deadline import Deadline
from k8s.transport.exchange import Exchange
from k8s.transport.limits import ConnectionLimits
from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from resolvers.fleet.probe import ProbeLimits
from resolvers.fleet.registration import prometheus_error
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditFilter
from tests.k8s.wireserver import WireServer, http, plain_server, until, wire_server
from tests.resolvers.fleet.test_fleet import LIST, Registry

QUERY = RangeQuery("up", 0, 60, 60)
ANSWER = http(b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[]}]}}')
SERVICE = "service:monitoring/prometheus:9090"
PATH = "/api/v1/query_range?"


class Observer:
    """Notes what it observes."""

    def __init__(self) -> None:
        self.identities: list[str] = []
        self.verdicts: list[bool] = []

    def began(self, exchange: Exchange) -> None:
        self.identities.append(exchange.identity)

    def ended(self, exchange: Exchange) -> None:
        pass

    def judged(self, cluster: str, *, is_open: bool) -> None:
        self.verdicts.append(is_open)


@pytest.fixture
async def api_server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        wire.answers = [ANSWER]
        yield wire


@pytest.fixture
async def recorder() -> AsyncIterator[WireServer]:
    """Runs a Prometheus."""
    async with plain_server(ANSWER) as wire:
        yield wire


@pytest.fixture
def registry(api_server: WireServer) -> Registry:
    made = Registry()
    made.put("alpha", api_server)
    return made


def put(registry: Registry, prometheus: str | None) -> None:
    """Changes the address of the cluster's Prometheus."""
    (opened,) = registry.opened
    later = opened.record.updated_at + timedelta(minutes=1)
    registry.opened = [replace(opened, record=replace(opened.record, prometheus=prometheus, updated_at=later))]


def url(wire: WireServer) -> str:
    """Returns the address of a server without TLS."""
    return f"http://127.0.0.1:{wire.port}"


@pytest.fixture
def observer() -> Observer:
    return Observer()


@pytest.fixture
def log() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
async def fleet(registry: Registry, recorder: WireServer, observer: Observer, log: MemoryAudit) -> AsyncIterator[Fleet]:
    """Opens the clusters; the servers are closed after it."""
    async with Auditor(log) as auditor:
        made = Fleet(
            registry,
            connect=Network(ConnectionLimits(connect_timeout_s=30), observer=observer),
            auditor=auditor,
            requests_per_cluster=4,
        )
        yield made
        await made.close()


async def prometheus_of(fleet: Fleet) -> Prometheus:
    """Returns the client of the only cluster's Prometheus."""
    (cluster,) = await fleet.clusters(OPERATOR)
    assert cluster.prometheus is not None
    return cluster.prometheus


async def ask(fleet: Fleet) -> int:
    """Returns the number of series."""
    client = await prometheus_of(fleet)
    return len((await client.series(QUERY, taking=Taking(10), deadline=Deadline(30))).series)


async def test_a_cluster_without_an_address_has_none(fleet: Fleet) -> None:
    (cluster,) = await fleet.clusters(OPERATOR)

    assert cluster.prometheus is None


async def test_a_direct_one_never_gets_a_credential(
    fleet: Fleet, registry: Registry, api_server: WireServer, recorder: WireServer, observer: Observer
) -> None:
    put(registry, url(recorder))

    assert await ask(fleet) == 1

    assert recorder.lines[0].startswith(f"GET {PATH}")
    assert recorder.headers().keys() == {"host", "accept", "accept-encoding", "user-agent"}
    assert not api_server.connections
    assert observer.identities == ["anonymous"]


async def test_a_service_is_asked_by_the_api_server_as_the_caller(
    fleet: Fleet, registry: Registry, api_server: WireServer, observer: Observer
) -> None:
    put(registry, SERVICE)

    assert await ask(fleet) == 1

    path = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy"
    assert api_server.lines[0].startswith(f"GET {path}{PATH}")
    assert api_server.headers()["authorization"] == "Bearer t"
    assert observer.identities == ["stored credential"]


async def test_both_ways_are_in_the_audit(
    fleet: Fleet, registry: Registry, recorder: WireServer, log: MemoryAudit
) -> None:
    for address in (url(recorder), SERVICE):
        put(registry, address)
        await ask(fleet)

    assert fleet.auditor is not None
    await fleet.auditor.flush()
    newest_first = await log.page(first=3, before=None, matching=AuditFilter())
    assert [(event.resource, event.identity) for event in newest_first] == [
        ("services/proxy", "stored credential"),
        ("query_range", "anonymous"),
    ]


async def test_a_changed_address_is_used_at_once_on_another_connection(
    fleet: Fleet, registry: Registry, recorder: WireServer
) -> None:
    put(registry, url(recorder))
    assert [await ask(fleet), await ask(fleet)] == [1, 1]
    assert recorder.connections == 1

    async with plain_server(ANSWER) as other:
        put(registry, url(other))
        await ask(fleet)
        await until(lambda: not recorder.open_connections)
        assert (len(recorder.requests), len(other.requests)) == (2, 1)

        put(registry, None)
        assert (await fleet.clusters(OPERATOR))[0].prometheus is None
        await until(lambda: not other.open_connections)


async def test_one_that_is_down_says_nothing_about_the_cluster(
    fleet: Fleet, registry: Registry, api_server: WireServer, observer: Observer
) -> None:
    async with plain_server(ANSWER) as gone:
        put(registry, url(gone))

    for _ in range(5):
        with pytest.raises(Unreachable, match="its Prometheus: "):
            await ask(fleet)
    (cluster,) = await fleet.clusters(OPERATOR)
    await cluster.sender.send(LIST, Deadline(30))

    assert observer.verdicts == []
    assert len(api_server.requests) == 1
    assert fleet.server_certificates().keys() == {"alpha"}


async def test_one_that_hangs_takes_no_slot_of_the_cluster(
    fleet: Fleet, registry: Registry, recorder: WireServer
) -> None:
    put(registry, url(recorder))
    recorder.answers = [None]
    hanging = [asyncio.create_task(ask(fleet)) for _ in range(8)]
    await until(lambda: len(recorder.requests) == 3)  # a caller never gets all slots

    (cluster,) = await fleet.clusters(OPERATOR)
    await cluster.sender.send(LIST, Deadline(30))

    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_stored_address_that_is_invalid_is_an_error_of_the_cluster_alone(
    fleet: Fleet, registry: Registry, api_server: WireServer
) -> None:
    put(registry, "ftp://s3cret")

    with pytest.raises(CredentialUnusable, match="the address of its Prometheus is invalid") as failure:
        await ask(fleet)

    assert "s3cret" not in str(failure.value)
    assert not api_server.connections
    with pytest.raises(CredentialUnusable, match="the address of its Prometheus is invalid"):
        (await prometheus_of(fleet)).sender.sender.sender.client()  # type: ignore[attr-defined]  # the pool's client


@pytest.mark.parametrize("is_direct", [True, False])
async def test_a_check_asks_the_prometheus_as_well(
    is_direct: bool, registry: Registry, api_server: WireServer, recorder: WireServer
) -> None:
    limits = ProbeLimits(connection=ConnectionLimits(connect_timeout_s=30), timeout_s=30)
    connect = Network(limits.connection)
    assert await prometheus_error(registry.opened[0], limits=limits, connect=connect) is None
    put(registry, url(recorder) if is_direct else SERVICE)
    wire = recorder if is_direct else api_server

    assert await prometheus_error(registry.opened[0], limits=limits, connect=connect) is None
    assert [line for line in wire.lines if "query=vector(1)" in line] == wire.lines
    assert (len(recorder.requests), len(api_server.requests)) == ((1, 0) if is_direct else (0, 1))

    wire.answers = [http(b"{}", "500 X")]
    error = await prometheus_error(registry.opened[0], limits=limits, connect=connect)
    assert isinstance(error, ServerFailed)
    assert str(error) == "cluster 'alpha': its Prometheus answered HTTP 500."
