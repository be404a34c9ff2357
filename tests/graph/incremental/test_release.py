"""The release of an operation: neither rows nor their readers remain at its end, without any garbage collection."""

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Final

import pytest
from structlog.testing import capture_logs

from graph.engine import Engine
from graph.execution.run import Run
from graph.executor import FleetExecutor
from graph.incremental.delivery import Delivery
from graph.incremental.payloads import Payload, PayloadFormat
from graph.planning.planner import Planner
from k8s.kinds.kind import Kind
from k8s.reading.listing import Page
from k8s.transport.sender import Sender
from k8s.turns import freeing
from resolvers.lists.clusteranswer import ClusterAnswer
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.operation.sharedreading import SharedReading
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize, generate
from tests.graph.execution.test_cancellation import HangingSender
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import DownSender, FailingSender, ObjectsSender, RememberingSender
from tests.k8s.freed import freed

HELD: Final = (
    Operation,
    FleetExecutor,
    Planner,
    Run,
    Delivery,
    SharedReading,
    Page,
    ClusterAnswer,
    Rows,
    asyncio.Task,
)
PODS: Final = 1500
_LINKS: Final = "node { name ready } deployment { name replicas { ready } }"

WHOLE: Final = {
    "plain": "{ pods { totalCount nodes { name namespace status { phase podIP } } } }",
    "linked": "{ pods { nodes { name restarts %s } } }" % _LINKS,  # noqa: UP031  braces
    "page": "{ pods(first: 200) { nodes { name } pageInfo { endCursor } clusters { status } } }",
    "filtered by link": '{ pods(where: [{path: "node.ready", op: EQ, value: true}]) { nodes { name } } }',
    "ordered": '{ pods(orderBy: [{path: "restarts"}, {path: "deployment.name"}], first: 10) { nodes { name } } }',
    "grouped": '{ pods { groups(by: ["node.name"]) { key count most: max(path: "restarts") nodes { name } } } }',
    "nested": "{ nodes { nodes { name pods { totalCount nodes { name deployment { name } } } } } }",
    "clusters": "{ clusters { name version reachable pods { totalCount nodes { name } } } }",
    "introspection": "{ __schema { types { name } } viewer { name } }",
    "not valid": "{ nope }",
    "not to be parsed": "{ ",
    "too costly": "{ pods(first: 9999) { nodes { node { pods(first: 9999) { totalCount nodes { name } } } } } }",
    "path that leads nowhere": '{ pods(where: [{path: "nope", op: EQ, value: 1}]) { nodes { name } } }',
    "argument that is none": '{ pods(labelSelector: "=") { nodes { name } } }',
}
IN_PAYLOADS: Final = {
    "deferred": "{ pods { nodes { name ... @defer { %s } } } }" % _LINKS,  # noqa: UP031
    "deferred at the root": "{ clusters { name } ... @defer { pods { nodes { name %s } } } }" % _LINKS,  # noqa: UP031
    "deferred failure": '{ clusters { name } ... @defer { pods(where: [{path: "no"}]) { totalCount } } }',
    "streamed": "{ pods { totalCount nodes @stream(initialCount: 1) { name %s } } }" % _LINKS,  # noqa: UP031
    "refused": "{ nope }",
}


@dataclass
class Objects:
    """Generated objects by kind."""

    by_kind: dict[str, list[JsonObject]] = field(default_factory=dict)

    def __call__(self, kind: Kind) -> list[JsonObject]:
        return self.by_kind.get(kind.name, [])


@pytest.fixture(scope="module")
def healthy() -> Sender:
    """A sender that answers again from memory."""
    objects = Objects()
    for deployment in generate(FleetSize(namespaces=4, nodes=5, deployments=10, pods=PODS)):
        objects.by_kind.setdefault(str(deployment["kind"]), []).append(deployment)
    return RememberingSender(ObjectsSender("one", objects))


@pytest.fixture
def asking(engine: Engine, healthy: Sender) -> Asking:
    """Returns a fleet of a cluster that answers and one that does not."""
    return Asking(engine, fleet_of([healthy, DownSender("two")]))


@pytest.fixture(autouse=True)
def _without_collector() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


async def left_by(work: Callable[[], Awaitable[object]]) -> tuple[Counter[str], int]:
    """Returns the objects that the second run of some work leaves behind: by type, and blocks of memory."""
    await work()
    await freed()
    before, blocks = held(), sys.getallocatedblocks()
    await work()
    await freed()
    return held() - before, sys.getallocatedblocks() - blocks


def held() -> Counter[str]:
    """Counts the objects that refer to rows."""
    return Counter(type(item).__qualname__ for item in gc.get_objects() if isinstance(item, HELD))


async def swallowed(payloads: AsyncGenerator[Payload, None], most: int | None = None) -> None:
    """Takes payloads, all or the first few."""
    taken = 0
    async with aclosing(payloads):
        async for _ in payloads:
            taken += 1
            if taken == most:
                return


@pytest.mark.parametrize("query", WHOLE.values(), ids=WHOLE.keys())
async def test_an_answer_leaves_nothing(asking: Asking, query: str) -> None:
    objects, blocks = await left_by(partial(asking, query))

    assert objects == Counter()
    assert blocks < PODS


@pytest.mark.parametrize("query", IN_PAYLOADS.values(), ids=IN_PAYLOADS.keys())
async def test_payloads_leave_nothing(asking: Asking, query: str) -> None:
    async def ask() -> None:
        with suppress(AssertionError):  # of a document that is refused
            await swallowed(asking.deliver(query))

    objects, blocks = await left_by(ask)

    assert objects == Counter()
    assert blocks < PODS


@pytest.mark.parametrize("query", ["deferred", "deferred at the root", "streamed"])
async def test_payloads_that_nobody_takes_leave_nothing(asking: Asking, query: str) -> None:
    objects, blocks = await left_by(lambda: swallowed(asking.deliver(IN_PAYLOADS[query]), most=1))

    assert objects == Counter()
    assert blocks < PODS


@pytest.mark.parametrize("query", WHOLE.values(), ids=WHOLE.keys())
async def test_what_nobody_expected_of_a_cluster_leaves_nothing(engine: Engine, healthy: Sender, query: str) -> None:
    async def ask() -> None:
        with capture_logs():
            await Asking(engine, fleet_of([healthy, FailingSender("three", RuntimeError())]))(query)

    objects, blocks = await left_by(ask)

    assert objects == Counter()
    assert blocks < PODS


@pytest.mark.parametrize("query", [WHOLE["linked"], WHOLE["grouped"], WHOLE["clusters"]])
async def test_a_cancelled_operation_leaves_nothing(engine: Engine, healthy: Sender, query: str) -> None:
    async def ask() -> None:
        hanging = HangingSender("three")
        asked = asyncio.create_task(Asking(engine, fleet_of([healthy, hanging]))(query))
        await hanging.asked.wait()
        asked.cancel()
        with suppress(asyncio.CancelledError):
            await asked

    objects, blocks = await left_by(ask)

    assert objects == Counter()
    assert blocks < PODS


async def test_an_operation_that_took_too_long_leaves_nothing(engine: Engine, healthy: Sender) -> None:
    async def ask() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await Asking(engine, fleet_of([healthy, HangingSender("three")]))(WHOLE["linked"])

    objects, blocks = await left_by(ask)

    assert objects == Counter()
    assert blocks < PODS


async def body_of(asking: Asking, query: str) -> bytes:
    """Returns the sent part of an answer; the rest is dropped, as by the server."""
    return (await asking(query)).without_data().to_json()


@pytest.mark.parametrize("query", [WHOLE["plain"], WHOLE["linked"], WHOLE["filtered by link"], WHOLE["grouped"]])
async def test_a_large_answer_is_freed_a_little_at_a_time(
    asking: Asking, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing, "SLICE_S", 0)
    await asking(query)
    await freed()
    blocks = sys.getallocatedblocks()
    sent = asyncio.create_task(body_of(asking, query))
    for _ in iter(sent.done, True):
        await asyncio.sleep(0)
    assert sent.result()
    turns = [sys.getallocatedblocks() - blocks]
    while freeing.is_under_way():
        await asyncio.sleep(0)
        turns.append(sys.getallocatedblocks() - blocks)

    assert turns[0] > 5 * PODS
    assert max(before - after for before, after in pairwise(turns)) < turns[0] // 10
    assert turns[-1] < PODS


@pytest.mark.parametrize("query", ["deferred", "streamed"])
async def test_a_payload_is_freed_a_little_at_a_time(
    asking: Asking, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing, "SLICE_S", 0)

    async for payload in asking.deliver(IN_PAYLOADS[query]):
        told = len(payload.incremental) + len(payload.completed)
        await freed()
        await payload.encoded(PayloadFormat.IDS)
        del payload
        turns = 0
        while freeing.is_under_way():
            await asyncio.sleep(0)
            turns += 1
        assert turns >= told // 4
