"""Subscriptions of custom kinds, of one object and of totals, on a real API server: always what a fresh query finds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random
from typing import Any, cast

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
from tests.graph.live.living import Json, Living, taking

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


@pytest.fixture
async def session(alpha: Cluster) -> AsyncIterator[aiohttp.ClientSession]:
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    async with connect(alpha) as session:
        for path, body in (("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}}), (definitions, DEFINITION)):
            async with session.post(path, json=body) as made:
                assert made.status in (201, 409), await made.text()
        async with asyncio.timeout(30):
            while (await session.get(WIDGETS)).status != 200:
                await asyncio.sleep(0.05)  # the API server says nothing when it serves a new kind
        async with session.delete(WIDGETS):
            pass
        yield session
        async with session.delete(f"{definitions}/{KIND}"):
            pass


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
            for taken, query in zip((typed, untyped), queries, strict=True):
                fresh: Any = (await fleet.ask(query))["list"]
                state = {node.pop("id"): node for node in fresh.pop("nodes")}
                await taken.until(lambda taken=taken, state=state: taken.state == state)
                totals = {name: (value, taken) for name, value in fresh.items()}
                await taken.until(
                    lambda totals=totals: all(one.last(name) == value for name, (value, one) in totals.items())
                )
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
