"""What `where` asks of the values of one object: comparisons, and groups of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import re2

from resolvers.comparing import ValueType, key, operand
from resolvers.errors import BadUserInput
from resolvers.readings import UNTYPED, Readings, given_readings, readings

_LONGEST_PATTERN: Final = 1000
_PATTERN_MEMORY_BYTES: Final = 1 << 20


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
Holds = Callable[[Any], bool]


def compiled(comparison: Comparison, value_type: ValueType, *, is_many: bool) -> Holds:
    """A function of the value, or the values, that a path leads to.

    Without any value, NE, NOT_IN and NOT_EXISTS hold: null equals nothing.

    Args:
        comparison: what to compare.
        value_type: of what the path leads to.
        is_many: whether the path leads through lists.

    Raises:
        BadUserInput: its value cannot be meant.
    """
    of_one = _of_one(comparison, value_type)
    if not is_many:
        on_nothing = comparison.op in _HOLDS_OF_NOTHING
        return lambda value: on_nothing if value is None else of_one(value)
    if comparison.op.asks_presence:
        wants = comparison.op is Operator.EXISTS
        return lambda values: any(value is not None for value in values or ()) is wants
    match comparison.quantifier:
        case Quantifier.ANY:
            return lambda values: any(of_one(value) for value in values or () if value is not None)
        case Quantifier.ALL:
            return lambda values: all(of_one(value) for value in values or () if value is not None)
        case Quantifier.NONE:
            return lambda values: not any(of_one(value) for value in values or () if value is not None)


def _of_one(comparison: Comparison, value_type: ValueType) -> Holds:
    """A function of one value that is there."""
    op, where = comparison.op, f"where: {comparison.path} {comparison.op.value}"
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
        return way is not None and by_way[way](found[way])

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


def _textual(comparison: Comparison, where: str) -> Holds:
    if not isinstance(comparison.value, str):
        raise BadUserInput(f"{where}: the value must be a text.")
    fold = _fold if comparison.ignores_case else _as_it_is
    wanted = fold(comparison.value)
    match comparison.op:
        case Operator.CONTAINS:
            return lambda value: isinstance(value, str) and wanted in fold(value)
        case Operator.STARTS_WITH:
            return lambda value: isinstance(value, str) and fold(value).startswith(wanted)
        case _:
            search = _pattern(comparison, where).search
            return lambda value: isinstance(value, str) and _finds(search, value)


def _pattern(comparison: Comparison, where: str) -> Any:
    """A pattern by RE2, which needs linear time whatever the pattern is."""
    if len(comparison.value) > _LONGEST_PATTERN:
        raise BadUserInput(f"{where}: the pattern has {len(comparison.value)} characters; at most {_LONGEST_PATTERN}.")
    options = re2.Options()
    options.case_sensitive = not comparison.ignores_case
    options.max_mem = _PATTERN_MEMORY_BYTES
    options.log_errors = False
    try:
        return re2.compile(comparison.value, options)
    except UnicodeEncodeError as error:
        raise BadUserInput(f"{where}: the pattern is no Unicode text.") from error
    except re2.error as error:
        cause = error.args[0] if error.args else "it is no pattern"
        cause = cause.decode(errors="replace") if isinstance(cause, bytes) else cause
        raise BadUserInput(f"{where}: {cause} (RE2 syntax).") from error


def _finds(search: Callable[[str], object], text: str) -> bool:
    try:
        return search(text) is not None
    except UnicodeEncodeError:  # a lone surrogate, as JSON can have it
        return False


def _as_it_is(value: Any) -> Any:
    return value


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
