"""Operators of `where`: comparisons as predicates of one value, or as searches among many."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType, key, operand
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.conditions import Comparison, Operator, Quantifier
from resolvers.filters.folding import folded_beginning
from resolvers.filters.operands import Operands
from resolvers.filters.predicates import Holds, Predicate, Search
from resolvers.filters.textsearch import Substring, begins_with
from resolvers.filters.untyped import UNTYPED, Readings, operand_readings, readings

_SETS: Final = frozenset({Operator.IN, Operator.NOT_IN})
_ORDERING: Final = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE})
_TEXTUAL: Final = frozenset({Operator.CONTAINS, Operator.STARTS_WITH, Operator.MATCHES})
_MAX_TEXT_CHARACTERS: Final = 100_000
"""Limit of a text to search for."""

_HOLDS_OF_NULL: Final = frozenset({Operator.NE, Operator.NOT_IN, Operator.NOT_EXISTS})


def search(comparison: Comparison, test: Predicate) -> tuple[Search, bool]:
    """Returns the search for a comparison among many values, and the comparison's result if the search succeeds."""
    if comparison.op.asks_presence:
        return Search(_always), comparison.op is Operator.EXISTS
    match comparison.quantifier:
        case Quantifier.ANY:
            return test.search(), True
        case Quantifier.NONE:
            return test.search(), False
        case Quantifier.ALL:
            return test.exception(), False


def predicate(comparison: Comparison, value_type: ValueType, limits: ComparisonLimits) -> Predicate:
    """Returns the predicate of a comparison for one value.

    NE, NOT_IN and NOT_EXISTS hold where there is no value: null equals nothing.

    Args:
        comparison: the comparison.
        value_type: the type of the path's values.
        limits: counts the comparison's value.

    Raises:
        BadUserInput: the value is invalid for this comparison.
        LimitExceeded: the comparison, or all of the operation together, have too many values.
    """
    op = comparison.op
    of_null, where = op in _HOLDS_OF_NULL, f"where: {comparison.path} {op.value}"
    limits.count(comparison.value)
    if op in _TEXTUAL:
        if value_type is ValueType.QUANTITY:
            raise BadUserInput(
                f"{where}: quantities compare by their amounts, not as texts; use EQ, LT, LE, GT, GE or IN."
            )
        return _textual(comparison, limits, where)
    if op in _SETS:
        return _set(comparison, value_type, limits, where)
    return Predicate(_of_one(comparison, value_type, limits, where=where), of_null=of_null)


def _of_one(comparison: Comparison, value_type: ValueType, limits: ComparisonLimits, *, where: str) -> Holds:
    """Returns a function of one value that is not null."""
    op = comparison.op
    if op.asks_presence:
        if comparison.value is not None:
            raise BadUserInput(f"{where}: it takes no value.")
        return lambda _value: op is Operator.EXISTS
    _refuse_null(comparison, where)
    if op in _ORDERING and value_type in UNTYPED and (by_type := operand_readings(comparison.value, where=where)):
        return _untyped(op, by_type)
    value = limits.folded(comparison.value, where) if _folds(comparison, value_type) else comparison.value
    key_of = _key_of(comparison, value_type, len(value) if isinstance(value, str) else 0)
    return _ordered(op, operand(value_type, value, where=where), key_of)


def _folds(comparison: Comparison, value_type: ValueType) -> bool:
    return comparison.ignores_case and value_type in {ValueType.TEXT, *UNTYPED}


def _key_of(comparison: Comparison, value_type: ValueType, characters: int) -> Callable[[object], Any]:
    """Returns the key function; without case it folds only as much as an operand of `characters` characters needs."""
    if not _folds(comparison, value_type):
        return partial(key, value_type)

    def key_of(value: object) -> Any:
        return key(value_type, folded_beginning(value, characters) if isinstance(value, str) else value)

    return key_of


def _untyped(op: Operator, by_type: Readings) -> Holds:
    """Returns a comparison by the first type that operand and value have in common; without one it does not hold."""
    tests = {value_type: _ordered(op, operand_key, _unchanged) for value_type, operand_key in by_type.items()}

    def holds(value: Any) -> bool:
        keys = readings(value)
        value_type = next((one for one in tests if one in keys), None)
        return value_type is not None and bool(tests[value_type](keys[value_type]))

    return holds


def _ordered(op: Operator, operand_key: Any, key_of: Callable[[object], Any]) -> Holds:
    match op:
        case Operator.EQ:
            return lambda value: key_of(value) == operand_key
        case Operator.NE:
            return lambda value: key_of(value) != operand_key
        case Operator.LT:
            return lambda value: (own := key_of(value)) is not None and own < operand_key
        case Operator.LE:
            return lambda value: (own := key_of(value)) is not None and own <= operand_key
        case Operator.GT:
            return lambda value: (own := key_of(value)) is not None and own > operand_key
        case _:
            return lambda value: (own := key_of(value)) is not None and own >= operand_key


def _set(comparison: Comparison, value_type: ValueType, limits: ComparisonLimits, where: str) -> Predicate:
    _refuse_null(comparison, where)
    values, of_null = _listed(comparison, where), comparison.op in _HOLDS_OF_NULL
    folds = _folds(comparison, value_type)
    values = [limits.folded(value, where) for value in values] if folds else values
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    operands = Operands(values, lambda value: operand(value_type, value, where=where))
    limits.read_later(operands)
    keys, key_of = operands.keys, _key_of(comparison, value_type, longest)
    if comparison.op is Operator.IN:
        return Predicate(lambda value: key_of(value) in keys, operands=operands)
    return Predicate(lambda value: key_of(value) not in keys, of_null=of_null, operands=operands)


def _listed(comparison: Comparison, where: str) -> list[Any]:
    if not isinstance(comparison.value, list):
        raise BadUserInput(f"{where}: the value must be a list.")
    return comparison.value


def _text(comparison: Comparison, where: str) -> str:
    _refuse_null(comparison, where)
    if not isinstance(comparison.value, str):
        raise BadUserInput(f"{where}: the value must be a text.")
    return comparison.value


def _refuse_null(comparison: Comparison, where: str) -> None:
    if comparison.value is None:
        raise BadUserInput(f"{where}: the value is missing; to ask for null, use NOT_EXISTS.")


def _textual(comparison: Comparison, limits: ComparisonLimits, where: str) -> Predicate:
    text, ignores_case = _text(comparison, where), comparison.ignores_case
    if comparison.op is Operator.MATCHES:
        pattern = limits.pattern(text, ignores_case=ignores_case, where=where)
        return Predicate(pattern.holds, pattern.at_length)
    if len(text) > _MAX_TEXT_CHARACTERS:
        raise BadUserInput(f"{where}: the value has {len(text)} characters; the limit is {_MAX_TEXT_CHARACTERS}.")
    searched = limits.folded(text, where) if ignores_case else text
    if comparison.op is Operator.CONTAINS:
        substring = Substring(searched, ignores_case)
        return Predicate(substring.holds, substring.at_length)
    return Predicate(begins_with(searched, ignores_case=ignores_case))


def _always(_value: object) -> bool:
    return True


def _unchanged(value: Any) -> Any:
    return value
