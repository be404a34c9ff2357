"""The subscription to the list of clusters: how they answer, looked at by the server for all who follow."""

import pytest

from graph.engine import Engine
from graph.live import clusterrows
from k8s.kinds.builtin import NODE
from snapshots.serving.snapshotsender import SnapshotSender
from tests.graph.live.living import Json, living, node, pod, taking

CLUSTERS = """subscription { clusters(batchMs: 0) {
  changes { type id cluster isInitial object { id name reachable counts { nodes pods } } } clusters { name state }
} }"""
NODES = "subscription { nodes(batchMs: 0) { changes { type } clusters { name state } } }"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusterrows, "EVERY_S", 0.02)


async def test_clusters_are_rows_as_they_answer(engine: Engine) -> None:
    async with (
        living(engine, {"alpha": [node("n1"), pod("p1"), pod("p2")]}, down=["beta"]) as fleet,
        taking(await fleet.subscribe(CLUSTERS)) as taken,
    ):
        await taken.until(lambda: len(taken.state) == 2 and set(taken.states().values()) == {"LIVE"})
        rows = {change["cluster"]: change for change in taken.changes}

        alpha, beta = rows["alpha"]["object"], rows["beta"]["object"]
        assert (alpha["name"], alpha["reachable"], alpha["counts"]) == ("alpha", True, {"nodes": 1, "pods": 2})
        assert (beta["name"], beta["reachable"], beta["counts"]) == ("beta", False, {"nodes": None, "pods": None})
        assert all(row["isInitial"] and row["type"] == "ADDED" for row in rows.values())
        assert all(row["id"] == row["object"]["id"] for row in rows.values())


async def test_what_changes_in_a_cluster_comes_by_itself(engine: Engine) -> None:
    async with living(engine, {"alpha": [node("n1")]}) as fleet, taking(await fleet.subscribe(CLUSTERS)) as taken:
        await taken.until(lambda: taken.state)
        before = len(taken.payloads)
        fleet.contents["alpha"].apply(node("n2"))

        await taken.until(lambda: len(taken.payloads) > before)
        change = taken.changes[-1]
        assert (change["type"], change["isInitial"], change["object"]["counts"]) == (
            "MODIFIED",
            False,
            {"nodes": 2, "pods": 0},
        )


async def test_a_cluster_that_hangs_delays_no_other(engine: Engine) -> None:
    async with (
        living(engine, {"beta": []}, hanging=["alpha"]) as fleet,
        taking(await fleet.subscribe(CLUSTERS)) as taken,
    ):
        await taken.until(lambda: taken.state and taken.states() == {"alpha": "SYNCING", "beta": "LIVE"})
        fleet.contents["beta"].apply(node("n1"))
        await taken.until(lambda: _nodes(taken.changes) == 1)


async def test_a_condition_and_names_choose_clusters(engine: Engine) -> None:
    text = """subscription { clusters(names: ["alpha", "beta"], where: {path: "reachable", value: false}) {
      changes { cluster type } clusters { name state } } }"""
    async with (
        living(engine, {"alpha": [], "gamma": []}, down=["beta", "delta"]) as fleet,
        taking(await fleet.subscribe(text)) as taken,
    ):
        await taken.until(lambda: taken.states() == {"alpha": "LIVE", "beta": "LIVE"})
        assert taken.changes == [{"cluster": "beta", "type": "ADDED"}]


async def test_an_unknown_name_or_path_is_refused(engine: Engine) -> None:
    async with living(engine, {"alpha": []}) as fleet:
        unknown = await fleet.refusal('subscription { clusters(names: ["beta"]) { changes { type } } }')
        path = await fleet.refusal('subscription { clusters(where: {path: "nope", value: 1}) { changes { type } } }')

    assert "beta" in unknown["message"]
    assert "nope" in path["message"]


async def test_all_who_follow_share_the_looks(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusterrows, "EVERY_S", 60.0)
    async with living(engine, {"alpha": []}) as fleet:
        calls = _noted(monkeypatch)
        async with (
            taking(await fleet.subscribe(CLUSTERS)) as one,
            taking(await fleet.subscribe(CLUSTERS)) as another,
        ):
            await one.until(lambda: one.state)
            await another.until(lambda: another.state)
            assert one.state == another.state
            assert calls.count("/version") == 1


async def test_counts_begin_no_watch_and_use_one_that_runs(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    async with living(engine, {"alpha": [node("n1")]}) as fleet:
        calls = _noted(monkeypatch)
        async with taking(await fleet.subscribe(CLUSTERS)) as taken:
            await taken.until(lambda: taken.state)
            assert "/api/v1/nodes" in calls
            async with taking(await fleet.subscribe(NODES)) as watched:
                await watched.until(lambda: watched.states() == {"alpha": "LIVE"})
                calls.clear()
                fleet.contents["alpha"].apply(node("n2"))
                await taken.until(lambda: _nodes(taken.changes) == 2)
                fleet.contents["alpha"].delete(NODE, "", "n2")
                await taken.until(lambda: _nodes(taken.changes) == 1)
            assert "/version" in calls
            assert "/api/v1/nodes" not in calls


async def test_it_continues_where_it_stopped_with_all_rows(engine: Engine) -> None:
    text = "subscription($resume: String) { clusters(resume: $resume) { %s resume } }"
    text %= "changes { type id cluster object { name counts { nodes } } } clusters { name state isResynced }"
    async with living(engine, {"alpha": [node("n1")], "beta": []}) as fleet:
        async with taking(await fleet.subscribe(text)) as taken:
            await taken.until(lambda: len(taken.state) == 2 and taken.last("resume"))
            token = taken.last("resume")
        fleet.contents["alpha"].apply(node("n2"))

        async with taking(await fleet.subscribe(text, {"resume": token})) as again:
            await again.until(lambda: _nodes(again.changes) == 2)
            resynced = {one["name"] for listed in again.lists for one in listed["clusters"] if one["isResynced"]}

    assert resynced >= {"alpha"}


def _nodes(changes: list[Json]) -> int | None:
    """Returns the number of nodes that was sent last."""
    return changes[-1]["object"]["counts"]["nodes"] if changes else None


def _noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns the paths of the requests to clusters in memory from now on."""
    calls: list[str] = []
    send = SnapshotSender.send

    async def noted(self, call, *arguments, **more):  # type: ignore[no-untyped-def]  # passes its arguments on
        calls.append(str(call.path))
        return await send(self, call, *arguments, **more)

    monkeypatch.setattr(SnapshotSender, "send", noted)
    return calls
