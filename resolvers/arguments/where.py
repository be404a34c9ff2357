"""`where` and `orderBy`, from coerced GraphQL values to conditions and orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters.conditions import Comparison, Condition, ConditionGroup, Junction, Operator, Quantifier

_MAX_COMPARISONS: Final = 100
_MAX_COUNTED: Final = 1000
_JUNCTIONS: Final = tuple(junction.value for junction in Junction)
_MAX_VALUES: Final = 1000
_MAX_ORDERS: Final = 8
_MAX_DEPTH: Final = 10


class Direction(Enum):
    """The direction of an order."""

    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True)
class Order:
    """One entry of `orderBy`."""

    path: str
    is_descending: bool = False
    ignores_case: bool = False


def conditions(argument: object) -> tuple[Condition, ...]:
    """Returns the conditions of `where`; all of them must hold.

    Raises:
        BadUserInput: an entry is neither one comparison nor one group.
        LimitExceeded: there are too many comparisons or values, or groups are nested too deeply.
    """
    _refuse_many(_sequence(argument))
    return tuple(_condition(entry, depth=1) for entry in _sequence(argument))


def orders(argument: object) -> tuple[Order, ...]:
    """Returns the orders of `orderBy`, the most significant first.

    Raises:
        LimitExceeded: there are too many.
    """
    entries = _sequence(argument)
    if len(entries) > _MAX_ORDERS:
        raise LimitExceeded(f"orderBy: {len(entries)} paths; at most {_MAX_ORDERS}.")
    return tuple(
        Order(
            str(entry["path"]),
            Direction(entry.get("direction") or "ASC") is Direction.DESC,
            bool(entry.get("ignoreCase")),
        )
        for entry in entries
    )


def _condition(entry: Mapping[str, Any], *, depth: int) -> Condition:
    if depth > _MAX_DEPTH:
        raise LimitExceeded(f"where: groups inside each other more than {_MAX_DEPTH} deep.")
    groups = [junction for junction in Junction if entry.get(junction.value) is not None]
    is_comparison = any(entry.get(key) is not None for key in ("path", "op", "value", "quantifier", "ignoreCase"))
    if len(groups) + is_comparison != 1:
        raise BadUserInput("where: an entry is either {path, op, value}, or one of {and}, {or}, {not} with a list.")
    if groups:
        members = tuple(_condition(member, depth=depth + 1) for member in entry[groups[0].value])
        if not members:
            raise BadUserInput(f"where: {groups[0].value} has an empty list; put conditions into it or leave it out.")
        return ConditionGroup(groups[0], members)
    return _comparison(entry)


def _comparison(entry: Mapping[str, Any]) -> Comparison:
    path = entry.get("path")
    if path is None:
        raise BadUserInput("where: a comparison needs a path.")
    value = entry.get("value")
    if isinstance(value, list) and len(value) > _MAX_VALUES:
        raise LimitExceeded(f"where: {path[:80]}: {len(value)} values; at most {_MAX_VALUES}.")
    return Comparison(
        path,
        Operator(entry.get("op") or "EQ"),
        value,
        Quantifier(entry.get("quantifier") or "ANY"),
        bool(entry.get("ignoreCase")),
    )


def _refuse_many(entries: Sequence[Mapping[str, Any]]) -> None:
    """Counts comparisons before they are parsed."""
    stack, count = [entries], 0
    while stack and count <= _MAX_COUNTED:
        members = stack.pop()
        for entry in members[:_MAX_COUNTED]:
            groups = [entry[name] for name in _JUNCTIONS if entry.get(name)]
            stack += groups
            count += not groups
        count += len(members[_MAX_COUNTED:])
    if count > _MAX_COMPARISONS:
        raise LimitExceeded(f"where: {count} comparisons; at most {_MAX_COMPARISONS}.")


def _sequence(argument: object) -> Sequence[Mapping[str, Any]]:
    return argument if isinstance(argument, list | tuple) else ()
