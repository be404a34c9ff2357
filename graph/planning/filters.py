"""Plans of `where` and `orderBy`: a selection of their own, planned and executed as any other.

The paths become one hidden selection set on the objects' type. So a path may lead through lists, derived fields and
links, with the same requests as a query, each made once for the whole list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from graphql import FieldNode, NameNode, SelectionSetNode
from graphql.execution.collect_fields import FieldDetails

from graph.execution.matching import Every, NotOne, OfMany, OfOne, Some, Truth
from graph.execution.pathvalues import PathValues, Step
from graph.planning.fieldpaths import FieldPaths
from graph.planning.levels import Level
from graph.schema.catalogue import Catalogue
from resolvers.arguments.where import Order
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.conditions import Comparison, Condition, Junction, predicate, search
from resolvers.filters.ordering import OrderColumn

_ALIAS: Final = "c{}"


@dataclass(frozen=True, slots=True)
class RowFilter:
    """The plan of `where` and `orderBy` of one list.

    Attributes:
        level: the hidden selection set.
        condition: the condition on a row of `level`; None without one.
        columns: columns of the order.
        values: the values of each column.
    """

    level: Level
    condition: Truth | None
    columns: tuple[OrderColumn, ...]
    values: tuple[PathValues, ...]


class Paths:
    """The paths of one list's arguments as one selection set."""

    def __init__(self, catalogue: Catalogue, owner: str) -> None:
        self._paths = FieldPaths(catalogue)
        self._owner = owner
        self._root = _Selected()

    def add(self, text: str) -> PathValues:
        """Selects a path, and returns its values.

        Raises:
            BadUserInput: it is unknown.
        """
        path = self._paths.find(self._owner, text)
        node, attributes = self._root, []
        for name in path.names:
            node = node.below.setdefault(name, _Selected(len(node.below)))
            attributes.append(attrgetter(f"value{node.place}"))
        return PathValues(path, (*attributes, *map(_of_map, path.keys)))

    def details(self) -> list[FieldDetails]:
        """Returns a field with the paths as its selection set."""
        return [FieldDetails(_field("filtered", self._root), None)]


@dataclass(slots=True)
class _Selected:
    """A selected field; `place` is its index among its siblings."""

    place: int = 0
    below: "dict[str, _Selected]" = field(default_factory=dict)


def conditions_of(paths: Paths, conditions: Sequence[Condition], comparison_limits: ComparisonLimits) -> Truth | None:
    """Returns the conjunction of all conditions; None without any.

    Raises:
        BadUserInput: a path is unknown, or an operand is invalid for it.
        LimitExceeded: there are too many operands, with those of the operation's other lists.
    """
    members = tuple(_condition(paths, condition, comparison_limits) for condition in conditions)
    return _every(members) if members else None


def columns_of(paths: Paths, orders: Sequence[Order]) -> tuple[tuple[OrderColumn, ...], tuple[PathValues, ...]]:
    """Returns the columns of an order, and their values.

    Raises:
        BadUserInput: a path cannot be ordered by.
    """
    columns, values = [], []
    for order in orders:
        column = paths.add(order.path)
        path = column.path
        if path.is_many:
            raise BadUserInput(f"orderBy: {order.path} leads through a list, so an object has many values there.")
        if path.value_type is None:
            raise BadUserInput(f"orderBy: {order.path} is no value; name a field of it.")
        columns.append(OrderColumn(path.value_type, order.is_descending, order.ignores_case))
        values.append(column)
    return tuple(columns), tuple(values)


def _condition(paths: Paths, condition: Condition, comparison_limits: ComparisonLimits) -> Truth:
    if isinstance(condition, Comparison):
        return _comparison(paths, condition, comparison_limits)
    members = tuple(_condition(paths, condition, comparison_limits) for condition in condition.members)
    match condition.junction:
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
        raise BadUserInput(
            f"where: {comparison.path} is no value, so it can only EXIST or not; name a field or key of it."
        )
    test = predicate(comparison, path.value_type or ValueType.ANY, comparison_limits)
    return OfMany(values, *search(comparison, test)) if path.is_many else OfOne(values, test)


def _every(members: tuple[Truth, ...]) -> Truth:
    return members[0] if len(members) == 1 else Every(members)


def _of_map(key: str) -> Step:
    return lambda value: value.get(key) if isinstance(value, dict) else None


def _field(name: str, selected: _Selected) -> FieldNode:
    selections = tuple(_field(below, inner) for below, inner in selected.below.items())
    return FieldNode(
        name=NameNode(value=name),
        alias=NameNode(value=_ALIAS.format(selected.place)),
        arguments=(),
        directives=(),
        selection_set=SelectionSetNode(selections=selections) if selections else None,
    )
