"""Lists that are followed, on real API servers: their changes, applied, are always what a fresh query finds."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from random import Random
from typing import Any, cast

import aiohttp
import msgspec
import pytest

from graph.answer import Answer
from graph.engine import Engine
from graph.live.livedocument import LiveDocument
from graph.live.liveevaluation import Reads
from graph.live.subscription import LiveQuestion
from graph.request import GraphqlRequest
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.watchconnection import WatchConnection
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.operation.operation import FleetOfCaller, Operation
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.graph.fleets import CURSOR_KEY, Clusters, cluster_of, connection_to
from tests.graph.live.configmaps import change

pytestmark = pytest.mark.controlplane
NAMESPACE = "lived"


class Following:
    """A subscription, followed in the background; its payloads are applied to `state`, by ids."""

    def __init__(self, question: LiveQuestion, ask: Callable[[], Awaitable[Answer]]) -> None:
        self.state: dict[str, object] = {}
        self.types: list[str] = []
        self.payloads: list[dict[str, Any]] = []
        self._question = question
        self._ask = ask
        self._applied = asyncio.Event()

    async def fresh(self) -> Mapping[str, object]:
        answer = await self._ask()
        assert not answer.errors, answer.errors
        return {node.pop("id"): node for node in msgspec.to_builtins(answer.data)["live"]["nodes"]}

    async def run(self) -> None:
        async with aclosing(self._question.payloads(OPERATOR)) as payloads:
            async for body in payloads:
                payload = json.loads(body)["data"]["live"]
                self.payloads.append(payload)
                for change in payload["changes"]:
                    self.types.append(change["type"])
                    assert (change["id"] in self.state) is (change["type"] != "ADDED"), change
                    if change["object"] is None:
                        del self.state[change["id"]]
                    else:
                        self.state[change["id"]] = change["object"]
                self._applied.set()

    async def is_fresh(self) -> bool:
        async with asyncio.timeout(30):
            while self.state != await self.fresh():
                self._applied.clear()
                await self._applied.wait()
        return True


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def fleet(alpha: Cluster) -> AsyncIterator[Fleet]:
    connection = connection_to(alpha)
    endpoint = Endpoint(alpha.server, ca_pem=alpha.ca_pem.decode())
    watching = WatchConnection(alpha.name, endpoint, credential=BearerToken(Secret(alpha.token())))
    watches = SharedWatches(watching, linger_s=0)
    cluster = replace(cluster_of(connection), watches=lambda: watches)
    yield cast(Fleet, Clusters((cluster,)))
    await watches.close()
    await connection.close()


@pytest.fixture
async def session(alpha: Cluster) -> AsyncIterator[aiohttp.ClientSession]:
    async with connect(alpha) as session:
        async with session.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}}):
            pass
        for plural in ("configmaps", "pods"):
            async with session.delete(f"/api/v1/namespaces/{NAMESPACE}/{plural}?gracePeriodSeconds=0"):
                pass
        yield session


@asynccontextmanager
async def following(engine: Engine, fleet: Fleet, listed: str, selection: str) -> AsyncIterator[Following]:
    """Follows a list, such as `pods(...)`, with a selection of each object."""

    def operation(of: FleetOfCaller, changed: Reads | None) -> Operation:
        return Operation(of, caller=OPERATOR, cursor_key=CURSOR_KEY, changed=changed, pushes_down=False)

    request = GraphqlRequest(
        f"subscription {{ live: {listed} {{ changes {{ type id object {{ {selection} }} }} "
        "clusters { name state } } }"
    )
    fresh = GraphqlRequest(f"{{ live: {listed} {{ nodes {{ id {selection} }} }} }}")
    live = await engine.subscribe(request, operation(fleet, None))
    assert isinstance(live, LiveDocument), live
    question = LiveQuestion(engine, fleet, live, request, operation)
    followed = Following(question, lambda: engine.execute(fresh, operation(fleet, None)))
    task = asyncio.create_task(followed.run())
    try:
        yield followed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def pod(name: str, node: str, **labels: str) -> dict[str, object]:
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i"}]},
    }


async def test_random_changes_lead_to_what_a_fresh_query_finds(
    engine: Engine, fleet: Fleet, session: aiohttp.ClientSession
) -> None:
    listed = f'configMaps(namespaces: ["{NAMESPACE}"], where: {{path: "metadata.labels.kept", op: EQ, value: "yes"}})'
    random = Random(16)  # noqa: S311  a fixed seed
    async with following(engine, fleet, listed, "metadata { name labels } data") as followed:
        for _ in range(10):
            await change(session, NAMESPACE, random, times=6, names=5)
            assert await followed.is_fresh()
    assert set(followed.types) == {"ADDED", "MODIFIED", "DELETED"}


async def test_what_changes_behind_a_link_changes_the_row(
    engine: Engine, fleet: Fleet, session: aiohttp.ClientSession
) -> None:
    node = "lived-node"
    async with session.delete(f"/api/v1/nodes/{node}"):
        pass
    listed = f'pods(namespaces: ["{NAMESPACE}"], where: {{path: "node.spec.unschedulable", op: NE, value: true}})'
    async with session.post("/api/v1/nodes", json={"metadata": {"name": node}}) as made:
        assert made.status == 201
    for name in ("a", "b"):
        async with session.post(f"/api/v1/namespaces/{NAMESPACE}/pods", json=pod(name, node)) as made:
            assert made.status == 201, await made.text()
    merge = {"Content-Type": "application/merge-patch+json"}
    async with following(engine, fleet, listed, "metadata { name } node { metadata { labels } }") as followed:
        assert await followed.is_fresh()
        assert len(followed.state) == 2
        patch = {"metadata": {"labels": {"seen": "now"}}}
        async with session.patch(f"/api/v1/nodes/{node}", json=patch, headers=merge) as patched:
            assert patched.status == 200
        assert await followed.is_fresh()
        assert followed.types == ["ADDED", "ADDED", "MODIFIED", "MODIFIED"]
        async with session.patch(f"/api/v1/nodes/{node}", json={"spec": {"unschedulable": True}}, headers=merge):
            pass
        assert await followed.is_fresh()
        assert not followed.state
