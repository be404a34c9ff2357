"""Arguments of lists and singles, and their input objects, as Strawberry arguments and inputs."""

from collections.abc import Hashable
from functools import cache
from typing import Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from graph.schema.enums import described
from graph.schema.federation import AnyEntity
from graph.schema.scalars import JSON
from k8s.kinds.kind import Kind
from resolvers.arguments.where import Direction
from resolvers.filters.conditions import Operator, Quantifier
from resolvers.grouping.figures import Figure
from resolvers.kinds.anykind.rawjson import ManifestFormat

_UNSET: Final = strawberry.UNSET
_IGNORE_CASE: Final = "Whether texts are compared without regard to case."

_ENUMS: Final = {
    Operator: "WhereOperator",
    Quantifier: "WhereQuantifier",
    Direction: "OrderDirection",
    Figure: "GroupFigure",
    ManifestFormat: "ManifestFormat",
}

for _enum, _name in _ENUMS.items():
    described(_enum, name=_name)


@strawberry.input(description="A selection of clusters; all conditions must hold. Without it, every cluster.")
class ClustersInput:
    """The argument `clusters` of every list."""

    names: list[str] | None = strawberry.field(
        default=None, description="Clusters of these names; an unknown name is an error."
    )
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Clusters of these ids.")
    labels: str | None = strawberry.field(
        default=None, description="Clusters with these labels, such as `env=prod,region=eu`."
    )


@strawberry.input(
    description="A condition on an object: either a comparison `{path, op, value}`, or one group: "
    "`{and: [...]}`, `{or: [...]}` or `{not: [...]}`, of which none may hold. Beside the path of a list, `some`, "
    '`every` or `none` has conditions on its elements: `{path: "status.conditions", some: [{path: "type", '
    'value: "Ready"}, {path: "status", value: "True"}]}`.'
)
class WhereInput:
    """An entry of `where:`."""

    path: str | None = strawberry.field(
        default=_UNSET,
        description="A path into the type, such as `status.podIP`, `spec.containers.image` or `node.ready`; a key of a "
        'map as in `metadata.labels["app.kubernetes.io/name"]`, an element of a list as in '
        "`status.conditions[type=Ready].status`. Inside `some`, `every` and `none` it begins at the element; "
        "it is left out for a list of plain values.",
    )
    op: Operator | None = strawberry.field(default=_UNSET, description="The comparison; EQ without it.")
    value: JSON | None = strawberry.field(
        default=_UNSET,
        description="The operand; a list for IN and NOT_IN. Quantities, times (`now-7d` is one), versions, IP "
        "addresses and numbers compare by value, texts by code point.",
    )
    valuePath: str | None = strawberry.field(  # noqa: N815  GraphQL's name
        default=_UNSET,
        description="Instead of `value`: a path to the value to compare with, of the same object or element; for EQ, "
        "NE, LT, LE, GT and GE.",
    )
    quantifier: Quantifier | None = strawberry.field(
        default=_UNSET,
        description="For a path through lists: the values for which the comparison must hold; ANY without it.",
    )
    ignoreCase: bool | None = strawberry.field(  # noqa: N815  GraphQL's name
        default=_UNSET, description=_IGNORE_CASE
    )
    and_: list["WhereInput"] | None = strawberry.field(default=_UNSET, name="and", description="All of these.")
    or_: list["WhereInput"] | None = strawberry.field(default=_UNSET, name="or", description="At least one of these.")
    not_: list["WhereInput"] | None = strawberry.field(default=_UNSET, name="not", description="None of these.")
    some: list["WhereInput"] | None = strawberry.field(
        default=_UNSET, description="Conditions that all hold of one and the same element of the list at `path`."
    )
    every: list["WhereInput"] | None = strawberry.field(
        default=_UNSET,
        description="Conditions that all hold of every element of the list at `path`; true if it is empty.",
    )
    none: list["WhereInput"] | None = strawberry.field(
        default=_UNSET, description="The list at `path` has no element of which all of these hold."
    )


@strawberry.input(description="A path to order by.")
class OrderInput:
    """An entry of `orderBy:`."""

    path: str = strawberry.field(
        description="A path into the type, not through lists, such as `restarts` or `node.name`."
    )
    direction: Direction | None = strawberry.field(
        default=_UNSET, description="ASC without it. Objects without a value come last in both directions."
    )
    ignoreCase: bool | None = strawberry.field(  # noqa: N815  GraphQL's name
        default=_UNSET, description=_IGNORE_CASE
    )


@strawberry.input(description="A figure to order groups by.")
class GroupOrderInput:
    """An entry of `orderBy:` of groups."""

    figure: Figure = strawberry.field(description="The figure.")
    path: str | None = strawberry.field(
        default=_UNSET, description="For SUM, MIN, MAX and AVG: the path of its values."
    )
    direction: Direction | None = strawberry.field(
        default=_UNSET, description="ASC without it. Groups without the figure come last in both directions."
    )


def kind_arguments() -> list[StrawberryArgument]:
    """Returns the arguments that name a kind."""
    return [
        argument(
            "apiVersion", str | None, "Group and version of the kind, such as `argoproj.io/v1alpha1`; with `kind`."
        ),
        argument("kind", str | None, "The kind, such as `Application`; without `apiVersion` in any group and version."),
        argument(
            "resource",
            str | None,
            "Instead of both, the kind as kubectl takes it: plural, singular or short name, with a group or without, "
            "such as `applications.argoproj.io`. A name that means several kinds is refused.",
        ),
    ]


def list_arguments(
    kind: Kind | None, *, across_clusters: bool, across_namespaces: bool, has_names: bool = True
) -> list[StrawberryArgument]:
    """Returns the arguments of a list of a kind; None for lists of any kinds."""
    arguments = []
    if across_clusters:
        arguments.append(argument("clusters", ClustersInput | None, "The clusters; without it, all of them."))
    if across_namespaces and (kind is None or kind.namespaced):
        arguments.append(argument("namespaces", list[str] | None, "Objects in these namespaces; without it, in all."))
    return [
        *arguments,
        *(_names() if has_names else ()),
        *_freshness(across_clusters=across_clusters, across_namespaces=across_namespaces),
        argument("labelSelector", str | None, "Kubernetes label selector, such as `app=web,tier in (front,back)`."),
        argument("fieldSelector", str | None, "Kubernetes field selector; its fields depend on the kind."),
        *_filtering("cluster, namespace and name"),
        argument("first", int | None, "At most this many, in order; without it, all of them."),
        argument("after", str | None, "Objects after the one of this cursor (`endCursor`, `edges.cursor`)."),
    ]


def cluster_arguments() -> list[StrawberryArgument]:
    """Returns the arguments of the list of clusters."""
    return [
        argument("names", list[str] | None, "Clusters of these names; an unknown name is an error."),
        argument("labels", str | None, "Clusters with these labels, such as `env=prod,region=eu`."),
        *_filtering("name"),
    ]


def _filtering(last: str) -> list[StrawberryArgument]:
    """Returns the conditions and the order of a list; `last` is the order of equal values."""
    text = f"The order, the most significant path first; equal values are ordered by {last}."
    return [
        argument("where", list[WhereInput] | None, "Conditions on each object; all must hold."),
        argument("orderBy", list[OrderInput] | None, text),
    ]


def _names() -> list[StrawberryArgument]:
    """Returns the arguments about the names of objects."""
    return [
        argument("name", str | None, "Objects of this name, as in `kubectl get NAME`."),
        argument("names", list[str] | None, "Objects of these names; a name that no object has is no error."),
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
        argument(
            "by",
            list[str],
            "Paths into the type whose values make a group, such as `cluster.name`; an empty list makes one group of "
            "all objects, for the totals of the list.",
        ),
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
