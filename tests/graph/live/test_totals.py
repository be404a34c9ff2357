"""`totalCount` and `groups` of subscriptions, and what they and equal subscriptions cost."""

import asyncio
import gc
from functools import partial
from typing import Any

import pytest

from graph.engine import Engine
from graph.live import liverun
from graph.live.liveevaluation import LiveEvaluation, SubscriptionFailed
from graph.live.livetotals import CountPace, LiveTotals
from k8s.kinds.builtin import BUILT_IN, POD
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from resolvers.caller import Caller
from resolvers.limits import MemoryLimits, OperationLimits
from resolvers.live import polled
from resolvers.memory.budget import MemoryBudget
from tests.graph.live.living import Json, Taken, living, node, pod, taking

TOTALS = """subscription { pods(batchMs: 0, where: {path: "metadata.labels.app", value: "web"}) {
  totalCount phases: groups(by: ["status.phase"]) { key count names: nodes(first: 1) { name } }
  nodes: groups(by: ["node.ready"]) { key count } changes { type id object { name } } } }"""


async def test_totals_are_sent_when_they_change_only(engine: Engine) -> None:
    objects = [node("n1"), pod("p1", app="web"), pod("p2", app="web"), pod("p3", app="db")]
    async with living(engine, {"alpha": objects}, down=("gone",)) as fleet:
        content = fleet.contents["alpha"]
        async with taking(await fleet.subscribe(TOTALS)) as taken:
            await taken.until(lambda: taken.last("totalCount") == 2)
            first = next(listed for listed in taken.lists if listed["totalCount"] is not None)
            assert first["phases"] == [{"key": ["Running"], "count": 2, "names": [{"name": "p1"}]}]
            assert first["nodes"] == [{"key": [True], "count": 2}]

            content.apply(pod("p2", phase="Failed", app="web"))  # no selected field of the row has changed
            await taken.until(lambda: len(taken.last("phases")) == 2)
            assert taken.lists[-1]["changes"] == []
            content.apply(node("n1", is_ready=False))
            await taken.until(lambda: taken.last("nodes") == [{"key": [False], "count": 2}])
            content.apply(pod("p4", app="web"))
            await taken.until(lambda: taken.last("totalCount") == 3 and len(taken.state) == 3)
            content.delete(POD, "a", "p3")
            content.delete(POD, "a", "p1")
            await taken.until(lambda: taken.last("totalCount") == 2 and len(taken.state) == 2)

        sent = [listed for listed in taken.lists if listed["totalCount"] is not None]
        assert [listed["totalCount"] for listed in sent] in ([2, 2, 2, 3, 2], [2, 2, 2, 3, 3, 2])
        assert all((listed["totalCount"] is None) == (listed["phases"] is None) for listed in taken.lists)


async def test_a_later_subscriber_gets_the_totals(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1", app="web")]}) as fleet:
        question = await fleet.subscribe(TOTALS)
        async with taking(question) as first:
            await first.until(lambda: first.last("totalCount") == 1)
            async with taking(question) as second:
                await second.until(lambda: second.last("totalCount") == 1 and second.state)


async def test_all_counts_together_take_a_tenth_of_the_time_at_most() -> None:
    loop, counts, is_enough = asyncio.get_running_loop(), list[float](), asyncio.Event()

    async def count() -> bytes:
        counts.append(loop.time())
        await asyncio.sleep(0.02)
        totals.touch()
        if len(counts) == 3:
            is_enough.set()
        return str(len(counts)).encode()

    totals = LiveTotals(count, lambda: None, rest_s=0, pace=CountPace(lists=1))  # another list is counted, too
    totals.touch()
    task = asyncio.create_task(totals.run())
    await is_enough.wait()
    task.cancel()
    assert min(counts[1] - counts[0], counts[2] - counts[1]) >= (1 + 2 * 9) * 0.02


async def test_equal_subscriptions_are_evaluated_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluations: list[object] = []
    rows = LiveEvaluation.rows

    async def counted(self: LiveEvaluation, *args: object) -> object:
        evaluations.append(args)
        return await rows(self, *args)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(LiveEvaluation, "rows", counted)
    texts = (
        "subscription A($n: String) { pods(name: $n, batchMs: 0) { changes { type id object { name } } } }",
        "subscription   B($n: String, $m: Boolean = true) { pods(name: $n, batchMs: 0)\n"
        "{ changes @include(if: $m) { ...C } } } fragment C on PodChange { type id object { name } }  # the same",
    )
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        questions = [await fleet.subscribe(text, {"n": "p1", "unused": 1}) for text in texts]
        assert questions[0].question is questions[1].question
        other = await fleet.subscribe(texts[0], {"n": "p2"})
        explained = await fleet.subscribe(texts[0], {"n": "p1"}, is_explained=True)
        slower = await fleet.subscribe(texts[0].replace("batchMs: 0", "batchMs: 1"), {"n": "p1"})
        assert len({one.question for one in (questions[0], other, explained, slower)}) == 4

        async with taking(questions[0]) as first, taking(questions[1]) as second:
            await first.until(lambda: first.state and second.state)
            await second.until(lambda: first.state and second.state)
            await asyncio.sleep(0.05)
            evaluations.clear()
            fleet.contents["alpha"].apply(pod("p1", phase="Failed"))
            fleet.contents["alpha"].delete(POD, "a", "p1")
            await first.until(lambda: not first.state)
            await second.until(lambda: not second.state)
        assert 1 <= len(evaluations) <= 2
        assert first.payloads[-1] == second.payloads[-1]


async def test_a_subscription_begins_again_after_its_last_subscriber(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        text = "subscription { pods(batchMs: 0) { changes { type id object { name } } } }"
        question = await fleet.subscribe(text)
        for _ in range(2):
            async with taking(question) as subscriber:
                await subscriber.until(subscriber.state.__len__)
        questions = fleet.executor._questions
        assert len(questions) == 1
        del question, subscriber
        await asyncio.sleep(0)
        gc.collect()
        assert len(questions) == 0


async def test_cursors_are_not_shared_by_callers(engine: Engine) -> None:
    admin, other = (Caller(name=name, is_administrator=True) for name in ("admin", "other"))
    text = "subscription { nodes { changes { object { name pods(first: 1) { %s } } } } }"
    async with living(engine, {"alpha": [node("n1")]}) as fleet:
        for selection, are_shared in (("totalCount", True), ("pageInfo { endCursor }", False)):
            questions = [await fleet.subscribe(text % selection, caller=caller) for caller in (admin, other)]
            assert (questions[0].question is questions[1].question) is are_shared


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("subscription { pods(batchMs: 10001) { changes { type } } }", "batchMs: 10001 is invalid"),
        ("subscription { pods(batchMs: -1) { changes { type } } }", "batchMs: -1 is invalid"),
        ('subscription { pods(where: {path: "nope"}) { changes { type } } }', "Pod has no field nope"),
        ('subscription { pods { groups(by: ["nope"]) { count } } }', "Pod has no field nope"),
        ('subscription { pods(labelSelector: "a in") { changes { type } } }', "labelSelector"),
        ("subscription { pods { a: changes { type } b: changes { id } } }", "changes: select it once"),
        ("subscription { pods { changes { a: object { name } b: object { id } } } }", "object: select it once"),
        ("subscription { pods @skip(if: true) { changes { type } } }", ""),
        ("subscription { pods { changes { type } } nodes { changes { type } } }", ""),
        ("subscription { pods { nodes { name } } }", "write 'changes { object { ... } }'"),
        ("subscription { pods { changes { name } } }", "write 'object { name }'"),
    ],
)
async def test_what_is_invalid_is_refused_at_once(engine: Engine, text: str, words: str) -> None:
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        error = await fleet.refusal(text)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert words in error["message"]


async def test_the_cost_is_that_of_the_query(engine: Engine) -> None:
    text = "{ nodes { %s { name pods { nodes { node { name } } } } } }"
    async with living(engine, {"alpha": []}, limits=OperationLimits(cost=500)) as fleet:
        error = await fleet.refusal("subscription " + text % "changes { object" + " }")
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert "FLEETGRAPH_MAX_COST" in error["message"]


async def test_what_was_sent_counts_as_memory(engine: Engine) -> None:
    budget = MemoryBudget(MemoryLimits(operation_bytes=2**20))
    pods = [pod(f"p{number}") for number in range(6000)]
    async with living(engine, {"alpha": pods}, memory=budget) as fleet:
        question = await fleet.subscribe("subscription { pods(batchMs: 0) { changes { type } } }")
        async with taking(question) as taken:
            with pytest.raises(SubscriptionFailed) as failed:
                await taken.until(lambda: False)
        assert failed.value.errors[0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert budget.held_bytes == 0


async def test_explain_names_the_watches(engine: Engine) -> None:
    async with living(engine, {"alpha": [node("n1"), pod("p1")]}) as fleet:
        text = """subscription { pods(namespaces: ["a"], labelSelector: "!x", batchMs: 0) {
          changes { type id object { node { ready } } } } }"""
        async with taking(await fleet.subscribe(text, is_explained=True)) as taken:
            await taken.until(lambda: taken.state)
        watches = taken.payloads[-1]["extensions"]["explain"]["watches"]
        shown = [
            (one["kind"], one["namespace"], one["labelSelector"], one["isOfList"], one["objects"]) for one in watches
        ]
        assert shown == [("nodes", None, "", False, 1), ("pods", "a", "!x", True, 1)]
        assert {(one["cluster"], one["state"]) for one in watches} == {("alpha", "LIVE")}


def metrics(name: str, cpu: str) -> Json:
    return {
        "apiVersion": POD_METRICS.api_version,
        "kind": POD_METRICS.name,
        "metadata": {"name": name, "namespace": "a"},
        "containers": [{"name": "c", "usage": {"cpu": cpu, "memory": "1Mi"}}],
    }


async def test_usage_is_read_again_from_time_to_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liverun, "_POLLED_S", 0.05)
    monkeypatch.setattr(polled, "_KEPT_S", 0.01)
    kinds = (*BUILT_IN, POD_METRICS, NODE_METRICS)
    async with living(engine, {"alpha": [pod("p1"), metrics("p1", "1")]}, kinds=kinds) as fleet:
        text = "subscription { pods(batchMs: 0) { changes { type id object { usage { cpu } } } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: [*taken.state.values()] == [{"usage": {"cpu": "1"}}])
            fleet.contents["alpha"].apply(metrics("p1", "2"))
            await taken.until(lambda: [*taken.state.values()] == [{"usage": {"cpu": "2"}}])
        assert [change["type"] for change in taken.changes] == ["ADDED", "MODIFIED"]


async def test_what_depends_on_the_time_is_read_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liverun, "_POLLED_S", 0.05)
    lease: Json = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "l", "namespace": "a"},
        "spec": {"holderIdentity": "h", "acquireTime": "2026-01-01T00:00:00.000000Z"},
    }
    async with living(engine, {"alpha": [lease]}) as fleet:
        text = "subscription { leases(batchMs: 0) { changes { type id object { heldForSeconds } } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: len(taken.changes) == 2)
        assert [change["type"] for change in taken.changes] == ["ADDED", "MODIFIED"]


async def test_totals_beside_rows_are_sent_although_no_changes_are_selected(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        text = "subscription { pods(batchMs: 50) { totalCount clusters { name } } }"
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.last("totalCount") == 1)
            for number in range(2, 8):
                fleet.contents["alpha"].apply(pod(f"p{number}"))
                await taken.until(partial(_is_counted, taken, number))


async def test_an_empty_list_has_totals(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        text = 'subscription { pods(namespaces: ["empty"]) { totalCount } }'
        for _ in range(5):
            async with taking(await fleet.subscribe(text)) as taken:
                await taken.until(partial(_is_counted, taken, 0))


async def test_totals_are_no_link_of_the_list(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    rows = LiveEvaluation.rows

    async def counted(self: LiveEvaluation, fleet: Any, reads: Any) -> object:
        evaluated.append(sum(map(len, reads.values())))
        return await rows(self, fleet, reads)

    monkeypatch.setattr(LiveEvaluation, "rows", counted)
    async with living(engine, {"alpha": [pod(f"p{number}") for number in range(30)]}) as fleet:
        text = 'subscription { pods(name: "p1") { changes { id type object { name } } totalCount resume } }'
        all_pods = text.replace('(name: "p1")', "")
        async with taking(await fleet.subscribe(all_pods, is_explained=True)) as taken:
            await taken.until(lambda: taken.last("totalCount") == 30)
            evaluated.clear()
            fleet.contents["alpha"].apply(pod("another"))
            await taken.until(lambda: taken.last("totalCount") == 31)
            token, before = taken.last("resume"), taken.state
        assert evaluated == [1]
        fleet.contents["alpha"].apply(pod("p1", phase="Failed"))
        fleet.contents["alpha"].apply(pod("more"))
        again = all_pods.replace("pods {", f'pods(resume: "{token}") {{')
        async with taking(await fleet.subscribe(again)) as taken:
            taken.state = dict.fromkeys(before)
            await taken.until(lambda: taken.last("totalCount") == 32)
            await taken.until(lambda: len(taken.changes) == 2)
            assert {(one["type"], one["object"]["name"]) for one in taken.changes} == {
                ("ADDED", "more"),
                ("MODIFIED", "p1"),
            }
        async with taking(await fleet.subscribe(text, is_explained=True)) as taken:
            await taken.until(lambda: taken.last("totalCount") == 1)
            (watch,) = taken.payloads[-1]["extensions"]["explain"]["watches"]
        assert (watch["objects"], watch["isOfList"]) == (1, True)


def _is_counted(taken: Taken, number: int) -> bool:
    return bool(taken.last("totalCount") == number)
