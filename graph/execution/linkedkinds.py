"""Connections of objects of any kinds, one for each of several clusters, which are asked together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graph.execution.filtering import filtered
from graph.execution.objectlists import kind_names, objects_question, plan_objects_of
from graph.execution.responsepaths import PathAt
from graph.planning.levels import LinkedKinds
from graph.planning.listfield import ObjectsField
from k8s.turns.turns import Pace
from resolvers.errors import QueryError
from resolvers.lists.clusteranswer import ClusterAnswer, count_of, failures_of, rows_of
from resolvers.lists.manykinds import ChosenKinds, ask_kinds
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
    question = objects_question(run.operation, field, after=None)
    answers = {answer.cluster: answer for answer in await ask_kinds(run.operation, question, field.clusters)}
    for index, cluster in enumerate(clusters.clusters):
        if cluster in distinct:
            distinct.remove(cluster)
            refused = chosen[cluster]
            errors = [refused] if isinstance(refused, QueryError) else failures_of([answers[cluster]])
            for error in errors:
                run.report(error, entry.details, path_of(index))
    own = [answers.get(cluster) for cluster in clusters.clusters]
    if question.selection_of is None:
        return field, [counted_page(count_of([one]), (one,)) if one is not None else None for one in own]
    siblings = [rows_of([one] if one is not None else []) for one in own]
    lists = await filtered(run.hidden(entry.details, path_of(0)), field.plan.row_filter, siblings, path_of)
    pages, pace, is_whole = list[ListPage | None](), Pace(), question.window is ALL
    for index, (answer, rows) in enumerate(zip(own, lists, strict=True)):
        try:
            pages.append(_page(run, field, chosen[clusters.clusters[index]], answer, rows, is_whole=is_whole))
        except QueryError as error:
            run.report(error, entry.details, path_of(index))
            pages.append(None)
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


def _page(
    run: "Run",
    field: ObjectsField,
    chosen: ChosenKinds | QueryError,
    answer: ClusterAnswer | None,
    rows: Rows,
    *,
    is_whole: bool,
) -> ListPage | None:
    """Returns the page of a cluster; None if it was not asked."""
    if answer is None or isinstance(chosen, QueryError):
        return None
    return cut_page(
        rows,
        field.arguments,
        signer=run.operation.cursors,
        scope=field.arguments.scope(answer.cluster.id, "objects", *kind_names(chosen)),
        answers=(answer,),
        total=None if is_whole else count_of([answer]),
    )
