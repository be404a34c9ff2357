"""The planner of `groups` fields."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from graph.execution.groups import GroupCount, GroupField, GroupFigure, GroupKey, GroupNodes, Groups, GroupTypeName
from graph.execution.pathvalues import PathValues, Step, led_to
from graph.planning.emitted import emitted_type
from graph.planning.levels import FieldDetailsList, Level
from graph.planning.selectedpaths import Paths
from resolvers.arguments.grouparguments import GroupArguments, group_arguments
from resolvers.arguments.listarguments import checked_first
from resolvers.errors import BadUserInput
from resolvers.grouping.figures import Aggregate, Figure, Values
from resolvers.grouping.groups import GroupOrder
from resolvers.grouping.pairing import Branch, Pairing

if TYPE_CHECKING:
    from graph.planning.planner import Planner

_NO_GROUP_ORDER = (GroupOrder(Figure.COUNT, is_descending=True),)


class GroupPlanner:
    """Plans the groups of a list of objects of a type."""

    def __init__(
        self, planner: "Planner", paths: Paths, list_type: str, level: Callable[[FieldDetailsList], Level]
    ) -> None:
        """Takes the planner of the operation, no paths yet of the objects, and the type that the list is declared with.

        `level` plans the list's objects.
        """
        self._planner = planner
        self._paths = paths
        self._sets = planner.selection_sets
        self._list_type = list_type
        self._level = level

    def plan(self, key: str, details: FieldDetailsList) -> Groups:
        """Plans one `groups` field.

        Raises:
            BadUserInput: a path is invalid for grouping, or for its figure.
        """
        limits = self._planner.limits
        arguments = group_arguments(self._sets.arguments(f"{self._list_type}Connection", "groups", details), limits)
        paths = _GroupPaths(self._paths)
        by = tuple(paths.values(path, "by") for path in arguments.by)
        selected = self._sets.fields(f"{self._list_type}Grouping", details)
        fields = tuple(self._field(key, merged, paths) for key, merged in selected.items())
        orders = _orders(arguments, paths)
        read, aggregates = tuple(paths.read), tuple(paths.aggregates)
        return Groups(
            key,
            self._level(paths.paths.details()),
            read,
            by,
            aggregates,
            pairing_of(read, by, limits.objects) if are_paired(read, len(by)) else None,
            orders,
            arguments.first,
            limits.objects,
            fields,
            emitted_type(
                tuple(field.key for field in fields),
                tuple(field.key for field in fields if isinstance(field, GroupNodes)),
            ),
            details,
        )

    def _field(self, key: str, details: FieldDetailsList, paths: "_GroupPaths") -> GroupField:
        name = details[0].node.name.value
        match name:
            case "key":
                return GroupKey(key)
            case "count":
                return GroupCount(key)
            case "nodes":
                arguments = self._sets.arguments(f"{self._list_type}Grouping", name, details)
                return GroupNodes(
                    key, self._level(details), checked_first(arguments.get("first"), self._planner.limits)
                )
            case "__typename":
                return GroupTypeName(key, f"{self._list_type}Grouping")
            case _:
                arguments = self._sets.arguments(f"{self._list_type}Grouping", name, details)
                return GroupFigure(key, paths.aggregate(Figure(name.upper()), arguments["path"]))


class _GroupPaths:
    """The paths of one `groups` field, and its figures, each once."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.read: list[PathValues] = []
        self.aggregates: list[Aggregate] = []
        self._places: dict[tuple[Figure, str], int] = {}

    def values(self, text: str, where: str) -> Values:
        """Returns the values at a path.

        Raises:
            BadUserInput: it has no values.
        """
        values = self.paths.add(text)
        if values.path.value_type is None:
            message = f"groups: {where}: {text} is no value; name a field or key of it."
            column = values.path.column
            raise BadUserInput(f"{message} kubectl's column {text.upper()} is {column}." if column else message)
        self.read.append(values)
        return Values(values.path.value_type, itemgetter(len(self.read) - 1))

    def aggregate(self, figure: Figure, text: str) -> int:
        """Returns the index of a figure.

        Raises:
            BadUserInput: the path has values of another type.
        """
        if (figure, text) not in self._places:
            values = self.values(text, figure.value.lower())
            if not figure.fits(values.value_type) and not self.read[-1].path.is_open:
                raise BadUserInput(f"groups: {figure.value.lower()}: {text} is neither a number nor a quantity.")
            self._places[figure, text] = len(self.aggregates)
            self.aggregates.append(Aggregate(figure, values))
        return self._places[figure, text]


def _orders(arguments: GroupArguments, paths: _GroupPaths) -> tuple[GroupOrder, ...]:
    return (
        tuple(
            GroupOrder(
                order.figure, order.is_descending, paths.aggregate(order.figure, order.path) if order.path else 0
            )
            for order in arguments.order_by
        )
        or _NO_GROUP_ORDER
    )


def are_paired(paths: Sequence[PathValues], keys: int) -> bool:
    """Returns whether a path of the key, which come first, leads through a list with another path of key or figures."""
    return any(
        path.path.shares_list(other.path)
        for place, path in enumerate(paths[:keys])
        for other in (*paths[:place], *paths[place + 1 :])
    )


def pairing_of(paths: Sequence[PathValues], by: Sequence[Values], most: int) -> Pairing:
    """Returns the joint reading of the paths of a key and of its figures.

    Args:
        paths: the paths, those of the key first.
        by: the values of the key.
        most: the limit of combinations of independent lists.
    """
    labels = [path.path.labels for path in paths]
    return Pairing(
        _branch(list(range(len(paths))), 0, labels, [path.steps for path in paths]),
        tuple(values.value_type for values in by),
        len(paths) - len(by),
        any(path.path.has_links for path in paths),
        most,
    )


def _branch(
    places: Sequence[int], start: int, labels: Sequence[Sequence[object]], steps: Sequence[Sequence[Step]]
) -> Branch:
    """Returns the branch of some paths, which read the same up to an index of their steps."""
    first, end = places[0], start
    while all(len(labels[place]) > end and labels[place][end] == labels[first][end] for place in places):
        end += 1
    behind: dict[object, list[int]] = {}
    for place in places:
        if len(labels[place]) > end:
            behind.setdefault(labels[place][end], []).append(place)
    return Branch(
        partial(led_to, steps[first][start:end]),
        tuple(place for place in places if len(labels[place]) == end),
        tuple(_branch(several, end, labels, steps) for several in behind.values()),
    )
