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
        arguments.append(argument("clusters", ClustersInput | None, "Which clusters; left out, every one."))
    if across_namespaces and kind.namespaced:
        arguments.append(argument("namespaces", list[str] | None, "Objects in these namespaces; left out, in all."))
    return [
        *arguments,
        *_freshness(across_clusters=across_clusters, across_namespaces=across_namespaces),
        argument("labelSelector", str | None, "Kubernetes label selector, as `app=web,tier in (front,back)`."),
        argument(
            "fieldSelector", str | None, "Kubernetes field selector; which fields it may name depends on the kind."
        ),
        argument("where", list[WhereInput] | None, "What must hold of each object; all of it."),
        argument(
            "orderBy",
            list[OrderInput] | None,
            "By which values to order, the most significant first; equal ones by cluster, namespace and name.",
        ),
        argument("first", int | None, "At most this many, in order; left out, all of them."),
        argument(
            "after", str | None, "Those behind the object that this cursor (`endCursor`, `edges.cursor`) stands for."
        ),
    ]


def _freshness(*, across_clusters: bool, across_namespaces: bool) -> list[StrawberryArgument]:
    """Returns the arguments about the timeout of clusters, and about the number of answers needed."""
    arguments = []
    if across_namespaces:
        text = "Milliseconds in which a cluster must have answered this list; never more than the server allows."
        arguments.append(argument("timeoutMs", int | None, text))
    if across_clusters:
        text = "If fewer clusters answer, the list is null and an error, instead of partial."
        arguments.append(argument("minClusters", int | None, text))
    return arguments


def group_arguments() -> list[StrawberryArgument]:
    """Returns the arguments of `groups`."""
    return [
        argument("by", list[str], "Paths into the type whose values make a group, as `cluster.name`."),
        argument(
            "orderBy",
            list[GroupOrderInput] | None,
            "By which figures to order, the most significant first; left out, the largest groups come first.",
        ),
        argument("first", int | None, "At most this many, in order; left out, all of them."),
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
