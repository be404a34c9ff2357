"""Input objects of lists, as Strawberry inputs."""

from typing import Final

import strawberry

from graph.schema.enums import described
from graph.schema.scalars import JSON
from resolvers.arguments.where import Direction
from resolvers.filters.conditions import Operator, Quantifier
from resolvers.filters.grouping import Figure

_UNSET: Final = strawberry.UNSET
_IGNORE_CASE: Final = "Whether texts compare without regard to case."

_ENUMS: Final = {
    Operator: "WhereOperator",
    Quantifier: "WhereQuantifier",
    Direction: "OrderDirection",
    Figure: "GroupFigure",
}

for _enum, _name in _ENUMS.items():
    described(_enum, name=_name)


@strawberry.input(description="Which clusters; all that is given must hold. Left out, it means every cluster.")
class ClustersInput:
    """The argument `clusters` of every list."""

    names: list[str] | None = strawberry.field(
        default=None, description="Clusters of these names; an unknown name is an error."
    )
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Clusters of these ids.")
    labels: str | None = strawberry.field(
        default=None, description="Clusters that have these labels, as `env=prod,region=eu`."
    )


@strawberry.input(
    description="What must hold of an object: either a comparison `{path, op, value}`, or one group: "
    "`{and: [...]}`, `{or: [...]}` or `{not: [...]}`, of which none may hold."
)
class WhereInput:
    """An entry of `where:`."""

    path: str | None = strawberry.field(
        default=_UNSET,
        description="Into the type, as `status.podIP`, `spec.containers.image` or `node.ready`; a key of a map as "
        '`metadata.labels["app.kubernetes.io/name"]`.',
    )
    op: Operator | None = strawberry.field(default=_UNSET, description="How to compare; EQ if left out.")
    value: JSON | None = strawberry.field(
        default=_UNSET,
        description="What to compare with; a list for IN and NOT_IN. Quantities, times (`now-7d` is one), versions, IP "
        "addresses and numbers compare by value, texts by code point.",
    )
    quantifier: Quantifier | None = strawberry.field(
        default=_UNSET,
        description="Of a path through lists: which of its values must compare so; ANY if left out.",
    )
    ignoreCase: bool | None = strawberry.field(  # noqa: N815  GraphQL's name
        default=_UNSET, description=_IGNORE_CASE
    )
    and_: list["WhereInput"] | None = strawberry.field(default=_UNSET, name="and", description="All of these.")
    or_: list["WhereInput"] | None = strawberry.field(default=_UNSET, name="or", description="At least one of these.")
    not_: list["WhereInput"] | None = strawberry.field(default=_UNSET, name="not", description="None of these.")


@strawberry.input(description="A path to order by.")
class OrderInput:
    """An entry of `orderBy:`."""

    path: str = strawberry.field(description="Into the type, through no list, as `restarts` or `node.name`.")
    direction: Direction | None = strawberry.field(
        default=_UNSET, description="ASC if left out. Objects without a value come last in both directions."
    )
    ignoreCase: bool | None = strawberry.field(  # noqa: N815  GraphQL's name
        default=_UNSET, description=_IGNORE_CASE
    )


@strawberry.input(description="A figure to order groups by.")
class GroupOrderInput:
    """An entry of `orderBy:` of groups."""

    figure: Figure = strawberry.field(description="Which figure.")
    path: str | None = strawberry.field(
        default=_UNSET, description="Of SUM, MIN, MAX and AVG: the path that it is computed of."
    )
    direction: Direction | None = strawberry.field(
        default=_UNSET, description="ASC if left out. Groups without the figure come last in both directions."
    )
