"""From the selection sets of a connection to its plan."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from graph.execution.groups import Groups
from graph.planning.connection import (
    ConnectionPlan,
    EdgeCursor,
    EdgeNode,
    EdgePart,
    Edges,
    LaterParts,
    Nodes,
    PageInfoPart,
    Part,
    Reports,
    StreamedPart,
    Streaming,
    TotalCount,
    TypeName,
)
from graph.planning.deferring import Fields, Later
from graph.planning.emitted import emitted_type
from graph.planning.filters import Paths, Sifting, columns_of, conditions_of
from graph.planning.groupplanner import GroupPlanner
from graph.planning.levels import FieldDetailsList, Level
from graph.planning.planslevels import PlansLevels
from k8s.reading.selection import SelectionBuilder
from resolvers.arguments.arguments import ListArguments
from resolvers.errors import BadUserInput


class ConnectionPlanner:
    """Plans one connection of objects of a type."""

    def __init__(self, planner: PlansLevels, node_type: str) -> None:
        self._planner = planner
        self._node_type = node_type
        self._builder = SelectionBuilder()

    def plan(self, details: FieldDetailsList, arguments: ListArguments, *, is_streamed: bool = False) -> ConnectionPlan:
        """The plan; if `is_streamed`, one whose objects are sent as clusters answer, where it was asked for so.

        Raises:
            QueryError: a path of the arguments leads nowhere, or more is selected than may be.
        """
        name = f"{self._node_type}Connection"
        if is_streamed and not (arguments.order_by or arguments.is_page or arguments.min_clusters):
            now, later = self._planner.parts(name, details)
            streams = self._streams(now)
            if streams is not None:
                return self._streamed(now, later, streams, arguments)
        return self._connection(self._planner.fields(name, details), arguments)

    def _connection(self, fields: Fields, arguments: ListArguments | None = None) -> ConnectionPlan:
        parts = tuple(self._part(key, merged) for key, merged in fields.items())
        sifting = self._sifting(arguments) if arguments is not None else None
        return ConnectionPlan(parts, self._builder.freeze(), _emitted(parts), sifting)

    def _streams(self, fields: Fields) -> Mapping[str, Mapping[str, Any]] | None:
        """The streams among the fields by response key; None if one of them needs the whole list at once."""
        found: dict[str, Mapping[str, Any]] = {}
        for key, details in fields.items():
            name = details[0].node.name.value
            given = self._planner.stream(details) if name in {"nodes", "edges"} else None
            if given is None and name != "__typename":
                return None
            if given is not None:
                found[key] = given
        return found or None

    def _streamed(
        self,
        now: Fields,
        later: Sequence[Later],
        streams: Mapping[str, Mapping[str, Any]],
        arguments: ListArguments,
    ) -> ConnectionPlan:
        parts = tuple(self._part(key, merged) for key, merged in now.items())
        followed = tuple(LaterParts(self._connection(each.fields), each.labels) for each in later)
        streamed = tuple(_streamed_part(part, streams[part.key]) for part in parts if isinstance(part, Nodes | Edges))
        streaming = Streaming(streamed, followed)
        sifting = self._sifting(arguments)
        return ConnectionPlan(parts, self._builder.freeze(), _emitted(parts), sifting, streaming)

    def _sifting(self, arguments: ListArguments) -> Sifting | None:
        if not arguments.where and not arguments.order_by:
            return None
        paths = Paths(self._planner.catalogue, self._node_type)
        wanted = conditions_of(paths, arguments.where, self._planner.comparison_limits)
        columns, values = columns_of(paths, arguments.order_by)
        return Sifting(self._level(paths.details()), wanted, columns, values)

    def _level(self, details: FieldDetailsList) -> Level:
        return self._planner.rows_level(self._node_type, details, self._builder)

    def _part(self, key: str, details: FieldDetailsList) -> Part:
        match details[0].node.name.value:
            case "nodes":
                return Nodes(key, self._level(details))
            case "edges":
                fields = self._planner.fields(f"{self._node_type}Edge", details)
                inner = tuple(self._edge_part(key, merged) for key, merged in fields.items())
                leads = tuple(each.key for each in inner if isinstance(each, EdgeNode))
                return Edges(key, inner, emitted_type(tuple(each.key for each in inner), leads))
            case "pageInfo":
                selected = self._planner.fields("PageInfo", details)
                names = {key: merged[0].node.name.value for key, merged in selected.items()}
                return PageInfoPart(key, names, emitted_type(tuple(names)))
            case "totalCount":
                return TotalCount(key)
            case "groups":
                return GroupPlanner(self._planner, self._node_type, self._level).plan(key, details)
            case "clusters":
                return Reports(key, self._planner.level("ClusterReport", details, SelectionBuilder()))
            case _:
                return TypeName(key, f"{self._node_type}Connection")

    def _edge_part(self, key: str, details: FieldDetailsList) -> EdgePart:
        match details[0].node.name.value:
            case "node":
                return EdgeNode(key, self._level(details))
            case "cursor":
                return EdgeCursor(key)
            case _:
                return TypeName(key, f"{self._node_type}Edge")


def _emitted(parts: Sequence[Part]) -> type[msgspec.Struct]:
    leads = tuple(part.key for part in parts if isinstance(part, Nodes | Edges | Groups | Reports))
    return emitted_type(tuple(part.key for part in parts), leads)


def _streamed_part(part: Nodes | Edges, given: Mapping[str, Any]) -> StreamedPart:
    count: int = given.get("initialCount") or 0
    if count < 0:
        raise BadUserInput(f"@stream: initialCount: {count}; give 0 or more.")
    return StreamedPart(part, given.get("label"), count)
