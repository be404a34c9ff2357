"""`where` of one row at a time, in plain functions, for the comparison with the evaluation in slices."""

from collections.abc import Callable, Iterable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from graph.planning.emitted import NULLED
from resolvers.filters.comparing import ValueType, key
from resolvers.filters.conditions import Comparison, Condition, ConditionGroup, Junction, Operator, Quantifier

Read = Callable[[Any], Any]
Reads = Callable[[str], tuple[Read, bool]]
"""The reader of a path, and whether it has many values."""

_ORDERED = {Operator.EQ: eq, Operator.NE: ne, Operator.LT: lt, Operator.LE: le, Operator.GT: gt, Operator.GE: ge}


def reader(steps: Sequence[Read]) -> Read:
    """Returns a reader of all values at the end of steps: a list if one of them leads through a list."""

    def read(value: Any, start: int = 0) -> Any:
        for place in range(start, len(steps)):
            if value is None or value is NULLED:
                return None
            if isinstance(value, list):
                return list(_flat(read(item, place) for item in value))
            value = steps[place](value)
        return None if value is NULLED else value

    return read


def holds(condition: Condition, row: Any, reads: Reads) -> bool:
    """Returns True if a condition holds of a row."""
    if isinstance(condition, ConditionGroup):
        held = [holds(member, row, reads) for member in condition.members]
        match condition.junction:
            case Junction.AND:
                return all(held)
            case Junction.OR:
                return any(held)
            case Junction.NOT:
                return not any(held)
    assert isinstance(condition, Comparison)
    read, is_many = reads(condition.path)
    value = read(row)
    return _of_many(condition, value or ()) if is_many else _of_one(condition, value)


def _of_many(comparison: Comparison, values: Iterable[Any]) -> bool:
    present = [value for value in values if value is not None]
    if comparison.op.asks_presence:
        return bool(present) is (comparison.op is Operator.EXISTS)
    held = [_of_one(comparison, value) for value in present]
    match comparison.quantifier:
        case Quantifier.ANY:
            return any(held)
        case Quantifier.ALL:
            return all(held)
        case Quantifier.NONE:
            return not any(held)


def _of_one(comparison: Comparison, value: Any) -> bool:
    op, given = comparison.op, comparison.value
    if op.asks_presence:
        return (value is not None) is (op is Operator.EXISTS)
    if value is None:
        return op in {Operator.NE, Operator.NOT_IN}
    compared = key(ValueType.NUMBER, value)
    if op in {Operator.IN, Operator.NOT_IN}:
        return (compared in given) is (op is Operator.IN)
    if compared is None:
        return op is Operator.NE
    return bool(_ORDERED[op](compared, given))


def _flat(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value
