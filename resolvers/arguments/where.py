"""`where` and `orderBy`, from coerced GraphQL values to conditions and orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters.conditions import Comparison, Condition, ConditionGroup, Junction, Operator, Quantifier

_MOST_COMPARISONS: Final = 100
_MOST_COUNTED: Final = 1000
_JUNCTIONS: Final = tuple(junction.value for junction in Junction)
_MOST_VALUES: Final = 1000
_MOST_ORDERS: Final = 8
_DEEPEST: Final = 10


class Direction(Enum):
    """Which way to order."""

    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True)
class Order:
    """One part of `orderBy`."""

    path: str
    is_descending: bool = False
    ignores_case: bool = False


def conditions(given: object) -> tuple[Condition, ...]:
    """What `where` says; all of it must hold.

    Raises:
        BadUserInput: an entry is neither one comparison nor one group.
        LimitExceeded: there are too many, or too deep inside each other.
    """
    _refuse_many(_sequence(given))
    return tuple(_condition(each, depth=1) for each in _sequence(given))


def orders(given: object) -> tuple[Order, ...]:
    """What `orderBy` says, the most significant first.

    Raises:
        LimitExceeded: there are too many.
    """
    entries = _sequence(given)
    if len(entries) > _MOST_ORDERS:
        raise LimitExceeded(f"orderBy: {len(entries)} paths; at most {_MOST_ORDERS}.")
    return tuple(
        Order(
            str(each["path"]),
            Direction(each.get("direction") or "ASC") is Direction.DESC,
            bool(each.get("ignoreCase")),
        )
        for each in entries
    )


def _condition(given: Mapping[str, Any], *, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise LimitExceeded(f"where: groups inside each other more than {_DEEPEST} deep.")
    groups = [junction for junction in Junction if given.get(junction.value) is not None]
    is_comparison = any(given.get(key) is not None for key in ("path", "op", "value", "quantifier", "ignoreCase"))
    if len(groups) + is_comparison != 1:
        raise BadUserInput("where: an entry is either {path, op, value}, or one of {and}, {or}, {not} with a list.")
    if groups:
        members = tuple(_condition(each, depth=depth + 1) for each in given[groups[0].value])
        if not members:
            raise BadUserInput(f"where: {groups[0].value} has an empty list; put conditions into it or leave it out.")
        return ConditionGroup(groups[0], members)
    return _comparison(given)


def _comparison(given: Mapping[str, Any]) -> Comparison:
    path = given.get("path")
    if path is None:
        raise BadUserInput("where: a comparison needs a path.")
    value = given.get("value")
    if isinstance(value, list) and len(value) > _MOST_VALUES:
        raise LimitExceeded(f"where: {path[:80]}: {len(value)} values; at most {_MOST_VALUES}.")
    return Comparison(
        path,
        Operator(given.get("op") or "EQ"),
        value,
        Quantifier(given.get("quantifier") or "ANY"),
        bool(given.get("ignoreCase")),
    )


def _refuse_many(given: Sequence[Mapping[str, Any]]) -> None:
    """Counts comparisons before anything is made of them."""
    waiting, count = [given], 0
    while waiting and count <= _MOST_COUNTED:
        members = waiting.pop()
        for each in members[:_MOST_COUNTED]:
            groups = [each[name] for name in _JUNCTIONS if each.get(name)]
            waiting += groups
            count += not groups
        count += len(members[_MOST_COUNTED:])
    if count > _MOST_COMPARISONS:
        raise LimitExceeded(f"where: {count} comparisons; at most {_MOST_COMPARISONS}.")


def _sequence(given: object) -> Sequence[Mapping[str, Any]]:
    return given if isinstance(given, list | tuple) else ()
