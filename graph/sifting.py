"""`where` and `orderBy`: a selection of their own, planned and executed as any other.

The paths become one hidden selection set on the objects' type. So a path may go wherever a query may: through lists,
derived fields and links, with the same requests, each made once for the whole list.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from graphql import FieldNode, NameNode, SelectionSetNode
from graphql.execution.collect_fields import FieldDetails

from graph.catalogue import Catalogue
from graph.entries import Level
from graph.fieldpaths import FieldPath, FieldPaths
from graph.nulled import NULLED
from resolvers.comparing import ValueType
from resolvers.conditions import Comparison, Condition, Holds, Junction, compiled
from resolvers.errors import BadUserInput
from resolvers.ordering import OrderColumn
from resolvers.wherearguments import Order

_ALIAS: Final = "c{}"
Read = Callable[[Any], Any]
"""From what the hidden selection gives of a row to a value, or to a list of them."""


@dataclass(frozen=True, slots=True)
class Sifting:
    """What `where` and `orderBy` of one list need and do.

    Attributes:
        level: the hidden selection set.
        holds: whether a row, as `level` gives it, is wanted.
        columns: of the order.
        reads: the value of each column.
    """

    level: Level
    holds: Holds
    columns: tuple[OrderColumn, ...]
    reads: tuple[Read, ...]


class Paths:
    """The paths of one list's arguments as one selection set."""

    def __init__(self, catalogue: Catalogue, owner: str) -> None:
        self._paths = FieldPaths(catalogue)
        self._owner = owner
        self._root = _Selected()

    def add(self, text: str) -> tuple[FieldPath, Read]:
        """Selects a path.

        Raises:
            BadUserInput: it leads nowhere.
        """
        path = self._paths.find(self._owner, text)
        node, attributes = self._root, []
        for name in path.names:
            node = node.below.setdefault(name, _Selected(len(node.below)))
            attributes.append(attrgetter(f"value{node.place}"))
        return path, _reader((*attributes, *map(_of_map, path.keys)))

    def details(self) -> list[FieldDetails]:
        """A field whose selection set they are."""
        return [FieldDetails(_field("sifted", self._root), None)]


@dataclass(slots=True)
class _Selected:
    """A field that is selected; `place` among its siblings."""

    place: int = 0
    below: "dict[str, _Selected]" = field(default_factory=dict)


def conditions_of(paths: Paths, conditions: Sequence[Condition]) -> Holds:
    """Whether all conditions hold of a row.

    Raises:
        BadUserInput: a path or a value cannot be meant.
    """
    return _all([_condition(paths, each) for each in conditions])


def columns_of(paths: Paths, orders: Sequence[Order]) -> tuple[tuple[OrderColumn, ...], tuple[Read, ...]]:
    """The columns of an order, and what reads their values.

    Raises:
        BadUserInput: a path cannot be ordered by.
    """
    columns, reads = [], []
    for order in orders:
        path, read = paths.add(order.path)
        if path.is_many:
            raise BadUserInput(f"orderBy: {order.path} leads through a list, so an object has many values there.")
        if path.value_type is None:
            raise BadUserInput(f"orderBy: {order.path} is no value; name a field of it.")
        columns.append(OrderColumn(path.value_type, order.is_descending, order.ignores_case))
        reads.append(read)
    return tuple(columns), tuple(reads)


def _condition(paths: Paths, condition: Condition) -> Holds:
    if isinstance(condition, Comparison):
        return _comparison(paths, condition)
    members = [_condition(paths, each) for each in condition.members]
    match condition.junction:
        case Junction.AND:
            return _all(members)
        case Junction.OR:
            return lambda row: any(holds(row) for holds in members)
        case Junction.NOT:
            return lambda row: not any(holds(row) for holds in members)


def _comparison(paths: Paths, comparison: Comparison) -> Holds:
    path, read = paths.add(comparison.path)
    if path.value_type is None and not comparison.op.asks_presence:
        raise BadUserInput(
            f"where: {comparison.path} is no value, so it can only EXIST or not; name a field or key of it."
        )
    holds = compiled(comparison, path.value_type or ValueType.ANY, is_many=path.is_many)
    return lambda row: holds(read(row))


def _all(members: Sequence[Holds]) -> Holds:
    if len(members) == 1:
        return members[0]
    return lambda row: all(holds(row) for holds in members)


def _reader(steps: tuple[Read, ...]) -> Read:
    def read(value: Any, start: int = 0) -> Any:
        for place in range(start, len(steps)):
            if value is None or value is NULLED:
                return None
            if isinstance(value, list):
                return list(_flat(read(each, place) for each in value))
            value = steps[place](value)
        return None if value is NULLED else value

    return read


def _flat(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _of_map(key: str) -> Read:
    return lambda held: held.get(key) if isinstance(held, dict) else None


def _field(name: str, selected: _Selected) -> FieldNode:
    selections = tuple(_field(below, inner) for below, inner in selected.below.items())
    return FieldNode(
        name=NameNode(value=name),
        alias=NameNode(value=_ALIAS.format(selected.place)),
        arguments=(),
        directives=(),
        selection_set=SelectionSetNode(selections=selections) if selections else None,
    )
