"""What `where` asks of the values of one object: comparisons, and groups of them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Final

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType, key, operand
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.folding import folded_beginning
from resolvers.filters.operands import Operands
from resolvers.filters.predicates import Holds, Predicate, Search
from resolvers.filters.textsearch import Substring, begins_with
from resolvers.filters.untyped import UNTYPED, Readings, given_readings, readings


class Operator(Enum):
    """How a value is compared."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LE = "LE"
    GT = "GT"
    GE = "GE"
    IN = "IN"
    NOT_IN = "NOT_IN"
    EXISTS = "EXISTS"
    NOT_EXISTS = "NOT_EXISTS"
    CONTAINS = "CONTAINS"
    STARTS_WITH = "STARTS_WITH"
    MATCHES = "MATCHES"

    @property
    def asks_presence(self) -> bool:
        """Whether it takes no value."""
        return self in {Operator.EXISTS, Operator.NOT_EXISTS}


class Quantifier(Enum):
    """Of a path through lists: which of its values must compare so."""

    ANY = "ANY"
    ALL = "ALL"
    NONE = "NONE"


class Junction(Enum):
    """How the members of a group go together."""

    AND = "and"
    OR = "or"
    NOT = "not"


_SETS: Final = frozenset({Operator.IN, Operator.NOT_IN})
_ORDERING: Final = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE})
_TEXTUAL: Final = frozenset({Operator.CONTAINS, Operator.STARTS_WITH, Operator.MATCHES})
_LONGEST_TEXT: Final = 100_000
"""Characters that are looked for in texts."""

_HOLDS_OF_NOTHING: Final = frozenset({Operator.NE, Operator.NOT_IN, Operator.NOT_EXISTS})


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison, as it was asked for.

    Attributes:
        path: into the type, as `status.podIP`.
        value: what to compare with; for IN and NOT_IN a list.
    """

    path: str
    op: Operator
    value: Any = None
    quantifier: Quantifier = Quantifier.ANY
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """Comparisons that go together; NOT means that none of them holds."""

    junction: Junction
    members: "tuple[Condition, ...]"


Condition = Comparison | ConditionGroup


def search(comparison: Comparison, test: Predicate) -> tuple[Search, bool]:
    """What a comparison looks for among many values, and what holds of it if that is found."""
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
    """What a comparison asks of one value.

    Without any value, NE, NOT_IN and NOT_EXISTS hold: null equals nothing.

    Args:
        comparison: what to compare.
        value_type: of what the path leads to.
        limits: counts the comparison's value.

    Raises:
        BadUserInput: its value is none for this comparison.
        LimitExceeded: it has too many values, or with all others of the operation they are too many.
    """
    op = comparison.op
    of_nothing, where = op in _HOLDS_OF_NOTHING, f"where: {comparison.path} {op.value}"
    limits.count(comparison.value)
    if op in _TEXTUAL:
        return _textual(comparison, limits, where)
    if op in _SETS:
        return _set(comparison, value_type, limits, where)
    return Predicate(_of_one(comparison, value_type, limits, where=where), of_nothing=of_nothing)


def _of_one(comparison: Comparison, value_type: ValueType, limits: ComparisonLimits, *, where: str) -> Holds:
    """A function of one value that is there."""
    op = comparison.op
    if op.asks_presence:
        if comparison.value is not None:
            raise BadUserInput(f"{where}: it takes no value.")
        return lambda _value: op is Operator.EXISTS
    _refuse_null(comparison, where)
    if op in _ORDERING and value_type in UNTYPED and (given := given_readings(comparison.value, where=where)):
        return _read(op, given)
    wanted = limits.folded(comparison.value, where) if _folds(comparison, value_type) else comparison.value
    key_of = _key_of(comparison, value_type, len(wanted) if isinstance(wanted, str) else 0)
    return _ordered(op, operand(value_type, wanted, where=where), key_of)


def _folds(comparison: Comparison, value_type: ValueType) -> bool:
    return comparison.ignores_case and value_type in {ValueType.TEXT, *UNTYPED}


def _key_of(comparison: Comparison, value_type: ValueType, longest: int) -> Callable[[object], Any]:
    """What a value is compared by; of a text without case as much as decides against one of `longest` characters."""
    if not _folds(comparison, value_type):
        return partial(key, value_type)

    def key_of(value: object) -> Any:
        return key(value_type, folded_beginning(value, longest) if isinstance(value, str) else value)

    return key_of


def _read(op: Operator, given: Readings) -> Holds:
    """A comparison with what has no type: by what both may mean; what has no meaning in common does not compare."""
    by_way = {way: _ordered(op, wanted, _as_it_is) for way, wanted in given.items()}

    def holds(value: Any) -> bool:
        found = readings(value)
        way = next((each for each in by_way if each in found), None)
        return way is not None and bool(by_way[way](found[way]))

    return holds


def _ordered(op: Operator, wanted: Any, key_of: Callable[[object], Any]) -> Holds:
    match op:
        case Operator.EQ:
            return lambda value: key_of(value) == wanted
        case Operator.NE:
            return lambda value: key_of(value) != wanted
        case Operator.LT:
            return lambda value: (found := key_of(value)) is not None and found < wanted
        case Operator.LE:
            return lambda value: (found := key_of(value)) is not None and found <= wanted
        case Operator.GT:
            return lambda value: (found := key_of(value)) is not None and found > wanted
        case _:
            return lambda value: (found := key_of(value)) is not None and found >= wanted


def _set(comparison: Comparison, value_type: ValueType, limits: ComparisonLimits, where: str) -> Predicate:
    _refuse_null(comparison, where)
    listed, of_nothing = _listed(comparison, where), comparison.op in _HOLDS_OF_NOTHING
    folds = _folds(comparison, value_type)
    given = [limits.folded(each, where) for each in listed] if folds else listed
    longest = max((len(each) for each in given if isinstance(each, str)), default=0)
    operands = Operands(given, lambda each: operand(value_type, each, where=where))
    limits.read_later(operands)
    members, key_of = operands.members, _key_of(comparison, value_type, longest)
    if comparison.op is Operator.IN:
        return Predicate(lambda value: key_of(value) in members, operands=operands)
    return Predicate(lambda value: key_of(value) not in members, of_nothing=of_nothing, operands=operands)


def _listed(comparison: Comparison, where: str) -> list[Any]:
    if not isinstance(comparison.value, list):
        raise BadUserInput(f"{where}: the value must be a list.")
    return comparison.value


def _given_text(comparison: Comparison, where: str) -> str:
    _refuse_null(comparison, where)
    if not isinstance(comparison.value, str):
        raise BadUserInput(f"{where}: the value must be a text.")
    return comparison.value


def _refuse_null(comparison: Comparison, where: str) -> None:
    if comparison.value is None:
        raise BadUserInput(f"{where}: the value is missing; to ask for null, use NOT_EXISTS.")


def _textual(comparison: Comparison, limits: ComparisonLimits, where: str) -> Predicate:
    text, ignores_case = _given_text(comparison, where), comparison.ignores_case
    if comparison.op is Operator.MATCHES:
        pattern = limits.pattern(text, ignores_case=ignores_case, where=where)
        return Predicate(pattern.holds, pattern.at_length)
    if len(text) > _LONGEST_TEXT:
        raise BadUserInput(f"{where}: the value has {len(text)} characters; at most {_LONGEST_TEXT}.")
    wanted = limits.folded(text, where) if ignores_case else text
    if comparison.op is Operator.CONTAINS:
        contained = Substring(wanted, ignores_case)
        return Predicate(contained.holds, contained.at_length)
    return Predicate(begins_with(wanted, ignores_case=ignores_case))


def _always(_value: object) -> bool:
    return True


def _as_it_is(value: Any) -> Any:
    return value
