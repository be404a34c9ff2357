"""Pages of lists."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from k8s.errors import ClusterError
from k8s.reading.rowdecoders import Row
from resolvers.arguments.cursors import BEHIND, IN_NAMESPACE, CursorPlace, CursorSigner, ObjectKey, number_behind
from resolvers.arguments.listarguments import ListArguments
from resolvers.lists.clusteranswer import ClusterAnswer, Counted, failures_of
from resolvers.lists.rows import Rows

_NO_TOKENS: Final[Mapping[int, str]] = {}


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list, with the number of its objects and the answers of the clusters.

    Attributes:
        rows: the objects of the page, in order.
        total: the number of objects of the whole list.
        has_next: whether the list has objects after the page.
        has_previous: whether the list has objects before the page.
        answers: the answers of the clusters.
        scope: the list that its cursors are bound to.
        tokens: API servers' continue tokens behind an object, by the `id` of its row.
        whole: objects of the whole list, if it was read.
        values: values of each object of the whole list, by the key of the `groups` that read them, if objects were
            reduced to values.
    """

    rows: Rows
    total: int
    has_next: bool
    has_previous: bool
    answers: tuple[ClusterAnswer, ...]
    scope: bytes
    tokens: Mapping[int, str] = field(default_factory=dict)
    whole: Rows = field(default_factory=Rows)
    values: Mapping[str, Sequence[tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def failures(self) -> list[ClusterError]:
        """The errors of the clusters that failed."""
        return failures_of(self.answers)

    def key(self, index: int) -> ObjectKey:
        """Returns the key of an object of this page in the order by identity."""
        return object_key(self.rows, index)

    def cursor(self, index: int, signer: CursorSigner) -> str:
        """Returns the cursor of an object of this page."""
        token = self.tokens.get(id(self.rows.rows[index]), "")
        place = CursorPlace([*self.rows.order.values_of(index)], self.key(index), token)
        return signer.cursor(place, scope=self.scope)


def cut_page(
    rows: Rows,
    arguments: ListArguments,
    *,
    signer: CursorSigner,
    scope: bytes,
    answers: tuple[ClusterAnswer, ...],
    total: int | None = None,
) -> ListPage:
    """Cuts the page that `first` and `after` select from a list.

    Args:
        rows: the ordered list, or a part of it that contains the page.
        arguments: the list's arguments.
        signer: reads `after`.
        scope: the list that cursors are bound to.
        answers: the answers of the clusters, with the tokens that continue behind some of their rows.
        total: the number of objects of the whole list, if `rows` is only a part of it.

    Raises:
        BadUserInput: `after` is not a cursor of this list.
    """
    start, stop, cursor = 0, len(rows), None
    if arguments.after is not None:
        cursor = signer.place(arguments.after, scope=scope)
        order = rows.order
        after = order.sort_key(cursor.values, _order(cursor.key))
        start = bisect_right(
            range(len(rows)),
            after,
            key=lambda index: order.sort_key(order.values_of(index), _order(object_key(rows, index))),
        )
    if arguments.first is not None:
        stop = min(stop, start + arguments.first)
    tokens = {id(row): token for answer in answers for row, token in answer.tokens}
    has_next = stop < len(rows) or any(answer.has_more for answer in answers)
    has_previous = start > 0 or (total is not None and arguments.after is not None)
    page = rows if (start, stop) == (0, len(rows)) else rows.part(start, stop)
    if total is not None:
        tokens = _numbers(page, cursor, answers) | tokens
    return ListPage(
        page,
        len(rows) if total is None else total,
        has_next,
        has_previous,
        answers,
        scope,
        tokens,
        rows,
    )


def _numbers(page: Rows, after: CursorPlace | None, answers: Sequence[ClusterAnswer]) -> dict[int, str]:
    """Returns the number of each object in the list that has it, if it is known, by the `id` of its row.

    A list is that of a cluster and a kind, and of a namespace where each namespace is read on its own.
    """
    apart = {answer.cluster for answer in answers if answer.scope.namespaces is not None}
    numbers, of_list, number = dict[int, str](), None, 0
    for index, row in enumerate(page.rows):
        is_apart = page.clusters[index] in apart
        end, prefix = (-1, f"{IN_NAMESPACE}{BEHIND}") if is_apart else (-2, BEHIND)
        key = object_key(page, index)[:end]
        if key != of_list:
            is_begun = after is not None and after.key[:end] == key
            token = after.token.removeprefix(IN_NAMESPACE) if after is not None and is_begun else ""
            of_list, number = key, number_behind(token)
            is_known = not is_begun or number > 0
        number += 1
        if is_known:
            numbers[id(row)] = f"{prefix}{number}"
    return numbers


def counted_page(
    total: int, answers: tuple[ClusterAnswer, ...], values: Mapping[str, Sequence[tuple[Any, ...]]] | None = None
) -> ListPage:
    """Returns the page of a list whose objects were only counted, or reduced to `values`."""
    return ListPage(Rows(), total, has_next=False, has_previous=False, answers=answers, scope=b"", values=values or {})


def bare_page(rows: Rows | Counted) -> ListPage:
    """Returns the page of a whole list whose cursors and answers are not needed."""
    if type(rows) is Rows:  # beside a sequence, whose class is slow to find out
        return ListPage(rows, len(rows.rows), False, False, (), b"", _NO_TOKENS, rows)
    return counted_page(len(rows), ())


def object_key(rows: Rows, index: int) -> ObjectKey:
    """Returns the key of an object in the order by identity: cluster, kind (if there are several), namespace, name."""
    row = rows.rows[index]
    kinds = (str(type(row).kind),) if rows.is_by_kind else ()
    return (rows.clusters[index].name, *kinds, getattr(row.metadata, "namespace", None) or "", row.metadata.name)


def identity_order(row: Row) -> tuple[str, str]:
    """Returns the sort key of an object among those of one cluster and kind: the order of pages."""
    return f"{getattr(row.metadata, 'namespace', None) or ''}/", row.metadata.name


def _order(key: ObjectKey) -> ObjectKey:
    """Returns the key to sort by: API servers order by `namespace/name`, and `-` comes before `/`."""
    return (*key[:-2], f"{key[-2]}/", key[-1])
