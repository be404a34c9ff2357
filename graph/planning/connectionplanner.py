"""The planner of connection fields."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from graph.execution.groups import Groups
from graph.planning.connectionplan import (
    ConnectionField,
    ConnectionPlan,
    EdgeCursor,
    EdgeField,
    EdgeNode,
    Edges,
    LaterFields,
    Nodes,
    PageInfoField,
    Reports,
    StreamedField,
    Streaming,
    TotalCount,
    TypeNameField,
)
from graph.planning.deferring import Fields, Later
from graph.planning.elementwarnings import element_warnings
from graph.planning.emitted import emitted_type
from graph.planning.fieldpaths import FieldPaths
from graph.planning.filters import RowFilter, columns_of, conditions_of
from graph.planning.groupplanner import GroupPlanner
from graph.planning.levels import FieldDetailsList, Level
from graph.planning.selectedpaths import Paths
from k8s.masking.mask import NOTHING, Mask
from k8s.reading.selection import SelectionBuilder
from resolvers.arguments.listarguments import ListArguments
from resolvers.errors import BadUserInput
from resolvers.operation.warnings import WarningCode

if TYPE_CHECKING:
    from graph.planning.planner import Planner


class ConnectionPlanner:
    """Plans one connection of objects of a type."""

    def __init__(
        self,
        planner: "Planner",
        node_type: str,
        *,
        list_type: str | None = None,
        absent: dict[str, BadUserInput] | None = None,
        generic_mask: Mask = NOTHING,
    ) -> None:
        """Takes the planner, and the type of the objects.

        Args:
            planner: the planner of the operation.
            node_type: the type of the objects, or one of them.
            list_type: the type that the list is declared with, if it may have objects of several types.
            absent: filled with the paths of arguments that the type does not have; None: they are errors.
            generic_mask: the mask of objects of kinds without a type.
        """
        self._planner = planner
        self._sets = planner.selection_sets
        self._node_type = node_type
        self._list_type = list_type or node_type
        self._absent = absent
        self._finder = FieldPaths(planner.path_catalogue, planner.masking, generic_mask)
        self._builder = SelectionBuilder()

    def plan(self, details: FieldDetailsList, arguments: ListArguments, *, is_streamed: bool = False) -> ConnectionPlan:
        """Plans the connection; if `is_streamed`, its objects may be sent as clusters answer.

        Raises:
            QueryError: a path of the arguments is unknown, or too much is selected.
        """
        name = f"{self._list_type}Connection"
        if is_streamed and not (arguments.order_by or arguments.is_page or arguments.min_clusters):
            now, later = self._sets.fields_and_later(name, details)
            streams = self._streams(now)
            if streams is not None:
                return self._streamed(now, later, streams, arguments)
        return self._connection(self._sets.fields(name, details), arguments)

    def _connection(self, selected: Fields, arguments: ListArguments | None = None) -> ConnectionPlan:
        fields = tuple(self._field(key, merged) for key, merged in selected.items())
        row_filter = self.row_filter(arguments) if arguments is not None else None
        return ConnectionPlan(fields, self._builder.freeze(), _emitted(fields), row_filter)

    def _streams(self, selected: Fields) -> Mapping[str, Mapping[str, Any]] | None:
        """Returns the arguments of `@stream` by response key; None if a field needs the whole list at once."""
        streams: dict[str, Mapping[str, Any]] = {}
        for key, details in selected.items():
            name = details[0].node.name.value
            arguments = self._sets.stream(details) if name in {"nodes", "edges"} else None
            if arguments is None and name != "__typename":
                return None
            if arguments is not None:
                streams[key] = arguments
        return streams or None

    def _streamed(
        self,
        now: Fields,
        later: Sequence[Later],
        streams: Mapping[str, Mapping[str, Any]],
        arguments: ListArguments,
    ) -> ConnectionPlan:
        fields = tuple(self._field(key, merged) for key, merged in now.items())
        followed = tuple(LaterFields(self._connection(fragment.fields), fragment.labels) for fragment in later)
        streamed = tuple(
            _streamed_field(field, streams[field.key]) for field in fields if isinstance(field, Nodes | Edges)
        )
        streaming = Streaming(streamed, followed)
        row_filter = self.row_filter(arguments)
        return ConnectionPlan(fields, self._builder.freeze(), _emitted(fields), row_filter, streaming)

    def row_filter(self, arguments: ListArguments) -> RowFilter | None:
        """Plans the conditions and the order of a list; None without any.

        Raises:
            BadUserInput: a path is unknown, or a value is invalid.
            LimitExceeded: there are too many comparisons.
        """
        if not arguments.where and not arguments.order_by:
            return None
        paths = self._paths()
        condition = conditions_of(paths, arguments.where, self._planner.comparison_limits)
        for message in element_warnings(paths.finder, paths.start, arguments.where):
            self._planner.warnings.add(WarningCode.DIFFERENT_ELEMENTS, message)
        columns, values = columns_of(paths, arguments.order_by)
        return RowFilter(self._level(paths.details()), condition, columns, values)

    def _paths(self) -> Paths:
        return Paths.of_type(self._finder, self._node_type, self._absent)

    def _level(self, details: FieldDetailsList) -> Level:
        return self._planner.rows_level(self._node_type, details, self._builder)

    def _field(self, key: str, details: FieldDetailsList) -> ConnectionField:
        match details[0].node.name.value:
            case "nodes":
                return Nodes(key, self._level(details))
            case "edges":
                selected = self._sets.fields(f"{self._list_type}Edge", details)
                inner = tuple(self._edge_field(key, merged) for key, merged in selected.items())
                leads = tuple(field.key for field in inner if isinstance(field, EdgeNode))
                return Edges(key, inner, emitted_type(tuple(field.key for field in inner), leads))
            case "pageInfo":
                selected = self._sets.fields("PageInfo", details)
                names = {key: merged[0].node.name.value for key, merged in selected.items()}
                return PageInfoField(key, names, emitted_type(tuple(names)))
            case "totalCount":
                return TotalCount(key)
            case "groups":
                paths = self._paths()
                return GroupPlanner(self._planner, paths, self._list_type, self._level).plan(key, details)
            case "clusters":
                return Reports(key, self._planner.level("ClusterReport", details, SelectionBuilder()))
            case _:
                return TypeNameField(key, f"{self._list_type}Connection")

    def _edge_field(self, key: str, details: FieldDetailsList) -> EdgeField:
        match details[0].node.name.value:
            case "node":
                return EdgeNode(key, self._level(details))
            case "cursor":
                return EdgeCursor(key)
            case _:
                return TypeNameField(key, f"{self._list_type}Edge")


def _emitted(fields: Sequence[ConnectionField]) -> type[msgspec.Struct]:
    leads = tuple(field.key for field in fields if isinstance(field, Nodes | Edges | Groups | Reports))
    return emitted_type(tuple(field.key for field in fields), leads)


def _streamed_field(field: Nodes | Edges, arguments: Mapping[str, Any]) -> StreamedField:
    count: int = arguments.get("initialCount") or 0
    if count < 0:
        raise BadUserInput(f"@stream: initialCount is {count}; it must be 0 or more.")
    return StreamedField(field, arguments.get("label"), count)
