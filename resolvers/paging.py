"""Which part of a list a page is."""

from bisect import bisect_right
from dataclasses import dataclass

from resolvers.arguments import ListArguments
from resolvers.cursors import CursorSigner, ObjectKey
from resolvers.lists import ClusterAnswer
from resolvers.ordering import BY_IDENTITY, Standing
from resolvers.rows import Rows


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
    """

    rows: Rows
    total: int
    has_next: bool
    has_previous: bool
    answers: tuple[ClusterAnswer, ...]
    scope: bytes
    standing: Standing = BY_IDENTITY

    def key(self, index: int) -> ObjectKey:
        """The place of an object of this page in the list's order."""
        return object_key(self.rows, index)

    def cursor(self, index: int, signer: CursorSigner) -> str:
        """The cursor of an object of this page."""
        return signer.cursor(self.key(index), scope=self.scope, values=self.standing.values_of(index))


def cut_page(
    rows: Rows,
    arguments: ListArguments,
    *,
    signer: CursorSigner,
    scope: bytes,
    answers: tuple[ClusterAnswer, ...],
    standing: Standing = BY_IDENTITY,
) -> ListPage:
    """The page that `first` and `after` mean of a list that stands in its order.

    Raises:
        BadUserInput: `after` is no cursor of this list.
    """
    start, stop = 0, len(rows)
    if arguments.after is not None:
        after = standing.place(*signer.place(arguments.after, scope=scope))
        start = bisect_right(
            range(len(rows)),
            after,
            key=lambda index: standing.place(standing.values_of(index), object_key(rows, index)),
        )
    if arguments.first is not None:
        stop = min(stop, start + arguments.first)
    page = rows if (start, stop) == (0, len(rows)) else rows.part(start, stop)
    return ListPage(page, len(rows), stop < len(rows), start > 0, answers, scope, standing.part(start, stop))


def counted_page(total: int, answers: tuple[ClusterAnswer, ...]) -> ListPage:
    """The page of a list of which only the number of objects was read."""
    return ListPage(Rows(), total, has_next=False, has_previous=False, answers=answers, scope=b"")


def object_key(rows: Rows, index: int) -> ObjectKey:
    """The place of an object in the order of every list."""
    metadata = rows.rows[index].metadata
    return (rows.clusters[index].name, getattr(metadata, "namespace", None) or "", metadata.name)
