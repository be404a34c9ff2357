"""The reduction of long lists while their pages are read, so that they take no more memory than their answer.

Objects that do not match `where` are dropped page by page. If only numbers and groups are sent, and no objects, objects
are reduced to the values for the groups and their figures. Links are read for whole lists, so a path through a link is
read when the list is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from graph.execution.filtering import filtered
from graph.execution.groups import Groups, values_of
from graph.planning.filters import RowFilter
from graph.planning.listfield import ListField, ObjectsField
from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import ClusterAnswer, rows_of
from resolvers.lists.paging import ListPage, counted_page
from resolvers.lists.question import ALL, ListQuestion, changed_window, narrowed_list, page_window
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import collected, mapped

if TYPE_CHECKING:
    from graph.execution.run import Run


@dataclass(frozen=True, slots=True)
class Reduction:
    """The reduction of one list.

    Attributes:
        field: the list.
        hidden: the run that completes the paths of `where`.
        groups: all `groups`, each with the run that completes its paths; None if objects are needed, not only values.
    """

    field: ListField | ObjectsField
    hidden: "Run"
    groups: Sequence[tuple[Groups, "Run"]] | None

    @property
    def gives_values(self) -> bool:
        """True if objects are reduced to values, and not only filtered."""
        return self.groups is not None

    @property
    def rest(self) -> RowFilter | None:
        """The order of the objects that matched `where`; None without `orderBy`."""
        row_filter = self.field.plan.row_filter
        return replace(row_filter, condition=None) if row_filter is not None and self.field.arguments.order_by else None

    async def reduce(self, cluster: FleetCluster, objects: Sequence[Row]) -> Sequence[Any]:
        """Returns the objects that match `where`, or for each one a tuple with its values for each of the `groups`."""
        rows, row_filter = Rows(), self.field.plan.row_filter
        rows.extend(cluster, objects)
        if row_filter is not None:
            unordered = replace(row_filter, columns=(), values=())
            (rows,) = await filtered(self.hidden, unordered, [rows], lambda _index: self.field.path)
        if self.groups is None:
            return rows.rows
        pace, columns = Pace(), list[Sequence[tuple[Any, ...]]]()
        for groups, hidden in self.groups:
            columns.extend(await values_of(groups, hidden, [rows], lambda _index: self.field.path))
            await pace.breathe()
        return await collected(zip(*columns, strict=True)) if columns else [()] * len(rows)

    async def page(self, answers: tuple[ClusterAnswer, ...]) -> ListPage:
        """Returns the page of a list that was reduced to values."""
        values = rows_of(answers).rows
        places = enumerate(groups.key for groups, _ in self.groups or ())
        by_groups = {key: await mapped(itemgetter(place), values) for place, key in places}
        return counted_page(len(values), answers, by_groups)


def reduction_of(run: "Run", hidden: "Run", field: ListField | ObjectsField) -> Reduction | None:
    """Returns the reduction of a list that is read as a whole; None if all objects are needed whole.

    Args:
        run: the run that completes the paths of `groups`.
        hidden: the run that completes the paths of `where`.
        field: the list.
    """
    plan, row_filter = field.plan, field.plan.row_filter
    if row_filter is not None and row_filter.level.asks_clusters:
        return None
    groups = [selected for selected in plan.fields if isinstance(selected, Groups)]
    asks_clusters = any(selected.level.asks_clusters for selected in groups)
    if plan.sends_no_object and not field.arguments.order_by and not asks_clusters:
        return Reduction(field, hidden, [(selected, selected.hidden(run, field.path)) for selected in groups])
    return Reduction(field, hidden, None) if row_filter is not None and field.arguments.where else None


async def list_question(
    operation: Operation, field: ListField, reduction: Reduction | None
) -> tuple[ListQuestion, Sequence[FleetCluster]]:
    """Returns the question of a list, and its clusters; refuses an invalid cursor first."""
    kind, plan, arguments = field.kind, field.plan, field.arguments
    after = None if arguments.after is None else operation.cursors.place(arguments.after, scope=field.scope)
    pushed, clusters = await narrowed_list(operation, kind, arguments)
    window = changed_window(operation) or (ALL if plan.wants_whole else page_window(arguments, after))
    clusters = [one for one in clusters if operation.changed is None or one.name in operation.changed]
    is_counted = plan.counts_only and not arguments.counts_rows
    question = ListQuestion(
        kind,
        None if is_counted else plan.selection,
        pushed,
        window,
        plan.wants_count or is_counted,
        reduce=reduction.reduce if reduction is not None and window is ALL and not is_counted else None,
        is_estimated=pushed.requests <= arguments.requests,
    )
    return question, clusters
