"""Queries over many objects do not block the event loop: no step handles all of them between two of its turns."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from bench.queries import (
    AGGREGATED,
    BELOW_NODES,
    DEFERRED,
    GROUPED,
    GROUPED_BY_LINK,
    LINKED,
    ORDERED,
    ORDERED_BY_LINK,
    STREAMED,
)
from bench.replay import ReplayingSender
from graph.engine import Engine
from graph.incremental.payloads import PayloadFormat
from tests.controlplane.objects import FleetSize
from tests.graph.fleets import Asking, fleet_of
from tests.graph.loopturns import LoopTurns
from tests.graph.replayedpages import write_pages

PODS: Final = 4_000
"""Pods; more than the lines of one function for a decoded page, so that one line for each pod shows."""

EDGES = "{ pods { edges { cursor node { name owner { name } } } pageInfo { endCursor } } }"
LARGE_GROUPS = '{ pods { groups(by: ["spec.restartPolicy"]) { key nodes { name } } } }'
SMALL_GROUPS = '{ pods { groups(by: ["metadata.uid"]) { key count nodes { name } } } }'
BELOW_DEPLOYMENTS = (
    "{ deployments { nodes { name pods { nodes { name node { ready } } } replicaSets { totalCount } } } }"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a thousand pods; the sender repeats them."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder, FleetSize(namespaces=4, nodes=40, deployments=100, pods=1000))
    return folder


def labelled(count: int, fields: str) -> str:
    return " ".join(f'... @defer(label: "{index}") {{ {fields} }}' for index in range(count))


ONE_ROW = f"{{ pods {{ nodes {{ name cluster {{ id {labelled(4, 'name')} }} }} }} }}"
"""A query with a row at as many places as there are pods."""
FEW_ROWS = f"{{ pods {{ nodes {{ name node {{ name {labelled(4, 'ready')} }} }} }} }}"
"""A query with forty rows at a hundred places each."""


@pytest.mark.slow
@pytest.mark.parametrize("written_in", PayloadFormat)
@pytest.mark.parametrize("query", [DEFERRED, STREAMED, ONE_ROW, FEW_ROWS])
def test_payloads_are_made_in_slices(
    engine: Engine, pages: Path, query: str, written_in: PayloadFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = counted(engine, pages, query, written_in, monkeypatch)

    assert turns.most_lines < PODS, turns.where


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        LINKED,
        ORDERED,
        ORDERED_BY_LINK,
        GROUPED,
        AGGREGATED,
        GROUPED_BY_LINK,
        BELOW_NODES,
        BELOW_DEPLOYMENTS,
        EDGES,
        LARGE_GROUPS,
        SMALL_GROUPS,
    ],
)
def test_answers_are_made_in_slices(engine: Engine, pages: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = counted(engine, pages, query, PayloadFormat.IDS, monkeypatch)

    assert turns.most_lines < PODS, turns.where


def counted(
    engine: Engine, pages: Path, query: str, written_in: PayloadFormat, monkeypatch: pytest.MonkeyPatch
) -> LoopTurns:
    """Answers a query in slices that are too short for as many lines, however fast the machine is: each is traced."""
    for module in ("turns", "freeing"):
        monkeypatch.setattr(f"k8s.turns.{module}.SLICE_S", 0.0002)
    for name in (
        "resolvers.pacing._SLICE_ITEMS",
        "resolvers.pacing._BATCH_ITEMS",
        "graph.execution.run._LOOKED_AT_ONCE",
    ):
        monkeypatch.setattr(name, 16)

    async def answer(pods: int) -> None:
        asking = Asking(engine, fleet_of([ReplayingSender("one", pages, pods)]))
        async for payload in asking.deliver(query, timeout_s=600):
            assert not payload.errors
            if payload.is_written(written_in):
                await payload.encoded(written_in)

    asyncio.run(answer(500))  # the document is read and planned once
    turns = LoopTurns()
    turns.run(answer(PODS))
    return turns


def test_what_is_done_at_a_stretch_shows() -> None:
    turns = LoopTurns()

    async def at_a_stretch() -> int:
        return sum(number % 7 for number in range(PODS))

    turns.run(at_a_stretch())

    assert turns.most_lines >= PODS
