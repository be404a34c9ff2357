"""Conditions of `where`: comparisons of one object's values, groups of them, and conditions on elements of lists."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

ELEMENT: Final = "."
"""The path to a plain value itself, inside a condition on the elements of a list of plain values."""


class Operator(Enum):
    """The operator of a comparison."""

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
        """True if it takes no value."""
        return self in {Operator.EXISTS, Operator.NOT_EXISTS}


class Quantifier(Enum):
    """The values of a path through lists of which a comparison must hold: any, all or none."""

    ANY = "ANY"
    ALL = "ALL"
    NONE = "NONE"


class ElementQuantifier(Enum):
    """The elements of a list for which the conditions on elements must hold together: some, every or none."""

    SOME = "some"
    EVERY = "every"
    NONE = "none"


class Junction(Enum):
    """The logical connective of a group."""

    AND = "and"
    OR = "or"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a query.

    Attributes:
        path: a path into the type, such as `status.podIP`.
        value: the operand; a list for IN and NOT_IN.
    """

    path: str
    op: Operator
    value: Any = None
    quantifier: Quantifier = Quantifier.ANY
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class PathComparison:
    """One comparison of the values at two paths of the same object, or of the same element of a list."""

    path: str
    op: Operator
    value_path: str
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class ElementCondition:
    """Conditions that hold together of some, every or no element of a list; their paths begin at the element.

    Attributes:
        path: a path through a list, such as `status.conditions` or `pods`.
    """

    path: str
    quantifier: ElementQuantifier
    members: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """Conditions and their connective; NOT means that none of them holds."""

    junction: Junction
    members: "tuple[Condition, ...]"


Condition = Comparison | PathComparison | ElementCondition | ConditionGroup
