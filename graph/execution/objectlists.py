"""Lists of objects of any kinds: their kinds are found in each cluster, then the list is planned for their types."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql.pyutils import Path

from graph.planning.levels import FieldDetailsList
from graph.planning.listfield import ObjectsField
from graph.planning.planner import Planner
from graph.schema.rootdefinitions import ObjectsRoot
from resolvers.arguments.kindnames import kind_name
from resolvers.arguments.listarguments import ListArguments, list_arguments
from resolvers.arguments.selectors import refuse_masked_fields
from resolvers.errors import BadUserInput
from resolvers.filters.operands import read_operands
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.manykinds import Categories, ChosenKinds, KindChoice, categories, choose_kinds
from resolvers.operation.operation import Operation

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
    within: Sequence[FleetCluster] | None = None,
) -> ObjectsField:
    """Finds the kinds of a list, and plans it.

    Args:
        operation: the operation.
        planner: its planner.
        root: the list.
        details: the field.
        arguments: its coerced arguments.
        path: its place in the response.
        within: the clusters of the list; None for those of its arguments.

    Raises:
        QueryError: an argument is invalid, no cluster has such a kind, or too many requests are needed.
    """
    choice, checked = _checked(operation, root, arguments)
    clusters = checked.clusters.of(await operation.clusters()) if within is None else within
    if len(clusters) < checked.min_clusters:
        raise BadUserInput(
            f"minClusters: {checked.min_clusters} clusters must answer, and the list asks {len(clusters)} altogether."
        )
    chosen = await choose_kinds(operation, choice, clusters)
    chosen = _within_namespaces(chosen, choice, checked)
    for kind in chosen.distinct:
        refuse_masked_fields(checked.field_selector, kind, operation.masking)
    kinds = [kind for of_cluster in chosen.kinds.values() for kind in of_cluster]
    plan = planner.mixed_connection([*dict.fromkeys(kinds)], details, checked)
    await read_operands(planner.unread())
    operation.lists.is_needed_whole = operation.lists.is_needed_whole or (links := planner.planned_lists()) > 0
    operation.estimate_requests(chosen.lists + links * len(clusters))
    name = choice.names if isinstance(choice, Categories) else tuple(map(_name, chosen.distinct))
    return ObjectsField((root.name, *name), chosen, clusters, operation.kinds.type_of, plan, checked, details, path)


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


def _name(kind: Any) -> str:
    return f"{kind.group}/{kind.name}"
