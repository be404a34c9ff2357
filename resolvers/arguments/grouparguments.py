"""The arguments of `groups`, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from resolvers.arguments.listarguments import checked_first
from resolvers.arguments.where import Direction
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.grouping.figures import Figure
from resolvers.limits import OperationLimits

_MAX_PATHS: Final = 8


@dataclass(frozen=True, slots=True)
class FigureOrder:
    """One entry of `orderBy` of groups."""

    figure: Figure
    path: str | None
    is_descending: bool


@dataclass(frozen=True, slots=True)
class GroupArguments:
    """The arguments of `groups`.

    Attributes:
        by: paths whose values form a group; none for one group of all objects.
        order_by: orders, the most significant first; empty for the largest groups first.
        first: number of groups; None for all.
    """

    by: tuple[str, ...]
    order_by: tuple[FigureOrder, ...]
    first: int | None


def group_arguments(arguments: Mapping[str, Any], limits: OperationLimits) -> GroupArguments:
    """Returns the arguments from coerced GraphQL values.

    Raises:
        BadUserInput: an argument is invalid.
        LimitExceeded: there are too many paths or orders.
    """
    by, orders = tuple(arguments["by"]), arguments.get("orderBy") or ()
    for name, count in (("by", len(by)), ("orderBy", len(orders))):
        if count > _MAX_PATHS:
            raise LimitExceeded(f"groups: {name} has {count} entries; at most {_MAX_PATHS}.")
    return GroupArguments(by, tuple(map(_order, orders)), checked_first(arguments.get("first"), limits))


def _order(entry: Mapping[str, Any]) -> FigureOrder:
    figure, path = Figure(entry["figure"]), entry.get("path")
    if figure.is_of_values and path is None:
        raise BadUserInput(f"groups: orderBy {figure.value} needs a path.")
    if not figure.is_of_values and path is not None:
        raise BadUserInput(f"groups: orderBy {figure.value} takes no path.")
    is_descending = Direction(entry.get("direction") or "ASC") is Direction.DESC
    return FigureOrder(figure, path, is_descending)
