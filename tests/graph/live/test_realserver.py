"""Subscriptions of custom kinds, of one object and of totals, on a real API server: always what a fresh query finds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random
from typing import cast

import aiohttp
import pytest

from graph.engine import Engine
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.kinds.kind import Kind
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.watchconnection import WatchConnection
from resolvers.fleet.fleet import Fleet
from resolvers.limits import OperationLimits
from resolvers.names import list_name
from server.operationexecutor import OperationExecutor
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.graph.customtypes import open_source
from tests.graph.fleets import CURSOR_KEY, Clusters, cluster_of, connection_to
from tests.graph.live.living import Json, Living, Taken, taking

pytestmark = pytest.mark.controlplane
NAMESPACE = "followed-lists"
KIND = Kind("lists.example.com", "v1", "Listed", "listeds")
WIDGETS = f"/apis/{KIND.api_version}/namespaces/{NAMESPACE}/{KIND.plural}"
DEFINITION = {
    "metadata": {"name": str(KIND)},
    "spec": {
        "group": KIND.group,
        "scope": "Namespaced",
        "names": {"kind": KIND.name, "plural": KIND.plural},
        "versions": [
            {
                "name": KIND.version,
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                    }
                },
            }
        ],
    },
}


async def until(session: aiohttp.ClientSession, path: str, status: int) -> None:
    """Waits for a status: an API server says nothing when it begins or ends to serve a kind."""
    async with asyncio.timeout(30):
        while True:
            async with session.get(path) as answer:
                if answer.status == status:
                    return
            await asyncio.sleep(0.05)


@pytest.fixture
async def session(alpha: Cluster) -> AsyncIterator[aiohttp.ClientSession]:
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    async with connect(alpha) as session:
        for path, body in (("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}}), (definitions, DEFINITION)):
            async with session.post(path, json=body) as made:
                assert made.status in (201, 409), await made.text()
        await until(session, WIDGETS, 200)
        yield session
        async with session.delete(f"{definitions}/{KIND}"):
            pass
        await until(session, f"{definitions}/{KIND}", 404)


@pytest.fixture
async def fleet(alpha: Cluster) -> AsyncIterator[Living]:
    connection = connection_to(alpha)
    endpoint = Endpoint(alpha.server, ca_pem=alpha.ca_pem.decode())
    watching = WatchConnection(alpha.name, endpoint, credential=BearerToken(Secret(alpha.token())))
    watches = SharedWatches(watching, linger_s=0)
    cluster = replace(cluster_of(connection), watches=lambda: watches, rights="administrator")
    engine = Engine(types=open_source({alpha.name: [KIND]}))
    clusters = cast(Fleet, Clusters((cluster,)))
    limits = OperationLimits()
    yield Living(OperationExecutor(engine, clusters, cursor_key=CURSOR_KEY, limits=limits, timeout_s=30), {})
    await watches.close()
    await connection.close()


async def put(session: aiohttp.ClientSession, name: str, part: str) -> None:
    body: Json = {
        "apiVersion": KIND.api_version,
        "kind": KIND.name,
        "metadata": {"name": name},
        "spec": {"parts": [{"name": part}]},
    }
    async with session.patch(
        f"{WIDGETS}/{name}",
        json=body,
        params={"fieldManager": "test", "force": "true"},
        headers={"Content-Type": "application/apply-patch+yaml"},
    ) as applied:
        assert applied.status in (200, 201), await applied.text()


async def until_fresh(taken: Taken, fresh: Json) -> None:
    """Waits until the rows and the totals are those of a query."""
    (totals,) = fresh.values()
    state = {node.pop("id"): node for node in totals.pop("nodes")}
    await taken.until(lambda: taken.state == state and all(taken.last(name) == totals[name] for name in totals))


async def test_custom_objects_and_totals_are_those_of_a_fresh_query(
    fleet: Living, session: aiohttp.ClientSession
) -> None:
    listed = list_name(KIND)
    where = f'(namespaces: ["{NAMESPACE}"], where: {{path: "spec.parts.name", op: NE, value: "out"}}%s)'
    whole = 'totalCount groups(by: ["spec.parts.name"]) { key count }'
    row = "__typename name spec { parts { name } }"
    generic = f'objects(resource: "{KIND}", namespaces: ["{NAMESPACE}"]%s)'
    texts = [
        f"subscription {{ {listed}{where % ', batchMs: 0'} {{ {whole} changes {{ type id object {{ {row} }} }} }} }}",
        f"subscription {{ {generic % ', batchMs: 0'} {{ totalCount changes {{ type id object {{ name }} }} }} }}",
    ]
    queries = [
        f"{{ list: {listed}{where % ''} {{ {whole} nodes {{ id {row} }} }} }}",
        f"{{ list: {generic % ''} {{ totalCount nodes {{ id name }} }} }}",
    ]
    random = Random(5)  # noqa: S311  not for secrets
    questions = [await fleet.subscribe(text) for text in texts]
    async with taking(questions[0]) as typed, taking(questions[1]) as untyped:
        for _ in range(4):
            for _ in range(8):
                name = f"w{random.randrange(6)}"
                if random.random() < 0.25:
                    async with session.delete(f"{WIDGETS}/{name}"):
                        continue
                await put(session, name, random.choice(("a", "b", "out")))
            await until_fresh(typed, await fleet.ask(queries[0]))
            await until_fresh(untyped, await fleet.ask(queries[1]))
        assert {change["type"] for change in typed.changes} == {"ADDED", "MODIFIED", "DELETED"}


async def test_one_object_is_watched_alone(fleet: Living, session: aiohttp.ClientSession) -> None:
    for name in ("one", "other"):
        await put(session, name, "a")
    query = f'{{ {list_name(KIND)}(namespaces: ["{NAMESPACE}"], name: "one") {{ nodes {{ id }} }} }}'
    ((node,),) = [found["nodes"] for found in (await fleet.ask(query)).values()]
    text = "subscription Follow($id: ID!) { object(id: $id, batchMs: 0) { changes { type id object { name } } } }"
    async with taking(await fleet.subscribe(text, {"id": node["id"]}, is_explained=True)) as taken:
        await taken.until(lambda: taken.state)
        await put(session, "other", "b")
        async with session.delete(f"{WIDGETS}/one"):
            pass
        await taken.until(lambda: not taken.state)
        await put(session, "one", "c")
        await taken.until(lambda: taken.state == {node["id"]: {"name": "one"}})
    (watch,) = taken.payloads[-1]["extensions"]["explain"]["watches"]
    assert (watch["kind"], watch["namespace"], watch["fieldSelector"], watch["objects"]) == (
        str(KIND),
        NAMESPACE,
        "metadata.name=one",
        1,
    )
