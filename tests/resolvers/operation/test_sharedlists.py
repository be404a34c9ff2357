"""What is charged of lists: all that is held of them, however it is kept."""

from collections.abc import Sequence

import pytest

from k8s.kinds.builtin import POD
from k8s.reading.decoding import Row
from k8s.reading.listing import WHOLE, Keep, ListRequest
from k8s.reading.reader import ClusterReader
from k8s.reading.selection import selection_of
from k8s.transport.deadline import Deadline
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from resolvers.memory.weighing import weight
from resolvers.operation import sharedlists
from resolvers.operation.sharedlists import SharedLists
from tests.k8s.listsender import ListSender, page

REQUEST = ListRequest(POD, "Pod", selection_of(["metadata.name", "metadata.namespace"]))
FEW = 16
"""Objects of a page, so few that each is weighed."""


@pytest.fixture(autouse=True)
def much(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one page is much."""
    monkeypatch.setattr(sharedlists, "_MUCH", FEW)


@pytest.fixture
def memory() -> MemoryShare:
    return MemoryBudget().share("a")


def _pages(numbers: Sequence[int]) -> ListSender:
    """A list of pages by their number, which is in the names of their objects."""
    tokens = ["", *(f"t{place}" for place in range(1, len(numbers))), ""]
    names = [[f"pod-{number}-{each:02}-{'x' * 40}" for each in range(FEW)] for number in numbers]
    return ListSender({tokens[place]: [page(names[place], tokens[place + 1])] for place in range(len(numbers))})


async def _all(rows: Sequence[Row]) -> Sequence[Row]:
    return list(rows)


async def _first(rows: Sequence[Row]) -> Sequence[Row]:
    return list(rows[:1])


async def test_what_is_kept_of_a_page_stays_charged_when_the_next_one_comes(memory: MemoryShare) -> None:
    reading = SharedLists(memory).reading("one", REQUEST, WHOLE, keep=_all)

    listing = await ClusterReader(_pages(range(6))).list(
        REQUEST, deadline=Deadline(5), limit=1000, keeper=reading.keeper
    )
    held = await reading.listing(listing, _all)

    assert listing.is_kept
    assert len(held.rows) == 6 * FEW
    assert memory.held_bytes >= 6 * await weight(held.rows[:FEW]) * 0.9


async def test_what_was_kept_is_let_go_of_when_the_list_begins_anew(memory: MemoryShare) -> None:
    reading = SharedLists(memory).reading("one", REQUEST, WHOLE, keep=_all)

    held = []
    for _ in range(3):
        await ClusterReader(_pages(range(6))).list(REQUEST, deadline=Deadline(5), limit=1000, keeper=reading.keeper)
        held.append(memory.held_bytes)
    reading.release()

    assert held[0] > 0
    assert len(set(held)) == 1
    assert memory.held_bytes == 0


async def test_a_list_without_order_is_charged_while_it_is_read_whole(memory: MemoryShare) -> None:
    reading = SharedLists(memory).reading("one", REQUEST, WHOLE, keep=_first)
    told: list[int] = []

    async def keeper(read: int, newest: Sequence[Row], left: int | None) -> Keep | None:
        keep = await reading.keeper(read, newest, left)
        told.append(memory.held_bytes)
        return keep

    listing = await ClusterReader(_pages([0, 1, 2, 4, 5, 3])).list(
        REQUEST, deadline=Deadline(5), limit=1000, keeper=keeper
    )

    assert len(listing.rows[0][0]) == 1
    assert told[-1] > 5 * told[0]
    assert memory.held_bytes < told[0]
