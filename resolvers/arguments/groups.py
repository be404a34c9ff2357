"""The arguments of `groups`, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from resolvers.arguments.arguments import checked_first
from resolvers.arguments.where import Direction
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters.grouping import Figure
from resolvers.limits import OperationLimits

_MOST_PATHS: Final = 8


@dataclass(frozen=True, slots=True)
class FigureOrder:
    """One part of `orderBy` of groups."""

    figure: Figure
    path: str | None
    is_descending: bool


@dataclass(frozen=True, slots=True)
class GroupArguments:
    """What groups are asked for.

    Attributes:
        by: paths whose values make a group.
        order_by: the most significant first; empty for the largest groups first.
        first: groups wanted; None for all.
    """

    by: tuple[str, ...]
    order_by: tuple[FigureOrder, ...]
    first: int | None


def group_arguments(given: Mapping[str, Any], limits: OperationLimits) -> GroupArguments:
    """The arguments, from coerced GraphQL values.

    Raises:
        BadUserInput: one of them cannot be meant.
        LimitExceeded: there are too many.
    """
    by, orders = tuple(given["by"]), given.get("orderBy") or ()
    if not by:
        raise BadUserInput("groups: by is an empty list; name at least one path, or use totalCount.")
    for name, count in (("by", len(by)), ("orderBy", len(orders))):
        if count > _MOST_PATHS:
            raise LimitExceeded(f"groups: {name} has {count} entries; at most {_MOST_PATHS}.")
    return GroupArguments(by, tuple(map(_order, orders)), checked_first(given.get("first"), limits))


def _order(given: Mapping[str, Any]) -> FigureOrder:
    figure, path = Figure(given["figure"]), given.get("path")
    if figure.is_of_values and path is None:
        raise BadUserInput(f"groups: orderBy {figure.value} needs a path.")
    if not figure.is_of_values and path is not None:
        raise BadUserInput(f"groups: orderBy {figure.value} takes no path.")
    is_descending = Direction(given.get("direction") or "ASC") is Direction.DESC
    return FigureOrder(figure, path, is_descending)
