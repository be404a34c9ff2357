"""Connections of objects of any kinds, one for each of several clusters, which are asked together."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graph.execution.filtering import filtered
from graph.execution.objectlists import objects_question, plan_objects_of
from graph.execution.reduction import reduction_of
from graph.execution.responsepaths import PathAt
from graph.planning.levels import LinkedKinds
from graph.planning.listfield import ObjectsField
from k8s.turns.turns import Pace
from resolvers.arguments.cursors import CursorPlace
from resolvers.errors import QueryError
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import ClusterAnswer, count_of, failures_of, rows_of
from resolvers.lists.kindlists import ask_kinds
from resolvers.lists.paging import ListPage, counted_page, cut_page
from resolvers.lists.question import ALL
from resolvers.lists.rows import Rows

if TYPE_CHECKING:
    from graph.execution.run import Run


async def kind_pages(
    run: "Run", entry: LinkedKinds, clusters: Rows, path_of: PathAt
) -> tuple[ObjectsField, Sequence[ListPage | None]]:
    """Returns the list, and its page for each cluster; None if `after` is a cursor of another one.

    Raises:
        QueryError: an argument is invalid, no cluster has such a kind, or too many requests are needed.
    """
    distinct = clusters.distinct_clusters()
    field, chosen = await plan_objects_of(
        run.operation, entry.planner, distinct, details=entry.details, arguments=entry.arguments, path=path_of(0)
    )
    hidden = run.hidden(entry.details, path_of(0))
    reduction = reduction_of(run, hidden, field)
    place, others = _sought(run, field)
    question = objects_question(run.operation, field, after=place, reduction=reduction)
    asked = [cluster for cluster in field.clusters if cluster not in others]
    answers = {answer.cluster: answer for answer in await ask_kinds(run.operation, question, asked)}
    refused = {cluster: error for cluster, error in (*chosen.items(), *others.items()) if isinstance(error, QueryError)}
    for index, cluster in enumerate(clusters.clusters):
        if cluster in distinct:
            distinct.remove(cluster)
            errors = [refused[cluster]] if cluster in refused else failures_of([answers[cluster]])
            for error in errors:
                run.report(error, entry.details, path_of(index))
    own = [answers.get(cluster) for cluster in clusters.clusters]
    if question.selection_of is None:
        return field, [counted_page(count_of([one]), (one,)) if one is not None else None for one in own]
    row_filter = field.plan.row_filter
    if reduction is not None and any(answer.is_reduced for answer in answers.values()):
        if reduction.gives_values:
            return field, [await reduction.page((one,)) if one is not None else None for one in own]
        row_filter = reduction.rest
    siblings = [rows_of([one] if one is not None else []) for one in own]
    lists = await filtered(hidden, row_filter, siblings, path_of)
    pages, pace, is_whole = list[ListPage | None](), Pace(), question.window is ALL
    for answer, rows in zip(own, lists, strict=True):
        pages.append(_page(run, field, answer, rows, is_whole=is_whole) if answer is not None else None)
        await pace.breathe()
    return field, pages


async def linked_kinds(run: "Run", entry: LinkedKinds, clusters: Rows, path_of: PathAt) -> Sequence[Any]:
    """Returns the completed connection of each cluster, or None."""
    try:
        field, pages = await kind_pages(run, entry, clusters, path_of)
    except Exception as error:  # noqa: BLE001  reported at the first cluster's path, masked at the border
        run.report(error, entry.details, path_of(0))
        return [None] * len(clusters)
    return await run.connections(field.plan, pages, path_of)


def _sought(run: "Run", field: ObjectsField) -> tuple[CursorPlace | None, Mapping[FleetCluster, QueryError]]:
    """Returns the place behind which the page begins, and the error of each cluster that the cursor does not belong to.

    Each cluster has a list of its own, and no other one is read than that of the cursor.
    """
    place, others = None, dict[FleetCluster, QueryError]()
    if field.arguments.after is not None:
        for cluster in field.clusters:
            try:
                place = run.operation.cursors.place(field.arguments.after, scope=field.scope_in(cluster))
            except QueryError as error:
                others[cluster] = error
    return place, others


def _page(run: "Run", field: ObjectsField, answer: ClusterAnswer, rows: Rows, *, is_whole: bool) -> ListPage:
    return cut_page(
        rows,
        field.arguments,
        signer=run.operation.cursors,
        scope=field.scope_in(answer.cluster),
        answers=(answer,),
        total=None if is_whole else count_of([answer]),
    )
