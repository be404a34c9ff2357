"""Lists whose objects arrive bit by bit: rows are sent before the last object is there."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from graph.engine import Engine
from k8s.errors import Unreachable
from k8s.kinds.builtin import POD
from snapshots.serving.snapshotsender import SnapshotStream
from tests.graph.live.living import living, node, pod, taking

TEXT = """subscription { pods(batchMs: 0) {
  changes { type id isInitial object { name node { ready } } } clusters { name state } totalCount } }"""
OBJECTS = [node("n1"), *(pod(f"p{number}") for number in range(4))]


@contextmanager
def arriving(monkeypatch: pytest.MonkeyPatch, *, pods: int, is_cut: bool = False) -> Iterator[asyncio.Event]:
    """Holds the first watch of pods up behind some of them, until the event is set; then it may be cut."""
    chunk, left, end = SnapshotStream.chunk, pods, asyncio.Event()

    async def held_up(stream: SnapshotStream) -> bytes:
        nonlocal left
        line = await chunk(stream)
        if b'"nodeName"' in line and left >= 0:
            left -= 1
            if left < 0:
                await end.wait()
                if is_cut:
                    raise Unreachable("alpha", "the connection broke off.")
        return line

    with monkeypatch.context() as patching:
        patching.setattr(SnapshotStream, "chunk", held_up)
        yield end


async def test_rows_are_sent_while_objects_arrive(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with arriving(monkeypatch, pods=2) as end:
        async with living(engine, {"alpha": OBJECTS}) as fleet, taking(await fleet.subscribe(TEXT)) as taken:
            await taken.until(lambda: len(taken.state) == 2)
            assert taken.states() == {"alpha": "SYNCING"}
            assert taken.last("totalCount") is None
            end.set()
            await taken.until(lambda: taken.states() == {"alpha": "LIVE"} and taken.last("totalCount") == 4)
    assert len(taken.state) == 4
    assert all(row["node"] == {"ready": True} for row in taken.state.values())
    assert [(change["type"], change["isInitial"]) for change in taken.changes] == [("ADDED", True)] * 4


async def test_one_who_comes_meanwhile_gets_all_rows(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with arriving(monkeypatch, pods=2) as end:
        async with living(engine, {"alpha": OBJECTS}) as fleet, taking(await fleet.subscribe(TEXT)) as first:
            await first.until(lambda: len(first.state) == 2)
            async with taking(await fleet.subscribe(TEXT)) as second:
                await second.until(lambda: second.payloads)
                end.set()
                await first.until(lambda: first.states() == {"alpha": "LIVE"})
                await second.until(lambda: second.states() == {"alpha": "LIVE"})
                assert first.state == second.state
                assert len(second.state) == 4


async def test_a_list_that_is_cut_in_the_middle_comes_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with arriving(monkeypatch, pods=2, is_cut=True) as end:
        async with living(engine, {"alpha": OBJECTS}) as fleet, taking(await fleet.subscribe(TEXT)) as taken:
            await taken.until(lambda: len(taken.state) == 2)
            fleet.contents["alpha"].delete(POD, "a", "p0")
            end.set()
            await taken.until(lambda: taken.states() == {"alpha": "FAILED"})
            await taken.until(lambda: taken.states() == {"alpha": "LIVE"})
            await taken.until(lambda: taken.last("totalCount") == 3)
    assert sorted(row["name"] for row in taken.state.values()) == ["p1", "p2", "p3"]
