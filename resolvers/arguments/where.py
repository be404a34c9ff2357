"""`where` and `orderBy`, from coerced GraphQL values to conditions and orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters.conditions import (
    ELEMENT,
    Comparison,
    Condition,
    ConditionGroup,
    ElementCondition,
    ElementQuantifier,
    Junction,
    Operator,
    PathComparison,
    Quantifier,
)

_MAX_COMPARISONS: Final = 100
_MAX_COUNTED: Final = 1000
_MAX_VALUES: Final = 1000
_MAX_ORDERS: Final = 8
_MAX_DEPTH: Final = 10
_GROUPS: Final[Mapping[str, Junction | ElementQuantifier]] = {
    group.value: group for group in (*Junction, *ElementQuantifier)
}
_OF_COMPARISONS: Final = ("op", "value", "valuePath", "quantifier", "ignoreCase")
_COMPARED: Final = frozenset({Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE})
"""The operators between two paths."""


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


def _condition(entry: Mapping[str, Any], *, depth: int, is_element: bool = False) -> Condition:
    if depth > _MAX_DEPTH:
        raise LimitExceeded(f"where: groups inside each other more than {_MAX_DEPTH} deep.")
    names = [name for name in _GROUPS if entry.get(name) is not None]
    of_comparison = [name for name in _OF_COMPARISONS if entry.get(name) is not None]
    group = _GROUPS[names[0]] if len(names) == 1 and not of_comparison else None
    if isinstance(group, ElementQuantifier):
        return ElementCondition(_path(entry), group, _members(entry, group.value, depth=depth, is_element=True))
    if group is not None and entry.get("path") is None:
        return ConditionGroup(group, _members(entry, group.value, depth=depth, is_element=is_element))
    if names or not (of_comparison or entry.get("path") is not None):
        raise BadUserInput(
            "where: an entry is either {path, op, value}, or one of {and}, {or}, {not} with a list. "
            "Beside the path of a list, one of {some}, {every}, {none} has a list of conditions on its elements."
        )
    return _comparison(entry, is_element=is_element)


def _members(entry: Mapping[str, Any], name: str, *, depth: int, is_element: bool) -> tuple[Condition, ...]:
    members = tuple(_condition(member, depth=depth + 1, is_element=is_element) for member in entry[name])
    if not members:
        raise BadUserInput(f"where: {name} has an empty list; put conditions into it or leave it out.")
    return members


def _path(entry: Mapping[str, Any], default: str | None = None) -> str:
    path: str | None = entry.get("path")
    if path is None and default is None:
        raise BadUserInput("where: a comparison needs a path.")
    return path if path is not None else default or ""


def _comparison(entry: Mapping[str, Any], *, is_element: bool) -> Comparison | PathComparison:
    path = _path(entry, ELEMENT if is_element else None)
    if entry.get("valuePath") is not None:
        return _path_comparison(entry, path)
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


def _path_comparison(entry: Mapping[str, Any], path: str) -> PathComparison:
    op = Operator(entry.get("op") or "EQ")
    if entry.get("value") is not None:
        raise BadUserInput(f"where: {path} {op.value}: give either value or valuePath, not both.")
    if op not in _COMPARED:
        raise BadUserInput(f"where: {path} {op.value}: valuePath is for EQ, NE, LT, LE, GT and GE.")
    return PathComparison(path, op, entry["valuePath"], bool(entry.get("ignoreCase")))


def _refuse_many(entries: Sequence[Mapping[str, Any]]) -> None:
    """Counts comparisons before they are parsed."""
    stack, count = [entries], 0
    while stack and count <= _MAX_COUNTED:
        members = stack.pop()
        for entry in members[:_MAX_COUNTED]:
            groups = [entry[name] for name in _GROUPS if entry.get(name)]
            stack += groups
            count += not groups
        count += len(members[_MAX_COUNTED:])
    if count > _MAX_COMPARISONS:
        raise LimitExceeded(f"where: {count} comparisons; at most {_MAX_COMPARISONS}.")


def _sequence(argument: object) -> Sequence[Mapping[str, Any]]:
    return argument if isinstance(argument, list | tuple) else ()
