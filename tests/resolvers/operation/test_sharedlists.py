"""The memory of lists: all rows and results of reductions are charged."""

from collections.abc import Sequence

import pytest

from k8s.errors import Forbidden
from k8s.kinds.builtin import POD
from k8s.reading.listing import WHOLE, ListRequest
from k8s.reading.reader import ClusterReader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from k8s.transport.deadline import Deadline
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import Reduce
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from resolvers.memory.weighing import weight
from resolvers.operation import sharedlists
from resolvers.operation.sharedlists import SharedLists
from resolvers.operation.sharedreading import SharedReading
from tests.k8s.listsender import ListSender, page
from tests.resolvers.fakereader import cluster

REQUEST = ListRequest(POD, "Pod", selection_of(["metadata.name", "metadata.namespace"]))
FEW = 16
"""The number of objects of a page, so small that each object is weighed."""


@pytest.fixture(autouse=True)
def much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets more than one page count as many objects."""
    monkeypatch.setattr(sharedlists, "_MUCH", FEW)


@pytest.fixture
def memory() -> MemoryShare:
    return MemoryBudget().share("a")


def _pages(numbers: Sequence[int]) -> ListSender:
    """Returns a list of numbered pages, with the numbers in the names of their objects."""
    tokens = ["", *(f"t{place}" for place in range(1, len(numbers))), ""]
    names = [[f"pod-{number}-{index:02}-{'x' * 40}" for index in range(FEW)] for number in numbers]
    return ListSender({tokens[place]: [page(names[place], tokens[place + 1])] for place in range(len(numbers))})


async def _all(_cluster: FleetCluster, rows: Sequence[Row]) -> Sequence[Row]:
    return list(rows)


async def _first(_cluster: FleetCluster, rows: Sequence[Row]) -> Sequence[Row]:
    return list(rows[:1])


def _reading(memory: MemoryShare, numbers: Sequence[int], reduce: Reduce) -> SharedReading:
    alpha = cluster("alpha", ClusterReader(_pages(numbers)))
    return SharedLists(memory).reading(alpha, REQUEST, WHOLE, reduce=reduce)


async def test_what_a_page_was_reduced_to_stays_charged_when_the_next_one_comes(memory: MemoryShare) -> None:
    reading = _reading(memory, range(6), _all)

    await reading.read(Deadline(5), 1000)
    answer = reading.answer(_all)

    assert answer.is_reduced
    assert len(answer.rows) == 6 * FEW
    assert memory.held_bytes >= 6 * await weight(answer.rows[:FEW]) * 0.9


async def test_what_pages_were_reduced_to_is_let_go_of_when_the_list_begins_anew(memory: MemoryShare) -> None:
    reading = _reading(memory, range(6), _all)

    held = []
    for _ in range(3):
        await reading.read(Deadline(5), 1000)
        held.append(memory.held_bytes)

    assert held[0] > 0
    assert len(set(held)) == 1


async def test_nothing_is_charged_of_a_list_that_failed(memory: MemoryShare) -> None:
    sender = _pages(range(6))
    sender.answers["t5"] = [Forbidden("alpha", "no", status=403)]
    reading = SharedLists(memory).reading(cluster("alpha", ClusterReader(sender)), REQUEST, WHOLE, reduce=_all)

    with pytest.raises(Forbidden):
        await reading.read(Deadline(5), 1000)

    assert memory.held_bytes == 0


async def test_a_list_without_order_is_charged_while_it_is_read_whole(
    memory: MemoryShare, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = _reading(memory, [0, 1, 2, 4, 5, 3], _first)
    charged: list[int] = []
    charge = MemoryShare.charge

    def noted(self: MemoryShare, size_bytes: int) -> None:
        charge(self, size_bytes)
        charged.append(memory.held_bytes)

    monkeypatch.setattr(MemoryShare, "charge", noted)
    await reading.read(Deadline(5), 1000)

    assert len(reading.answer(_first).rows) == 1
    assert max(charged) > 5 * charged[0]
    assert memory.held_bytes < charged[0]
