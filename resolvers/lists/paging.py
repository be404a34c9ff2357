"""Which part of a list a page is."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from resolvers.arguments.arguments import ListArguments
from resolvers.arguments.cursors import CursorPlace, CursorSigner, ObjectKey
from resolvers.filters.ordering import BY_IDENTITY, OrderValues
from resolvers.lists.answers import ClusterAnswer
from resolvers.lists.rows import Rows


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list, and what the whole list says.

    Attributes:
        rows: the objects of the page.
        total: objects of the whole list.
        has_next: whether objects follow.
        has_previous: whether objects stand before.
        answers: what each cluster said.
        scope: what the list's cursors are bound to.
        standing: what orders the objects of the page.
        whole: objects of the whole list, where it was read.
        tokens: API servers' tokens that continue behind an object, by the `id` of its row.
        values: what `groups`, by their keys, look at of each object of the whole list, where only that was kept of it.
    """

    rows: Rows
    total: int
    has_next: bool
    has_previous: bool
    answers: tuple[ClusterAnswer, ...]
    scope: bytes
    standing: OrderValues = BY_IDENTITY
    tokens: Mapping[int, str] = field(default_factory=dict)
    whole: Rows = field(default_factory=Rows)
    values: Mapping[str, Sequence[tuple[Any, ...]]] = field(default_factory=dict)

    def key(self, index: int) -> ObjectKey:
        """The place of an object of this page in the list's order."""
        return object_key(self.rows, index)

    def cursor(self, index: int, signer: CursorSigner) -> str:
        """The cursor of an object of this page."""
        token = self.tokens.get(id(self.rows.rows[index]), "")
        place = CursorPlace([*self.standing.values_of(index)], self.key(index), token)
        return signer.cursor(place, scope=self.scope)


def cut_page(
    rows: Rows,
    arguments: ListArguments,
    *,
    signer: CursorSigner,
    scope: bytes,
    answers: tuple[ClusterAnswer, ...],
    standing: OrderValues = BY_IDENTITY,
    total: int | None = None,
) -> ListPage:
    """The page that `first` and `after` mean of a list that stands in its order.

    Args:
        rows: the list, or a part of it that has the page.
        arguments: what was asked for.
        signer: reads `after`.
        scope: what cursors are bound to.
        answers: what each cluster said; a cluster's token continues behind its last row.
        standing: what orders the rows.
        total: objects of the whole list, where `rows` is a part of it.

    Raises:
        BadUserInput: `after` is no cursor of this list.
    """
    start, stop = 0, len(rows)
    if arguments.after is not None:
        cursor = signer.place(arguments.after, scope=scope)
        after = standing.sort_key(cursor.values, _order(cursor.key))
        start = bisect_right(
            range(len(rows)),
            after,
            key=lambda index: standing.sort_key(standing.values_of(index), _order(object_key(rows, index))),
        )
    if arguments.first is not None:
        stop = min(stop, start + arguments.first)
    tokens = {id(each.rows[-1]): each.token for each in answers if each.token and each.rows}
    has_next = stop < len(rows) or any(each.has_more for each in answers)
    has_previous = start > 0 or (total is not None and arguments.after is not None)
    page = rows if (start, stop) == (0, len(rows)) else rows.part(start, stop)
    return ListPage(
        page,
        len(rows) if total is None else total,
        has_next,
        has_previous,
        answers,
        scope,
        standing.slice(start, stop),
        tokens,
        rows,
    )


def counted_page(
    total: int, answers: tuple[ClusterAnswer, ...], values: Mapping[str, Sequence[tuple[Any, ...]]] | None = None
) -> ListPage:
    """The page of a list of which no object was kept, only how many there are, and their `values`."""
    return ListPage(Rows(), total, has_next=False, has_previous=False, answers=answers, scope=b"", values=values or {})


def object_key(rows: Rows, index: int) -> ObjectKey:
    """The place of an object in the order of every list."""
    metadata = rows.rows[index].metadata
    return (rows.clusters[index].name, getattr(metadata, "namespace", None) or "", metadata.name)


def _order(key: ObjectKey) -> ObjectKey:
    """What a key is ordered by: API servers order by `namespace/name`, and `-` comes before `/`."""
    return (key[0], f"{key[1]}/", key[2])
