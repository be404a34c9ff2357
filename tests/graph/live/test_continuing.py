"""Lists of a real API server behind a proxy, followed over cuts, expired versions and the end of processes."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, cast

import aiohttp
import msgspec
import pytest

from graph.engine import Engine
from graph.live.livedocument import LiveDocument
from graph.live.liveevaluation import Reads
from graph.live.subscription import LiveQuestion
from graph.request import GraphqlRequest
from k8s.watches.sharedwatches import SharedWatches
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.live.resuming.resumetokens import ResumeTokens
from resolvers.operation.operation import FleetOfCaller, Operation
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import gone
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.proxy import FaultProxy
from tests.graph.fleets import CURSOR_KEY, Clusters, cluster_of, connection_to
from tests.graph.live import configmaps
from tests.k8s.watches.maps import connection_to as watching

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]  # a cut watch waits for a second before it continues
NAMESPACE = "continued"
LISTED = f'configMaps(namespaces: ["{NAMESPACE}"], where: {{path: "metadata.labels.kept", op: EQ, value: "yes"}})'
SELECTED = "metadata { name labels } data"
WATCHED = f"/api/v1/namespaces/{NAMESPACE}/configmaps?watch=1"


def _operation(of: FleetOfCaller, changed: Reads | None) -> Operation:
    return Operation(of, caller=OPERATOR, cursor_key=CURSOR_KEY, changed=changed, pushes_down=False)


@dataclass
class Process:
    """A server whose watches go through the proxy, and the question that it is asked."""

    question: LiveQuestion
    tokens: ResumeTokens
    asked: Fleet
    engine: Engine

    @classmethod
    @asynccontextmanager
    async def opened(cls, engine: Engine, cluster: Cluster, proxied: Cluster) -> AsyncIterator["Process"]:
        connection = connection_to(cluster)
        watches = SharedWatches(watching(proxied), linger_s=0)
        known = replace(cluster_of(connection), name=proxied.name, watches=lambda: watches)
        fleet = cast(Fleet, Clusters((known,)))
        changes = f"changes {{ type id object {{ {SELECTED} }} }}"
        request = GraphqlRequest(
            f"subscription {{ live: {LISTED} {{ {changes} clusters {{ name state isResynced }} resume }} }}"
        )
        live = await engine.subscribe(request, _operation(fleet, None))
        assert isinstance(live, LiveDocument), live
        tokens = ResumeTokens(CURSOR_KEY, live.scope)
        yield cls(LiveQuestion(engine, fleet, live, request, _operation, tokens=tokens), tokens, fleet, engine)
        await watches.close()
        await connection.close()

    async def fresh(self) -> Mapping[str, object]:
        query = GraphqlRequest(f"{{ live: {LISTED} {{ nodes {{ id {SELECTED} }} }} }}")
        answer = await self.engine.execute(query, _operation(self.asked, None))
        assert not answer.errors, answer.errors
        return {node.pop("id"): node for node in msgspec.to_builtins(answer.data)["live"]["nodes"]}


@dataclass
class Client:
    """Applies payloads to its state, and continues with the last token."""

    state: dict[str, object] = field(default_factory=dict)
    token: str = ""
    resynced: int = 0
    changes: int = 0
    applied: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def following(self, process: Process) -> AsyncIterator[None]:
        task = asyncio.create_task(self._follow(process))
        yield
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended

    async def _follow(self, process: Process) -> None:
        place = process.tokens.read(self.token) if self.token else None
        async with aclosing(process.question.payloads(OPERATOR, place)) as payloads:
            async for body in payloads:
                self._apply(json.loads(body)["data"]["live"])

    def _apply(self, payload: dict[str, Any]) -> None:
        if any(cluster["isResynced"] for cluster in payload["clusters"]):
            self.state.clear()
            self.resynced += 1
        for change in payload["changes"]:
            assert (change["id"] in self.state) is (change["type"] != "ADDED"), change
            self.state.pop(change["id"], None)
            if change["type"] != "DELETED":
                self.state[change["id"]] = change["object"]
        self.changes += len(payload["changes"])
        self.token = payload["resume"]
        self.applied.set()

    async def until_fresh(self, process: Process) -> None:
        async with asyncio.timeout(60):
            while self.state != await process.fresh():
                self.applied.clear()
                await self.applied.wait()


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def session(alpha: Cluster) -> AsyncIterator[aiohttp.ClientSession]:
    async with connect(alpha) as session:
        async with session.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}}):
            pass
        async with session.delete(f"/api/v1/namespaces/{NAMESPACE}/configmaps"):
            pass
        yield session


async def change(session: aiohttp.ClientSession, random: Random, times: int) -> None:
    """Changes config maps at random."""
    await configmaps.change(session, NAMESPACE, random, times=times, names=8)


async def test_cuts_and_the_end_of_processes(
    engine: Engine, alpha: Cluster, control_planes: ControlPlanes, session: aiohttp.ClientSession
) -> None:
    random, client = Random(16), Client()  # noqa: S311  a fixed seed
    with FaultProxy(alpha, control_planes.authority) as proxy:
        await change(session, random, 20)
        for is_cut in (True, False, False):
            async with Process.opened(engine, alpha, proxy.cluster) as process:
                async with client.following(process):
                    await change(session, random, 5)
                    if is_cut:
                        await asyncio.to_thread(proxy.drop_connections)
                    await change(session, random, 5)
                    await client.until_fresh(process)
                before = client.changes
                await change(session, random, 3)
                async with client.following(process):
                    await client.until_fresh(process)
                assert client.changes - before <= 3
            await change(session, random, random.choice((0, 4)))
    assert not client.resynced


async def test_an_expired_version_brings_all_rows_again(
    engine: Engine, alpha: Cluster, control_planes: ControlPlanes, session: aiohttp.ClientSession
) -> None:
    random, client = Random(17), Client()  # noqa: S311  a fixed seed
    with FaultProxy(alpha, control_planes.authority) as proxy:
        await change(session, random, 20)
        async with Process.opened(engine, alpha, proxy.cluster) as process, client.following(process):
            await client.until_fresh(process)
        await change(session, random, 20)
        proxy.when(f"{WATCHED}&allowWatchBookmarks=true&resourceVersion", gone())
        async with Process.opened(engine, alpha, proxy.cluster) as process, client.following(process):
            await client.until_fresh(process)
        assert client.resynced == 1
