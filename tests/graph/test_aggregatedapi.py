"""An aggregated API behind a real kube-apiserver: read like any kind; dead, it costs its own kinds only."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.kinds.kind import Kind
from k8s.schemas.learning import learn
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.watch import Watch
from k8s.watches.target import WatchTarget
from tests.controlplane.aggregated import AggregatedApi, AggregatedKind
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.graph.documents import WIDE
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.k8s.watches.maps import connection_to as watch_connection_to
from tests.k8s.watches.reflector.state import State

pytestmark = pytest.mark.controlplane

GROUP: Final = "usage.aggregated.test"
_DISCOVERY: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_TEXT: JsonObject = {"type": "string"}
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "apiVersion": _TEXT,
        "kind": _TEXT,
        "metadata": {"type": "object"},
        "timestamp": {"type": "string", "format": "date-time"},
        "usage": {"type": "object", "additionalProperties": _TEXT},
    },
}


def _measure(number: int) -> JsonObject:
    return {
        "metadata": {"name": f"measure-{number}", "namespace": "default", "creationTimestamp": None},
        "timestamp": "2026-01-02T03:04:05Z",
        "usage": {"cpu": f"{number * 300}m", "memory": "1Mi"},
    }


@pytest.fixture(scope="module")
def api(beta: Cluster) -> Iterator[AggregatedApi]:
    """Registers an API with one kind that has a schema, and one that has none."""
    measures = [_measure(number) for number in range(3)]
    kinds = [AggregatedKind("Measure", "measures", measures, _SCHEMA), AggregatedKind("Plain", "plains", measures[:1])]
    with AggregatedApi(GROUP, kinds, CertificateAuthority.create("aggregated")) as api:
        api.register(beta)
        try:
            asyncio.run(_discovered(beta, '"plains"'))
            yield api
        finally:
            api.unregister(beta)
            asyncio.run(_discovered(beta, ""))


@pytest.fixture(scope="module")
def connection(beta: Cluster) -> Connection:
    return connection_to(beta)


@pytest.fixture(scope="module")
async def asking(connection: Connection, api: AggregatedApi) -> AsyncIterator[Asking]:
    """Asks one fleet in all tests, which therefore remembers what the cluster served."""
    yield Asking(Engine(WIDE), fleet_of([connection]))
    await connection.close()


async def _discovered(cluster: Cluster, text: str) -> None:
    """Waits until discovery has the group with a text; without one, until the group is gone."""
    async with connect(cluster) as session, asyncio.timeout(60):
        while True:
            async with session.get("/apis", headers={"Accept": _DISCOVERY}) as response:
                groups = [one for one in json.loads(await response.read())["items"] if one["metadata"]["name"] == GROUP]
            if text in json.dumps(groups) if text else not groups:
                return
            await asyncio.sleep(0.05)


async def _ask(asking: Asking, query: str) -> Any:
    return json.loads((await asking(query)).to_json())


@pytest.mark.usefixtures("api")
async def test_its_objects_are_polled_for_subscriptions(beta: Cluster) -> None:
    """It knows no watches, answers one with a list, and its objects have no versions, as those of simple servers."""
    state, watching = State(), watch_connection_to(beta)
    watch = Watch(watching, WatchTarget(Kind(GROUP, "v1", "Measure", "measures")), limits=WatchLimits(poll_s=0.01))
    task = asyncio.create_task(watch.run(state))
    try:
        await state.until(lambda: state.syncs == 3)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await watching.close()

    assert list(state.objects) == [("default", f"measure-{number}") for number in range(3)]
    assert state.polled_every_s == 0.01
    assert not state.failures


async def test_its_objects_are_read_as_json(asking: Asking) -> None:
    query = """{
      objects(resource: "measures", where: [{path: "usage.cpu", op: GT, value: "200m"}]) {
        nodes { __typename apiVersion kind name cpu: fields(path: "usage.cpu") manifest health { status } }
        clusters { status }
      }
      object(cluster: "beta", kind: "Plain", namespace: "default", name: "measure-0") { kind }
    }"""

    answer = await _ask(asking, query)

    assert "errors" not in answer
    first, second = answer["data"]["objects"]["nodes"]
    assert (first["name"], first["cpu"], second["cpu"]) == ("measure-1", "300m", "600m")
    assert (first["__typename"], first["health"]) == ("GenericObject", {"status": "Current"})
    assert first["manifest"] == {"apiVersion": f"{GROUP}/v1", "kind": "Measure", **_measure(1)}
    assert answer["data"]["objects"]["clusters"] == [{"status": "OK"}]
    assert answer["data"]["object"] == {"kind": "Plain"}


async def test_its_kinds_are_listed_with_their_few_verbs(asking: Asking) -> None:
    found = await _ask(asking, f'{{ kinds(group: "{GROUP}") {{ nodes {{ kind isStale versions {{ verbs }} }} }} }}')

    assert found["data"]["kinds"]["nodes"] == [
        {"kind": kind, "isStale": False, "versions": [{"verbs": ["get", "list"]}]} for kind in ("Measure", "Plain")
    ]


async def test_its_schema_is_learned(connection: Connection, api: AggregatedApi) -> None:
    async with asyncio.timeout(60):
        while True:
            types = await learn(connection, Deadline(30), chosen=lambda group: group == GROUP, before=None)
            kinds = types.kinds()
            if kinds:
                break
            await asyncio.sleep(0.05)

    [measure] = kinds
    assert (measure.name, measure.plural) == ("Measure", "measures")
    assert [field.key for field in measure.structures[0].fields] == ["metadata", "timestamp", "usage"]


async def test_dead_it_costs_only_its_own_kinds(asking: Asking, api: AggregatedApi, beta: Cluster) -> None:
    query = """{
      objects(resource: "measures") { totalCount clusters { status error { code message } } }
      namespaces { totalCount clusters { status } }
      kinds(group: "GROUP") { nodes { kind isStale } problems { message } clusters { status } }
    }""".replace("GROUP", GROUP)
    await _ask(asking, query)
    api.stop()
    api.touch(beta)
    await _discovered(beta, "Stale")

    async with asyncio.timeout(60):
        while not (answer := await _ask(asking, query))["data"]["kinds"]["problems"]:
            await _ask(asking, '{ objects(resource: "unknownthings") { totalCount } }')  # reads the kinds again
    data = answer["data"]

    assert [error["path"] for error in answer["errors"]] == [["objects"]]
    error = {
        "code": "CLUSTER_UNREACHABLE",
        "message": f"cluster 'beta': it answered HTTP 503 to list measures.{GROUP}.",
    }
    assert data["objects"] == {"totalCount": 0, "clusters": [{"status": "UNREACHABLE", "error": error}]}
    assert data["namespaces"]["totalCount"] > 0
    assert data["namespaces"]["clusters"] == data["kinds"]["clusters"] == [{"status": "OK"}]
    assert data["kinds"]["nodes"] == [{"kind": kind, "isStale": True} for kind in ("Measure", "Plain")]
    assert data["kinds"]["problems"] == [{"message": f"{GROUP}/v1: its server does not answer."}]
