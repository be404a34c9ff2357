"""Lists of objects of any kinds: their kinds are found in each cluster, then the list is planned for their types."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from graphql.pyutils import Path

from graph.execution.reduction import Reduction
from graph.planning.connectionplan import ConnectionPlan
from graph.planning.levels import FieldDetailsList
from graph.planning.listfield import ObjectsField
from graph.planning.planner import Planner
from graph.schema.rootdefinitions import ObjectsRoot
from resolvers.arguments.cursors import CursorPlace
from resolvers.arguments.kindnames import KindName, kind_name
from resolvers.arguments.listarguments import ListArguments, list_arguments
from resolvers.arguments.pushdown import narrowed_clusters
from resolvers.arguments.selectors import refuse_masked_fields
from resolvers.errors import BadUserInput, QueryError, UnknownKind
from resolvers.filters.operands import read_operands
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.kindlists import ObjectsQuestion
from resolvers.lists.kindresolution import is_known, kind_absent
from resolvers.lists.manykinds import Categories, ChosenKinds, KindChoice, categories, choose_kinds
from resolvers.lists.question import ALL, changed_window, page_window, refuse_few_clusters
from resolvers.operation.operation import Operation
from resolvers.together import together

_CHECK_S: Final = 1.0
"""Seconds in which a cluster must answer for the name of a kind to be refused at the beginning of a subscription."""
OWN_ARGUMENTS = frozenset({"apiVersion", "kind", "resource"})
"""The arguments that name a kind."""


async def plan_objects(
    operation: Operation,
    planner: Planner,
    root: ObjectsRoot,
    *,
    details: FieldDetailsList,
    arguments: Mapping[str, Any],
    path: Path,
) -> ObjectsField:
    """Finds the kinds of a list over the fleet, and plans it.

    Args:
        operation: the operation.
        planner: its planner.
        root: the list.
        details: the field.
        arguments: its coerced arguments.
        path: its place in the response.

    Raises:
        QueryError: an argument is invalid, no cluster has such a kind, or too many requests are needed.
    """
    choice, checked = _checked(operation, root, arguments)
    every = await operation.clusters()
    clusters = checked.clusters.of(every, is_strict=not operation.changed)
    clusters = narrowed_clusters(checked, clusters) if operation.pushes_down else clusters
    if operation.changed is not None:  # no cluster of a subscription waits for another one
        if clusters and not operation.changed:
            await choose_kinds(operation, choice, clusters, timeout_s=_CHECK_S)  # refuses unknown and ambiguous names
        clusters = [cluster for cluster in clusters if cluster.name in operation.changed]
        every = tuple(clusters)
    refuse_few_clusters(checked, clusters)
    chosen = _within_namespaces(await _chosen(operation, choice, clusters, every, checked.timeout_s), choice, checked)
    plan = await _planned(operation, planner, chosen, details=details, arguments=checked, is_streamed=True)
    operation.estimate_requests(chosen.lists * checked.requests)
    name = (root.name, *_own_name(choice))
    return ObjectsField(name, chosen, clusters, operation.kinds.type_of, plan, checked, details, path, is_by_kind=True)


async def _chosen(
    operation: Operation,
    choice: KindChoice,
    clusters: Sequence[FleetCluster],
    every: Sequence[FleetCluster],
    timeout_s: float | None,
) -> ChosenKinds:
    """Returns the kinds in each cluster; none, if other clusters of the caller are known to serve a kind of that name.

    Raises:
        QueryError: a name means several kinds, or none in any cluster.
    """
    try:
        return await choose_kinds(operation, choice, clusters, beside=every, timeout_s=timeout_s)
    except UnknownKind:
        if isinstance(choice, Categories) or not (is_known(choice, every) or operation.changed is not None):
            raise
        return ChosenKinds({}, {cluster: kind_absent(cluster, choice) for cluster in clusters})


async def plan_objects_of(
    operation: Operation,
    planner: Planner,
    clusters: Sequence[FleetCluster],
    *,
    details: FieldDetailsList,
    arguments: Mapping[str, Any],
    path: Path,
) -> tuple[ObjectsField, Mapping[FleetCluster, ChosenKinds | QueryError]]:
    """Finds the kind of a list in each of some clusters, whatever the others serve, and plans it for all of them.

    Returns the list without a name, and for each cluster its kind, or the error if it serves several of that name, or
    if no cluster of the caller is known to serve one. Arguments, errors and the estimate are as in `plan_objects`,
    without the lists themselves.
    """
    choice, checked = _checked(operation, ObjectsRoot(), arguments)

    async def of(cluster: FleetCluster) -> ChosenKinds | QueryError:
        try:
            chosen = await choose_kinds(operation, choice, [cluster], beside=clusters, timeout_s=checked.timeout_s)
            return _within_namespaces(chosen, choice, checked)
        except QueryError as error:
            return error

    by_cluster = dict(zip(clusters, await together(*map(of, clusters)), strict=True))
    absent = [cluster for cluster, error in by_cluster.items() if isinstance(error, UnknownKind)]
    if absent and isinstance(choice, KindName) and is_known(choice, await operation.clusters()):
        by_cluster |= {cluster: ChosenKinds({}, {cluster: kind_absent(cluster, choice)}) for cluster in absent}
    found = [chosen for chosen in by_cluster.values() if isinstance(chosen, ChosenKinds)]
    kinds = {cluster: kinds for chosen in found for cluster, kinds in chosen.kinds.items()}
    errors = {cluster: error for chosen in found for cluster, error in chosen.errors.items()}
    chosen, name = ChosenKinds(kinds, errors), (ObjectsRoot().name, *_own_name(choice))
    plan = await _planned(operation, planner, chosen, details=details, arguments=checked)
    operation.estimate_requests(chosen.lists * (checked.requests - 1))  # the field itself is one for each cluster
    asked = [*kinds, *errors]
    return ObjectsField(name, chosen, asked, operation.kinds.type_of, plan, checked, details, path), by_cluster


async def _planned(
    operation: Operation,
    planner: Planner,
    chosen: ChosenKinds,
    *,
    details: FieldDetailsList,
    arguments: ListArguments,
    is_streamed: bool = False,
) -> ConnectionPlan:
    """Plans a list of chosen kinds, and estimates its links."""
    kinds = [*dict.fromkeys(kind for of_cluster in chosen.kinds.values() for kind in of_cluster)]
    for kind in kinds:  # clusters may name one kind differently, and masks belong to names
        refuse_masked_fields(arguments.field_selector, kind, operation.masking)
    plan = planner.mixed_connection(kinds, details, arguments, is_streamed=is_streamed)
    await read_operands(planner.unread())
    links = planner.planned_lists()
    operation.lists.is_needed_whole = operation.lists.is_needed_whole or links > 0
    operation.estimate_requests(links * (len(chosen.kinds) + len(chosen.errors)))
    return plan


def objects_question(
    operation: Operation, field: ObjectsField, *, after: CursorPlace | None, reduction: Reduction | None = None
) -> ObjectsQuestion:
    """Returns the question of a list; its page begins after a place."""
    plan, arguments = field.plan, field.arguments
    window = changed_window(operation) or (ALL if plan.wants_whole else page_window(arguments, after))
    pushed = {str(kind): operation.pushed_down(kind, arguments).arguments for kind in field.chosen.distinct}
    counts = plan.counts_only and not arguments.counts_rows
    return ObjectsQuestion(
        field.chosen,
        None if counts else lambda kind: plan.selections[field.type_of(kind)],
        lambda kind: pushed[str(kind)],
        window,
        is_by_kind=field.is_by_kind,
        wants_count=plan.wants_count or counts,
        reduce=reduction.reduce if reduction is not None and window is ALL else None,
        is_estimated=all(of_kind.requests <= arguments.requests for of_kind in pushed.values()),
    )


def _checked(operation: Operation, root: ObjectsRoot, arguments: Mapping[str, Any]) -> tuple[KindChoice, ListArguments]:
    if root.has_categories:  # whose names are those of categories, not of objects
        rest = {name: value for name, value in arguments.items() if name != "names"}
        return categories(arguments.get("names")), list_arguments(rest, operation.limits)
    return kind_name(arguments), list_arguments(arguments, operation.limits)


def _within_namespaces(chosen: ChosenKinds, choice: KindChoice, arguments: ListArguments) -> ChosenKinds:
    """Leaves out kinds of the whole cluster if the list is of some namespaces.

    Raises:
        BadUserInput: no other kind is left of the one that was named.
    """
    if arguments.namespaces is None:
        return chosen
    kinds = {cluster: [kind for kind in of_cluster if kind.namespaced] for cluster, of_cluster in chosen.kinds.items()}
    if chosen.lists and not any(kinds.values()) and not isinstance(choice, Categories):
        raise BadUserInput(
            f"namespaces: {chosen.distinct[0]} are objects of the whole cluster; leave the argument out."
        )
    return replace(chosen, kinds=kinds)


def _own_name(choice: KindChoice) -> tuple[str, ...]:
    """Returns the name that cursors are bound to, whatever clusters serve when they are used."""
    return choice.names if isinstance(choice, Categories) else (str(choice),)
