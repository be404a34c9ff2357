"""Plans of `where` and `orderBy`: conditions and columns over the values of a hidden selection set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.execution.matching import Every, NotOne, OfElements, OfMany, OfOne, OfOpen, OfPair, Some, Truth
from graph.execution.typedvalues import Column
from graph.planning.fieldpath import FieldPath
from graph.planning.levels import AnyLevel
from graph.planning.selectedpaths import Paths
from graph.planning.valuetypes import UnknownValue, refuse_unknown_values
from resolvers.arguments.where import Order
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.conditions import (
    Comparison,
    Condition,
    ConditionGroup,
    ElementCondition,
    Junction,
    Operator,
    PathComparison,
)
from resolvers.filters.operators import predicate, search
from resolvers.filters.ordering import OrderColumn
from resolvers.filters.pairs import pair_test

_EQUALITY: Final = frozenset({Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN})


@dataclass(frozen=True, slots=True)
class RowFilter:
    """The plan of `where` and `orderBy` of one list.

    Attributes:
        level: the hidden selection set.
        condition: the condition on a row of `level`; None without one.
        columns: columns of the order.
        values: the values of each column.
    """

    level: AnyLevel
    condition: Truth | None
    columns: tuple[OrderColumn, ...]
    values: tuple[Column, ...]


def conditions_of(paths: Paths, conditions: Sequence[Condition], comparison_limits: ComparisonLimits) -> Truth | None:
    """Returns the conjunction of all conditions; None without any.

    Raises:
        BadUserInput: a path is unknown, or an operand is invalid for it.
        LimitExceeded: there are too many operands, with those of the operation's other lists.
    """
    return _every(_conditions(paths, conditions, comparison_limits)) if conditions else None


def columns_of(paths: Paths, orders: Sequence[Order]) -> tuple[tuple[OrderColumn, ...], tuple[Column, ...]]:
    """Returns the columns of an order, and their values.

    Raises:
        BadUserInput: a path cannot be ordered by.
    """
    columns, values = [], []
    for order in orders:
        column = paths.add(order.path)
        path = column.path
        if path.is_many:
            raise BadUserInput(_through_list("orderBy", path))
        if path.value_type is None:
            raise BadUserInput(_advised(f"orderBy: {order.path} is no value; name a field of it.", path))
        columns.append(OrderColumn(path.value_type, order.is_descending, order.ignores_case))
        values.append(column)
    return tuple(columns), tuple(values)


def _condition(paths: Paths, condition: Condition, comparison_limits: ComparisonLimits) -> Truth:
    match condition:
        case Comparison():
            return _comparison(paths, condition, comparison_limits)
        case PathComparison():
            return _path_comparison(paths, condition, comparison_limits)
        case ElementCondition(path, quantifier, members):
            elements, below = paths.elements(path, quantifier.value)
            return OfElements(elements, _every(_conditions(below, members, comparison_limits)), quantifier)
        case ConditionGroup(junction, members):
            return _joined(junction, _conditions(paths, members, comparison_limits))


def _conditions(paths: Paths, members: Sequence[Condition], comparison_limits: ComparisonLimits) -> tuple[Truth, ...]:
    return tuple(_condition(paths, member, comparison_limits) for member in members)


def _joined(junction: Junction, members: tuple[Truth, ...]) -> Truth:
    match junction:
        case Junction.AND:
            return _every(members)
        case Junction.OR:
            return Some(members)
        case Junction.NOT:
            return NotOne(members)


def _comparison(paths: Paths, comparison: Comparison, comparison_limits: ComparisonLimits) -> Truth:
    values = paths.add(comparison.path)
    path = values.path
    if path.value_type is None and not comparison.op.asks_presence:
        message = f"where: {comparison.path} is no value, so it can only EXIST or not; name a field or key of it."
        raise BadUserInput(_advised(message, path))
    _refuse_unknown(paths, comparison, path)
    test = predicate(comparison, path.value_type or ValueType.ANY, comparison_limits)
    if path.is_open:
        return OfOpen(values, test, *search(comparison, test))
    return OfMany(values, *search(comparison, test)) if path.is_many else OfOne(values, test)


def _advised(message: str, path: FieldPath) -> str:
    return (
        f"{message} kubectl's column {path.text.rpartition('.')[2].upper()} is {path.column}."
        if path.column
        else message
    )


def _refuse_unknown(paths: Paths, comparison: Comparison, path: FieldPath) -> None:
    """Refuses a value that the enum at a path does not have; in a list of several types, another may have it."""
    if comparison.op not in _EQUALITY or path.values is None or comparison.value is None:
        return
    values = comparison.value if isinstance(comparison.value, list) else [comparison.value]
    folded = {value.lower(): value for value in path.values.names} if comparison.ignores_case else {}
    given = [folded.get(value.lower(), value) if isinstance(value, str) else value for value in values]
    try:
        refuse_unknown_values(f"where: {comparison.path}", path.values, given)
    except UnknownValue as error:
        if paths.absent is None:
            raise
        paths.absent[comparison.path] = error


def _every(members: tuple[Truth, ...]) -> Truth:
    return members[0] if len(members) == 1 else Every(members)


def _path_comparison(paths: Paths, comparison: PathComparison, comparison_limits: ComparisonLimits) -> Truth:
    left, right = paths.add(comparison.path), paths.add(comparison.value_path)
    comparison_limits.count(None)
    types = []
    for values in (left, right):
        if values.path.is_many:
            raise BadUserInput(
                f"{_through_list('where', values.path)} To compare two fields of one element, use some, every or none."
            )
        if values.path.value_type is None:
            raise BadUserInput(f"where: {values.path.text} is no value, so it cannot be compared with another path.")
        types.append(values.path.value_type)
    return OfPair(left, right, pair_test(comparison, *types))


def _through_list(argument: str, path: FieldPath) -> str:
    text = f"{argument}: {path.text} leads through a list, so an object has many values there."
    return f"{text} Pick an element of it, as in {path.pick_example}." if path.pick_example else text
