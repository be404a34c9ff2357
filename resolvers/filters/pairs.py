"""Comparisons of the values at two paths: a test of pairs, by the first type that both values have."""

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt
from typing import Any, Final

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import TOO_LARGE, Key, ValueType, key
from resolvers.filters.conditions import Operator, PathComparison
from resolvers.filters.folding import folded_order
from resolvers.filters.untyped import UNTYPED, readings

PairTest = Callable[[tuple[Any, Any]], bool]
"""Returns whether a comparison holds of two values."""

_TEXTS: Final = frozenset({ValueType.TEXT, ValueType.FREE_TEXT, ValueType.ADDRESS, ValueType.VERSION})
_AMOUNTS: Final = frozenset({ValueType.NUMBER, ValueType.QUANTITY})
_COMPARED: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = {
    Operator.EQ: eq,
    Operator.NE: eq,
    Operator.LT: lt,
    Operator.LE: le,
    Operator.GT: gt,
    Operator.GE: ge,
}


def pair_test(comparison: PathComparison, left: ValueType, right: ValueType) -> PairTest:
    """Returns the test of a comparison of two paths.

    Null equals nothing, as in comparisons with a value: NE holds if a value is missing, and nothing else does.

    Args:
        comparison: the comparison.
        left: the type of the values at its path.
        right: the type of the values at its valuePath.

    Raises:
        BadUserInput: values of these types cannot be compared.
    """
    keys_of = _keys_of(comparison, left, right)
    compare, is_negated = _COMPARED[comparison.op], comparison.op is Operator.NE

    def holds(pair: tuple[Any, Any]) -> bool:
        ours, theirs = keys_of(*pair)
        if ours is None or theirs is None or TOO_LARGE in (ours, theirs):
            return is_negated
        return bool(compare(ours, theirs)) is not is_negated

    return holds


def _keys_of(comparison: PathComparison, left: ValueType, right: ValueType) -> Callable[[Any, Any], tuple[Key, Key]]:
    value_type = _common(left, right)
    if value_type is None:
        raise BadUserInput(
            f"where: {comparison.path} is {left.value} and {comparison.value_path} is {right.value}; "
            "they cannot be compared."
        )
    is_ordered = comparison.op not in {Operator.EQ, Operator.NE}

    folds = comparison.ignores_case and value_type in {ValueType.TEXT, *UNTYPED}

    def keys_of(ours: Any, theirs: Any) -> tuple[Key, Key]:
        if value_type in UNTYPED and is_ordered:
            our_readings, their_readings = readings(ours), readings(theirs)
            common = next((one for one in our_readings if one in their_readings), None)
            if common is not None:
                return our_readings[common], their_readings[common]
            if our_readings or their_readings:
                return None, None
        if folds and isinstance(ours, str) and isinstance(theirs, str):
            return folded_order(ours), folded_order(theirs)
        return key(value_type, ours), key(value_type, theirs)

    return keys_of


def _common(left: ValueType, right: ValueType) -> ValueType | None:
    """Returns the type by which values of two types are compared; None if they cannot be."""
    types = {left, right}
    if len(types) == 1:
        return left
    if types <= _AMOUNTS:
        return ValueType.QUANTITY
    if types <= _TEXTS:
        typed = types - {ValueType.TEXT, ValueType.FREE_TEXT}
        return typed.pop() if len(typed) == 1 and ValueType.FREE_TEXT in types else ValueType.TEXT
    if types <= UNTYPED:
        return ValueType.ANY
    if not types & UNTYPED:
        return None
    (typed_one,) = types - UNTYPED
    if typed_one is ValueType.NUMBER:
        return ValueType.QUANTITY
    return None if typed_one is ValueType.BOOLEAN and ValueType.FREE_TEXT in types else typed_one
