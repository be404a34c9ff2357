"""What `where` asks of the values of one object: comparisons, and groups of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from resolvers.comparing import ValueType, key, operand
from resolvers.errors import BadUserInput
from resolvers.givens import Givens
from resolvers.readings import UNTYPED, Readings, given_readings, readings
from resolvers.valuetests import Holds, Search, ValueTest


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
class Group:
    """Comparisons that go together; NOT means that none of them holds."""

    junction: Junction
    members: "tuple[Condition, ...]"


Condition = Comparison | Group


def search(comparison: Comparison, test: ValueTest) -> tuple[Search, bool]:
    """What a comparison looks for among many values, and what holds of it if that is found."""
    if comparison.op.asks_presence:
        return Search(_always), comparison.op is Operator.EXISTS
    match comparison.quantifier:
        case Quantifier.ANY:
            return Search(test.holds, test.at_length), True
        case Quantifier.NONE:
            return Search(test.holds, test.at_length), False
        case Quantifier.ALL:
            return _exception(test), False


def _exception(test: ValueTest) -> Search:
    """A value of which a test does not hold."""
    holds, at_length = test.holds, test.at_length

    def fails(value: Any) -> bool | None:
        found = holds(value)
        return None if found is None else not found

    if at_length is None:
        return Search(fails)

    async def fails_at_length(value: Any) -> bool:
        return not await at_length(value)

    return Search(fails, fails_at_length)


def value_test(comparison: Comparison, value_type: ValueType, givens: Givens) -> ValueTest:
    """What a comparison asks of one value.

    Without any value, NE, NOT_IN and NOT_EXISTS hold: null equals nothing.

    Args:
        comparison: what to compare.
        value_type: of what the path leads to.
        givens: counts the comparison's value.

    Raises:
        BadUserInput: its value is none for this comparison.
        LimitExceeded: it has too many values, or with all others of the operation they are too many.
    """
    of_nothing, where = comparison.op in _HOLDS_OF_NOTHING, f"where: {comparison.path} {comparison.op.value}"
    givens.count(comparison.value)
    if comparison.op is not Operator.MATCHES:
        return ValueTest(_of_one(comparison, value_type, where), of_nothing=of_nothing)
    pattern = givens.pattern(_given_text(comparison, where), ignores_case=comparison.ignores_case, where=where)
    return ValueTest(pattern.holds, pattern.at_length)


def _of_one(comparison: Comparison, value_type: ValueType, where: str) -> Holds:
    """A function of one value that is there."""
    op = comparison.op
    if op.asks_presence:
        if comparison.value is not None:
            raise BadUserInput(f"{where}: it takes no value.")
        return lambda _value: op is Operator.EXISTS
    if comparison.value is None:
        raise BadUserInput(f"{where}: the value is missing; to ask for null, use NOT_EXISTS.")
    if op in _TEXTUAL:
        return _textual(comparison, where)
    if op in _ORDERING and value_type in UNTYPED and (given := given_readings(comparison.value, where=where)):
        return _read(op, given)
    fold = _fold if comparison.ignores_case and value_type in {ValueType.TEXT, *UNTYPED} else _as_it_is

    def key_of(value: object) -> Any:
        return key(value_type, fold(value))

    if op in _SETS:
        return _set(
            comparison, [operand(value_type, fold(each), where=where) for each in _listed(comparison, where)], key_of
        )
    return _ordered(op, operand(value_type, fold(comparison.value), where=where), key_of)


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


def _set(comparison: Comparison, wanted: Sequence[Any], key_of: Callable[[object], Any]) -> Holds:
    members = frozenset(wanted)
    if comparison.op is Operator.IN:
        return lambda value: key_of(value) in members
    return lambda value: key_of(value) not in members


def _listed(comparison: Comparison, where: str) -> list[Any]:
    if not isinstance(comparison.value, list):
        raise BadUserInput(f"{where}: the value must be a list.")
    return comparison.value


def _given_text(comparison: Comparison, where: str) -> str:
    if comparison.value is None:
        raise BadUserInput(f"{where}: the value is missing; to ask for null, use NOT_EXISTS.")
    if not isinstance(comparison.value, str):
        raise BadUserInput(f"{where}: the value must be a text.")
    return comparison.value


def _textual(comparison: Comparison, where: str) -> Holds:
    fold = _fold if comparison.ignores_case else _as_it_is
    wanted = fold(_given_text(comparison, where))
    if comparison.op is Operator.CONTAINS:
        return lambda value: isinstance(value, str) and wanted in fold(value)
    length = len(wanted)  # folding makes no text shorter, so no more than that many characters matter
    return lambda value: isinstance(value, str) and fold(value[:length]).startswith(wanted)


def _always(_value: object) -> bool:
    return True


def _as_it_is(value: Any) -> Any:
    return value


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
