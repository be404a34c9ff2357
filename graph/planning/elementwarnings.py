"""Comparisons of one list beside each other in `where`, each of which may hold of another element.

Only comparisons that need some value are ambiguous. `quantifier: ALL` and `NONE` mean the same for each element as for
all together.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from graph.planning.fieldpath import FieldPath, ListOnPath, PathStart
from graph.planning.fieldpaths import FieldPaths
from k8s.listednames import all_of
from resolvers.arguments.paths import Step, parse_path, written
from resolvers.filters.conditions import (
    ELEMENT,
    Comparison,
    Condition,
    ConditionGroup,
    ElementCondition,
    Junction,
    Operator,
    Quantifier,
)

_MOST_SHOWN: Final = 5
"""Comparisons of a rewritten condition that are shown."""
_VALUE_CHARACTERS: Final = 60
_SETS: Final = frozenset({Operator.EQ, Operator.IN})

Located = tuple[Comparison, FieldPath]


def element_warnings(finder: FieldPaths, start: PathStart, conditions: Sequence[Condition]) -> Iterator[str]:
    """Yields a message for each list of which several comparisons that hold together may mean different elements.

    Args:
        finder: finds the paths.
        start: the object or element at which the paths begin.
        conditions: conditions that hold together; their paths are valid.
    """
    together = list(_together(conditions))
    yield from _ambiguous([(one, finder.find(start, one.path)) for one in _beside(together)])
    for condition in together:
        if isinstance(condition, ElementCondition):
            _, below = finder.find_elements(start, condition.path, condition.quantifier.value)
            yield from element_warnings(finder, below, condition.members)
        elif isinstance(condition, ConditionGroup):
            for member in condition.members:
                yield from element_warnings(finder, start, [member])


def _together(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Yields the conditions that hold together, with the members of groups of `and` instead of the groups."""
    for condition in conditions:
        if isinstance(condition, ConditionGroup) and condition.junction is Junction.AND:
            yield from _together(condition.members)
        else:
            yield condition


def _beside(conditions: Iterable[Condition]) -> Sequence[Comparison]:
    """Returns the comparisons that need some value, if several of their paths begin with the same field."""
    by_field: dict[str, list[Comparison]] = {}
    for one in conditions:
        if isinstance(one, Comparison) and one.quantifier is Quantifier.ANY and one.op is not Operator.NOT_EXISTS:
            by_field.setdefault(one.path.partition(".")[0].partition("[")[0], []).append(one)
    return [one for several in by_field.values() if len(several) > 1 for one in several]


def _ambiguous(comparisons: Sequence[Located]) -> Iterator[str]:
    """Yields a message for each list that several comparisons lead through, the longest path to a list first."""
    by_list: dict[tuple[Step, ...], list[Located]] = {}
    for comparison, path in comparisons:
        for on_path in path.lists:
            if not _asks_for_any_element(comparison, on_path):
                by_list.setdefault(on_path.steps, []).append((comparison, path))
    warned: list[list[Located]] = []
    for steps in sorted(by_list, key=len, reverse=True):
        several = by_list[steps]
        if len(several) > 1 and several not in warned and not _asks_for_several_values(several):
            warned.append(several)
            yield _message(steps, [comparison for comparison, _ in several])


def _asks_for_any_element(comparison: Comparison, on_path: ListOnPath) -> bool:
    """Returns True if a comparison asks only whether a list has elements, which all others of that list ask as well."""
    return comparison.op is Operator.EXISTS and parse_path(comparison.path) == on_path.steps


def _asks_for_several_values(several: Sequence[Located]) -> bool:
    """Returns True for a list that must have several values, such as the finalizers `a` and `b`."""
    return len({path.text for _, path in several}) == 1 and all(one.op in _SETS for one, _ in several)


def _message(steps: Sequence[Step], comparisons: Sequence[Comparison]) -> str:
    text = written(steps)
    paths = all_of(dict.fromkeys(one.path for one in comparisons[:_MOST_SHOWN]))
    shown = [_written(one, below=len(steps)) for one in comparisons[:_MOST_SHOWN]]
    members = ", ".join([*shown, "..."] if len(comparisons) > _MOST_SHOWN else shown)
    condition = f"{{path: {_json(text)}, some: [{members}]}}"
    return (
        f"where: {paths}: each of these comparisons may hold of another element of {text}. "
        f"If they are about the same element, write {condition}."
    )


def _written(comparison: Comparison, *, below: int) -> str:
    """Returns a comparison in GraphQL, with the path from the element of the list."""
    path = written(parse_path(comparison.path)[below:]) or ELEMENT
    entries = [f"path: {_json(path)}"] if path != ELEMENT else []
    entries += [f"op: {comparison.op.value}"] if comparison.op is not Operator.EQ else []
    entries += [f"value: {_value(comparison.value)}"] if comparison.value is not None else []
    entries += ["ignoreCase: true"] if comparison.ignores_case else []
    return f"{{{', '.join(entries)}}}"


def _value(value: Any) -> str:
    if isinstance(value, str | list) and len(value) > _VALUE_CHARACTERS:
        return "..."
    text = _json(value)
    return text if len(text) <= _VALUE_CHARACTERS and not isinstance(value, dict) else "..."


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
