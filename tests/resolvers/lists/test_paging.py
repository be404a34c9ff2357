"""Pages of an ordered list."""

from datetime import UTC, datetime

import pytest

from k8s.kinds.builtin import POD
from k8s.reading.reader import ClusterReader
from resolvers.arguments.cursors import CursorPlace, CursorSigner, ObjectKey
from resolvers.arguments.listarguments import ListArguments
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.paging import ListPage, counted_page, cut_page
from resolvers.lists.rows import Rows
from tests.k8s.listsender import ListSender
from tests.resolvers.decoded import row

SIGNER = CursorSigner(b"k" * 32, owner="ann")
SCOPE = ListArguments().scope("pods")
NOW = datetime.now(UTC)
ORDER: list[ObjectKey] = [("alpha", "a-b", "x"), ("alpha", "a", "x"), ("alpha", "a", "y"), ("alpha-2", "a", "a")]


def _cluster(name: str) -> FleetCluster:
    sender = ListSender({}, name=name)
    return FleetCluster(f"id-{name}", name, {}, "", NOW, NOW, ClusterReader(sender), sender)


CLUSTERS = {name: _cluster(name) for name in ("alpha", "alpha-2")}
ROWS = Rows(
    [row(POD, metadata={"namespace": namespace, "name": name}) for _, namespace, name in ORDER],
    [CLUSTERS[cluster] for cluster, _, _ in ORDER],
)


def _cut(first: int | None = None, after: ObjectKey | str | None = None) -> ListPage:
    cursor = SIGNER.cursor(CursorPlace([], after), scope=SCOPE) if isinstance(after, tuple) else after
    return cut_page(ROWS, ListArguments(first=first, after=cursor), signer=SIGNER, scope=SCOPE, answers=())


def _keys(page: ListPage) -> list[ObjectKey]:
    return [page.key(index) for index in range(len(page.rows))]


def test_without_first_and_after_it_is_all() -> None:
    page = _cut()

    assert _keys(page) == ORDER
    assert (page.total, page.has_next, page.has_previous) == (4, False, False)


@pytest.mark.parametrize(
    ("first", "after", "wanted", "has_next", "has_previous"),
    [
        (2, None, ORDER[:2], True, False),
        (4, None, ORDER, False, False),
        (9, None, ORDER, False, False),
        (None, ORDER[0], ORDER[1:], False, True),
        (2, ORDER[0], ORDER[1:3], True, True),
        (1, ORDER[2], ORDER[3:], False, True),
        (5, ORDER[3], [], False, True),
        (1, ("alpha", "a", "xx"), ORDER[2:3], True, True),
        (1, ("a", "", ""), ORDER[:1], True, False),
        (1, ("alpha-1", "a", "x"), ORDER[3:], False, True),
    ],
)
def test_pages(
    first: int | None, after: ObjectKey | None, wanted: list[ObjectKey], *, has_next: bool, has_previous: bool
) -> None:
    page = _cut(first, after)

    assert _keys(page) == wanted
    assert (page.total, page.has_next, page.has_previous) == (4, has_next, has_previous)


def test_page_by_page_every_object_comes_once() -> None:
    found: list[ObjectKey] = []
    after: str | None = None
    while True:
        page = _cut(1, after)
        found += _keys(page)
        if not page.has_next:
            break
        after = page.cursor(0, SIGNER)

    assert found == ORDER


def test_a_cursor_that_is_none_is_refused() -> None:
    with pytest.raises(BadUserInput):
        _cut(1, "nonsense")


def test_a_counted_page_has_no_rows() -> None:
    page = counted_page(7, ())

    assert (page.total, len(page.rows), page.has_next, page.has_previous) == (7, 0, False, False)
