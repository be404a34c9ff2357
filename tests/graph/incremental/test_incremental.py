"""`@defer` and `@stream`: the first payload, the cost, and the end."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from graph.engine import Engine
from graph.errors import INTERNAL_MESSAGE
from graph.incremental.delivery import Delivery
from graph.incremental.payloads import Payload, PayloadFormat
from graph.request import GraphqlRequest
from graph.schema.catalogue import catalogue
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.caller import OPERATOR
from resolvers.limits import OperationLimits
from resolvers.links.members import Member
from resolvers.operation.operation import Operation
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.bodies import MadeObjects
from tests.graph.execution.test_cancellation import HangingSender
from tests.graph.fleets import CURSOR_KEY, LATE, Asking, connection_to, fleet_of
from tests.graph.merging import Merged
from tests.graph.senders import Objects, ObjectsSender

Ask = Callable[..., Asking]
LINKS = (
    """{ pods { nodes { name %s { node { name pods { totalCount } } deployment { name replicas { ready } } } } } }"""
)


@dataclass
class GatedSender:
    """A sender that waits for a permit."""

    sender: ObjectsSender
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns its answer, later."""
        await self.gate.wait()
        return await self.sender.send(call, deadline)


def made(name: str) -> ObjectsSender:
    return ObjectsSender(name, MadeObjects(len(name)))


def plain(payload: Payload) -> Any:
    return json.loads(payload.to_json(PayloadFormat.IDS))


async def payloads_of(payloads: AsyncGenerator[Payload, None]) -> list[Any]:
    return [plain(payload) async for payload in payloads]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, Callable[..., object]], None]:
    """Puts another function behind a member."""

    def member(owner: str, name: str, function: Callable[..., object]) -> None:
        members = cast(dict[str, Member], catalogue()[owner].members)
        monkeypatch.setitem(members, name, replace(members[name], function=function))  # type: ignore[arg-type]  # any

    return member


async def test_each_cluster_is_delivered_when_it_is_there(ask: Ask) -> None:
    slow = GatedSender(made("slow"))
    query = "{ clusters { name ... @defer { pods { totalCount } } } }"

    async with aclosing(ask(made("fast"), slow).deliver(query)) as payloads:
        first, second = plain(await anext(payloads)), plain(await anext(payloads))
        slow.gate.set()
        third = plain(await anext(payloads))

    assert first["data"] == {"clusters": [{"name": "fast"}, {"name": "slow"}]}
    assert [pending["path"] for pending in first["pending"]] == [["clusters", 0], ["clusters", 1]]
    assert [completion["id"] for completion in second["completed"]] == ["0"]
    assert [completion["id"] for completion in third["completed"]] == ["1"]
    assert [first["hasNext"], second["hasNext"], third["hasNext"]] == [True, True, False]


async def test_rows_of_fast_clusters_come_first(ask: Ask) -> None:
    slow = GatedSender(made("a-slow-one"))
    query = "{ pods { nodes @stream { cluster { name } } ... @defer { totalCount clusters { status } } } }"
    merged = Merged()

    async with aclosing(ask(made("fast"), slow).deliver(query)) as payloads:
        for _ in range(2):
            merged.add(plain(await anext(payloads)))
        early = [dict(row) for row in merged.data["pods"]["nodes"]]
        slow.gate.set()
        async for payload in payloads:
            merged.add(plain(payload))

    assert early
    assert {row["cluster"]["name"] for row in early} == {"fast"}
    assert merged.data["pods"]["totalCount"] == len(merged.data["pods"]["nodes"]) > len(early)
    assert [cluster["status"] for cluster in merged.data["pods"]["clusters"]] == ["OK", "OK"]


@pytest.mark.parametrize(
    "query",
    [
        "{ pods { totalCount nodes @stream { name } } }",
        '{ pods(orderBy: [{path: "name"}]) { nodes @stream { name } } }',
        "{ pods(first: 3) { nodes @stream { name } } }",
        "{ pods { nodes @stream(if: false) { name } } }",
        "{ pods { nodes { name ... @defer(if: false) { node { name } } } } }",
        "{ pods { nodes { metadata { name ... @defer { labels } } } } }",
        "{ pods { nodes { name ... @defer { name } } } }",
    ],
)
async def test_what_cannot_or_need_not_come_later_is_there_at_once(ask: Ask, query: str) -> None:
    asking = ask(made("one"))

    (only,) = await payloads_of(asking.deliver(query))

    assert only == {"data": (await asking(query)).to_builtins()["data"], "hasNext": False}


async def test_fragments_with_a_field_in_common_come_together(ask: Ask) -> None:
    query = """{ nodes(first: 1) { nodes { name
      ... @defer(label: "a") { pods { totalCount } }
      ... @defer(label: "b") { pods { totalCount } roles } } } }"""

    first, second = await payloads_of(ask(made("one")).deliver(query))

    assert [pending["label"] for pending in first["pending"]] == ["a", "b"]
    (increment,) = second["incremental"]
    assert increment["data"].keys() == {"pods", "roles"}
    assert [completion["id"] for completion in second["completed"]] == [
        announcement["id"] for announcement in first["pending"]
    ]


@pytest.mark.parametrize("directive", ["... @defer", '... @defer(label: "links")'])
async def test_a_deferred_link_is_one_request_whatever_the_number_of_rows(ask: Ask, directive: str) -> None:
    sender = made("one")
    asking = ask(sender)
    await asking(LINKS % "...")
    whole, sender.calls = sender.calls, []

    await payloads_of(asking.deliver(LINKS % directive))

    assert sorted(call.path for call in sender.calls) == sorted(call.path for call in whole)


async def test_errors_of_payloads_are_masked_and_logged_once(
    ask: Ask, put: Callable[[str, str, Callable[..., object]], None]
) -> None:
    async def fail(*_arguments: object) -> object:
        raise RuntimeError("secret dsn postgres://u:p@h/db")

    put("Pod", "deployment", fail)
    queries = (
        "{ pods { nodes { name ... @defer { deployment { name } } } } }",
        "{ pods { nodes @stream { name deployment { name } } } }",
        "{ nodes(first: 1) { nodes { name } } ... @defer { pods { nodes { deployment { name } } } } }",
    )
    for query in queries:
        with capture_logs() as logs:
            payloads = await payloads_of(ask(made("one")).deliver(query))

        (error,) = [
            error for payload in payloads[1:] for part in payload["incremental"] for error in part.get("errors", [])
        ]
        assert error["message"] == INTERNAL_MESSAGE
        assert error["extensions"]["code"] == "INTERNAL"
        assert "secret" not in json.dumps(payloads)
        assert [log["id"] for log in logs] == [error["extensions"]["id"]]


async def test_a_row_that_may_not_be_null_fails_what_was_announced(
    ask: Ask, put: Callable[[str, str, Callable[..., object]], None]
) -> None:
    put("Pod", "name", lambda _pod: None)

    deferred = await payloads_of(ask(made("one")).deliver("{ pods { nodes { kind ... @defer { name } } } }"))
    streamed = await payloads_of(ask(made("one")).deliver("{ pods { nodes @stream { name } } }"))

    assert [completion["errors"][0]["path"] for completion in deferred[1]["completed"]] == [
        [*pending["path"], "name"] for pending in deferred[0]["pending"]
    ]
    (failed,) = streamed[-1]["completed"]
    assert failed["errors"][0]["path"] == ["pods", "nodes", 0, "name"]


@pytest.mark.parametrize(
    "query",
    [
        "{ pods { nodes { name ... @defer { node { name } deployment { name } replicaSet { name } } } } }",
        "{ pods { nodes @stream { name node { name } deployment { name } replicaSet { name } } } }",
    ],
)
async def test_what_comes_later_is_estimated_before_anything_is_sent(ask: Ask, query: str) -> None:
    sender = made("one")

    (only,) = await payloads_of(ask(sender).deliver(query, limits=OperationLimits(requests=3)))

    assert [error["extensions"]["code"] for error in only["errors"]] == ["LIMIT_EXCEEDED"]
    assert sender.calls == []


def _pods(count: int) -> Objects:
    def objects(kind: Kind) -> list[JsonObject]:
        names = [f"pod-{place}" for place in range(count)] if kind == POD else []
        return [{"kind": "Pod", "metadata": {"name": name, "namespace": "shop"}} for name in names]

    return objects


async def test_a_list_that_is_too_long_ends_its_stream(ask: Ask) -> None:
    asking = ask(ObjectsSender("one", _pods(5)), ObjectsSender("two", _pods(5)))

    payloads = await payloads_of(
        asking.deliver("{ pods { nodes @stream { name } } }", limits=OperationLimits(objects=8))
    )

    (failed,) = payloads[-1]["completed"]
    assert failed["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_a_cluster_that_makes_a_stream_too_long_costs_its_own_rows(ask: Ask) -> None:
    large, small = GatedSender(ObjectsSender("large", _pods(8))), GatedSender(ObjectsSender("small", _pods(2)))
    small.gate.set()
    found = Merged()

    async with aclosing(
        ask(large, small).deliver(
            "{ pods { nodes @stream { name cluster { name } } } }", limits=OperationLimits(objects=9)
        )
    ) as payloads:
        async for payload in payloads:
            found.add(plain(payload))
            large.gate.set()

    assert [node["cluster"]["name"] for node in found.data["pods"]["nodes"]] == ["small"] * 2
    assert [(error["extensions"]["cluster"], error["extensions"]["reason"]) for error in found.errors] == [
        ("large", "TooManyObjects")
    ]


async def test_what_is_not_there_in_time_is_told_so(ask: Ask) -> None:
    asking = ask(made("one"), HangingSender("slow"))
    query = "{ clusters { name ... @defer { pods { totalCount } } } }"

    payloads = await payloads_of(asking.deliver(query, timeout_s=2))

    assert payloads[-1] == {
        "completed": [{"id": "1", "errors": [{"message": "too late", "extensions": {"code": "LIMIT_EXCEEDED"}}]}],
        "hasNext": False,
    }


async def test_what_is_there_is_sent_however_late_it_is_taken(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.incremental.outbox.MOST_ENTRIES", 1)
    query = "{ clusters { name ... @defer { pods { totalCount } } } }"
    asking, payloads = ask(made("one"), made("three")), list[Any]()

    async for payload in asking.deliver(query, timeout_s=2):
        payloads.append(plain(payload))
        if payload.incremental:
            await asyncio.sleep(2.5)  # later than anything is waited for

    assert sum(len(payload.get("incremental", ())) for payload in payloads) == 2
    assert not any("errors" in completion for payload in payloads for completion in payload.get("completed", ()))
    assert payloads[-1]["hasNext"] is False


async def test_what_is_open_when_it_is_over_can_still_be_completed(engine: Engine, ask: Ask) -> None:
    operation = Operation(ask(HangingSender("one")).fleet, caller=OPERATOR, cursor_key=CURSOR_KEY)
    answer = await engine.deliver(GraphqlRequest("{ clusters { ... @defer { pods { totalCount } } } }"), operation)
    assert isinstance(answer, Delivery)
    async with aclosing(answer.payloads(until_s=asyncio.get_running_loop().time() + 60, late=LATE)) as payloads:
        await anext(payloads)

    last = [plain(payload) async for payload in answer.cut_off(LATE)]

    assert last == [{"completed": [{"id": "0", "errors": [LATE]}], "hasNext": False}]


@pytest.mark.parametrize(
    "query",
    [
        "{ clusters { name ... @defer { pods { nodes { name } } } } }",
        "{ pods { nodes @stream { name } ... @defer { totalCount } } }",
        "{ clusters { name } ... @defer { pods { nodes { name } } } }",
    ],
)
async def test_who_stops_reading_leaves_nothing_running(ask: Ask, query: str) -> None:
    sender = HangingSender("one")
    before = asyncio.all_tasks()
    payloads = ask(sender).deliver(query)
    await anext(payloads)
    await sender.asked.wait()

    await payloads.aclose()

    assert sender.under_way == 0
    assert asyncio.all_tasks() == before


@pytest.fixture(scope="module")
async def real(engine: Engine, alpha: Cluster, beta: Cluster) -> AsyncIterator[Asking]:
    """Returns two real clusters with pods of deployments on nodes."""
    for cluster in (alpha, beta):
        await populate(cluster, FleetSize(namespaces=2, nodes=3, deployments=3, pods=60), prefix="incremental")
    connections = [connection_to(cluster) for cluster in (alpha, beta)]
    asking = Asking(engine, fleet_of(connections))
    await asking(LINKS % "...")  # new API servers may put their first lists off, which are asked for again then
    yield asking
    for connection in connections:
        await connection.close()


@pytest.mark.controlplane
@pytest.mark.parametrize(
    ("plain_query", "query"),
    [
        (LINKS % "...", LINKS % "... @defer"),
        (
            "{ pods { nodes { name node { name } } totalCount } }",
            "{ pods { nodes @stream { name ... @defer { node { name } } } ... @defer { totalCount } } }",
        ),
        (
            "{ clusters { name pods { nodes { name deployment { name } } } } }",
            "{ clusters { name ... @defer { pods { nodes { name ... @defer { deployment { name } } } } } } }",
        ),
    ],
)
async def test_the_api_servers_are_asked_no_more_than_for_the_whole(
    real: Asking, alpha: Cluster, beta: Cluster, plain_query: str, query: str
) -> None:
    marks = [cluster.audit.mark() for cluster in (alpha, beta)]
    whole = await real(plain_query)
    assert whole.errors == []
    wanted = [requests_since(cluster, mark) for cluster, mark in zip((alpha, beta), marks, strict=True)]
    marks = [cluster.audit.mark() for cluster in (alpha, beta)]

    payloads = await payloads_of(real.deliver(query))

    assert len(payloads) > 1
    assert [requests_since(cluster, mark) for cluster, mark in zip((alpha, beta), marks, strict=True)] == wanted
    assert wanted[0]


def requests_since(cluster: Cluster, mark: Any) -> list[str]:
    return sorted(request.uri for request in cluster.audit.requests_since(mark, user_agent="fleetgraph"))
