"""Arguments of lists and singles, as Strawberry arguments."""

from collections.abc import Hashable
from functools import cache

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from graph.schema.federation import AnyEntity
from graph.schema.inputs import ClustersInput, GroupOrderInput, OrderInput, WhereInput
from k8s.kinds.kind import Kind


def list_arguments(kind: Kind, *, across_clusters: bool, across_namespaces: bool) -> list[StrawberryArgument]:
    """Returns the arguments of a list of a kind."""
    arguments = []
    if across_clusters:
        arguments.append(argument("clusters", ClustersInput | None, "The clusters; without it, all of them."))
    if across_namespaces and kind.namespaced:
        arguments.append(argument("namespaces", list[str] | None, "Objects in these namespaces; without it, in all."))
    return [
        *arguments,
        *_freshness(across_clusters=across_clusters, across_namespaces=across_namespaces),
        argument("labelSelector", str | None, "Kubernetes label selector, such as `app=web,tier in (front,back)`."),
        argument("fieldSelector", str | None, "Kubernetes field selector; its fields depend on the kind."),
        argument("where", list[WhereInput] | None, "Conditions on each object; all must hold."),
        argument(
            "orderBy",
            list[OrderInput] | None,
            "The order, the most significant path first; equal values are ordered by cluster, namespace and name.",
        ),
        argument("first", int | None, "At most this many, in order; without it, all of them."),
        argument("after", str | None, "Objects after the one of this cursor (`endCursor`, `edges.cursor`)."),
    ]


def _freshness(*, across_clusters: bool, across_namespaces: bool) -> list[StrawberryArgument]:
    """Returns the arguments about the timeout of clusters, and about the number of answers needed."""
    arguments = []
    if across_namespaces:
        text = "Milliseconds in which a cluster must answer this list; never more than the server allows."
        arguments.append(argument("timeoutMs", int | None, text))
    if across_clusters:
        text = "If fewer clusters answer, the list is null with an error, instead of partial."
        arguments.append(argument("minClusters", int | None, text))
    return arguments


def group_arguments() -> list[StrawberryArgument]:
    """Returns the arguments of `groups`."""
    return [
        argument("by", list[str], "Paths into the type whose values make a group, such as `cluster.name`."),
        argument(
            "orderBy",
            list[GroupOrderInput] | None,
            "The order, the most significant figure first; without it, the largest groups come first.",
        ),
        argument("first", int | None, "At most this many, in order; without it, all of them."),
    ]


@cache
def argument(name: str, annotation: Hashable, description: str) -> StrawberryArgument:
    """Returns one argument, shared by all fields that have it; optional ones have no default in the schema."""
    optional = annotation not in (str, strawberry.ID, list[str], list[AnyEntity])
    return StrawberryArgument(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        **({"default": strawberry.UNSET} if optional else {}),
    )
