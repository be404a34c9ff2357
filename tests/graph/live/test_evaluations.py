"""The cost of evaluations of changed rows: plans, objects that are decoded, and reads of clusters."""

from collections import Counter
from datetime import datetime
from typing import Any, Self

import pytest

from graph.engine import Engine
from graph.planning.connectionplanner import ConnectionPlanner
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from k8s.watches.heldobjects import Held, HeldObjects
from snapshots.serving.snapshotsender import SnapshotSender
from tests.graph.live.living import Json, Taken, living, node, pod, taking


def count_unpacked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts held objects that are unpacked to be decoded, by plural."""
    unpacked, unpack = Counter[str](), HeldObjects.unpacked

    def counted(held: HeldObjects, one: Held) -> bytes:
        unpacked[held.target.kind.plural] += 1
        return unpack(held, one)

    monkeypatch.setattr(HeldObjects, "unpacked", counted)
    return unpacked


async def until_phase(taken: Taken, phase: str) -> None:
    await taken.until(lambda: taken.changes[-1]["object"]["status"]["phase"] == phase)


async def test_a_query_is_planned_once_for_all_its_evaluations(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = 0
    plan = ConnectionPlanner.plan

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal planned
        planned += 1
        return plan(*args, **kwargs)

    monkeypatch.setattr(ConnectionPlanner, "plan", counted)
    text = """subscription { pods(batchMs: 0, where: {path: "node.ready", value: true}) {
      changes { type id object { status { phase } node { ready } } } } }"""
    async with (
        living(engine, {"alpha": [pod("p1"), node("n1")]}) as fleet,
        taking(await fleet.subscribe(text)) as taken,
    ):
        await taken.until(lambda: taken.state)
        before = planned
        for phase in ("Failed", "Pending"):
            fleet.contents["alpha"].apply(pod("p1", phase=phase))
            await until_phase(taken, phase)
    assert planned == before


async def test_relative_times_are_read_at_each_evaluation(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.live.liverun._POLLED_S", 0.05)
    text = """subscription { pods(batchMs: 0, where: {path: "metadata.creationTimestamp", op: LT, value: "now-1h"}) {
      changes { type id object { name } } } }"""
    hour = 0

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Self:
            return cls(2030, 1, 1, hour, tzinfo=tz)

    one = pod("p1")
    one["metadata"]["creationTimestamp"] = "2030-01-01T00:00:00Z"
    async with living(engine, {"alpha": [one, pod("p2")]}) as fleet:
        monkeypatch.setattr("resolvers.filters.comparing.datetime", Clock)
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: taken.payloads)
            assert not taken.state
            hour = 2
            await taken.until(lambda: taken.state)


async def test_only_the_linked_objects_of_a_changed_row_are_decoded(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = count_unpacked(monkeypatch)
    objects: list[Json] = [pod("p1"), *(node(f"n{number}") for number in range(50))]
    text = "subscription { pods(batchMs: 0) { changes { type id object { status { phase } node { ready } } } } }"
    async with living(engine, {"alpha": objects}) as fleet, taking(await fleet.subscribe(text)) as taken:
        await taken.until(lambda: taken.state)
        unpacked.clear()
        fleet.contents["alpha"].apply(pod("p1", phase="Failed"))
        await until_phase(taken, "Failed")
    assert unpacked["nodes"] == 1


async def test_usage_is_not_read_at_each_change(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Counter[str]()
    send = SnapshotSender.send

    async def counted(sender: SnapshotSender, call: Any, *args: Any, **kwargs: Any) -> bytes:
        read[str(call.path).rpartition("/")[2]] += "metrics.k8s.io" in str(call.path)
        return await send(sender, call, *args, **kwargs)

    monkeypatch.setattr(SnapshotSender, "send", counted)
    kinds = (*BUILT_IN, POD_METRICS, NODE_METRICS)
    text = "subscription { pods(batchMs: 0) { changes { type id object { status { phase } usage { cpu } } } } }"
    async with (
        living(engine, {"alpha": [pod("p1"), pod("p2")]}, kinds=kinds) as fleet,
        taking(await fleet.subscribe(text)) as taken,
    ):
        await taken.until(lambda: len(taken.state) == 2)
        before = read.total()
        for number in range(6):
            phase = f"phase {number}"
            fleet.contents["alpha"].apply(pod(f"p{number % 2 + 1}", phase=phase))
            await until_phase(taken, phase)
    assert 1 <= before <= 2
    assert read.total() == before


async def test_rows_that_were_sent_are_not_evaluated_for_each_who_comes(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = count_unpacked(monkeypatch)
    text = "subscription { pods { changes { type id isInitial object { name status { phase } } } } }"

    async with living(engine, {"alpha": [pod(f"p{number}") for number in range(20)]}) as fleet:

        async def joined() -> Taken:
            async with taking(await fleet.subscribe(text)) as taken:
                await taken.until(lambda: len(taken.state) == 20)
                return taken

        async with taking(await fleet.subscribe(text)) as first:
            await first.until(lambda: len(first.state) == 20)
            await joined()
            unpacked.clear()
            assert (await joined()).state == first.state
            assert not unpacked["pods"]
            fleet.contents["alpha"].apply(pod("p1", phase="Failed"))
            await until_phase(first, "Failed")
            third = await joined()
    assert third.state == first.state
    assert all(change["isInitial"] for change in third.changes)
    assert unpacked["pods"] <= 2
