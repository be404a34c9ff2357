"""Pages for which an operation has no room: released, and read again later."""

import asyncio
from dataclasses import dataclass

import pytest

from k8s.kinds.builtin import POD
from k8s.reading.listing import WHOLE, ListRequest, Window
from k8s.reading.reader import ClusterReader
from k8s.reading.selection import selection_of
from tests.k8s.listsender import ListSender, page
from tests.k8s.wholelist import read_whole

REQUEST = ListRequest(POD, "Pod", selection_of(["metadata.name", "metadata.namespace"]))


@dataclass
class Full:
    """A room that refuses some of the first pages."""

    pages: list[bool]
    waited_bytes: int = 0

    def has_room(self, _size_bytes: int) -> bool:
        return self.pages.pop(0) if self.pages else True

    async def wait(self, size_bytes: int) -> None:
        self.waited_bytes += size_bytes
        await asyncio.sleep(0)


async def read(room: Full, sender: ListSender, window: Window = WHOLE) -> list[str]:
    """Returns the names of a list, read with this room."""
    listing = await read_whole(ClusterReader(sender), REQUEST, limit=1000, window=window, memory=room, timeout_s=30)
    return [row.metadata.name for row in listing.rows]


@pytest.mark.parametrize(
    "rooms",
    [
        pytest.param([False], id="the first page"),
        pytest.param([True, False], id="a later page"),
        pytest.param([False, False, False], id="a page again and again"),
        pytest.param([False, True, False, False, True, False], id="several pages"),
    ],
)
async def test_a_list_is_whole_whatever_was_given_back(rooms: list[bool]) -> None:
    sender = ListSender({"": [page(["a"], "t1")] * 9, "t1": [page(["b"], "t2")] * 9, "t2": [page(["c"])] * 9})
    room = Full([*rooms])

    assert await read(room, sender) == ["a", "b", "c"]
    assert room.waited_bytes > 0
    first_pages = sum(token == "" for token in sender.tokens)
    assert first_pages == 1 + (0 if rooms[0] else rooms.index(True) if True in rooms else len(rooms))


async def test_a_page_behind_a_cursor_is_given_back_too() -> None:
    sender = ListSender({"t1": [page(["b"], "t2")] * 9, "t2": [page(["c"])] * 9})

    assert await read(Full([False, False]), sender, Window(token="t1")) == ["b", "c"]
    assert "" not in sender.tokens
