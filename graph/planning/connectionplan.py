"""The plan of a connection field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from graph.execution.groups import Groups
from graph.planning.filters import RowFilter
from graph.planning.levels import AnyLevel, Level
from k8s.reading.selection import Selection


@dataclass(frozen=True, slots=True)
class TypeNameField:
    """`__typename`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Nodes:
    """`nodes`."""

    key: str
    level: AnyLevel


@dataclass(frozen=True, slots=True)
class EdgeNode:
    """`node` of an edge."""

    key: str
    level: AnyLevel


@dataclass(frozen=True, slots=True)
class EdgeCursor:
    """`cursor` of an edge."""

    key: str


EdgeField = EdgeNode | EdgeCursor | TypeNameField


@dataclass(frozen=True, slots=True)
class Edges:
    """`edges`."""

    key: str
    fields: tuple[EdgeField, ...]
    emitted: type[msgspec.Struct]


@dataclass(frozen=True, slots=True)
class PageInfoField:
    """`pageInfo`; `names` are its selected fields by response key."""

    key: str
    names: Mapping[str, str]
    emitted: type[msgspec.Struct]


@dataclass(frozen=True, slots=True)
class TotalCount:
    """`totalCount`."""

    key: str


@dataclass(frozen=True, slots=True)
class Reports:
    """`clusters`, the envelope."""

    key: str
    level: Level


@dataclass(frozen=True, slots=True)
class StreamedField:
    """`nodes` or `edges` with `@stream`."""

    field: Nodes | Edges
    label: str | None
    initial_count: int

    @property
    def defers(self) -> bool:
        """Returns True if a field of each object is deferred."""
        if isinstance(self.field, Nodes):
            return bool(self.field.level.deferred)
        return any(isinstance(field, EdgeNode) and bool(field.level.deferred) for field in self.field.fields)


@dataclass(frozen=True, slots=True)
class Streaming:
    """A connection whose objects are sent as clusters answer; `later` are the fields that need all of them."""

    fields: tuple[StreamedField, ...]
    later: "tuple[LaterFields, ...]"


ConnectionField = Nodes | Edges | PageInfoField | TotalCount | Groups | Reports | TypeNameField


@dataclass(frozen=True, slots=True)
class ConnectionPlan:
    """The fields of a connection in response order, the paths to decode of its objects, and its filter.

    Attributes:
        selections: of a list of several types, the paths to decode by type; empty for others.
    """

    fields: tuple[ConnectionField, ...]
    selection: Selection
    emitted: type[msgspec.Struct]
    row_filter: RowFilter | None = None
    streaming: Streaming | None = None
    selections: Mapping[str, Selection] = field(default_factory=dict)

    @property
    def wants_whole(self) -> bool:
        """Returns True if the whole list is needed, whatever the page."""
        return any(isinstance(field, Groups) for field in self.fields)

    @property
    def wants_count(self) -> bool:
        """Returns True if the number of objects of the whole list is needed."""
        return any(isinstance(field, TotalCount) for field in self.fields)

    @property
    def sends_no_object(self) -> bool:
        """Returns True if only numbers and groups are sent, no objects."""
        return not any(
            isinstance(field, Nodes | Edges | PageInfoField) or (isinstance(field, Groups) and field.sends_objects)
            for field in self.fields
        )

    @property
    def has_places(self) -> bool:
        """Returns True if the place of its objects in their list is needed, or the envelope."""
        return self.has_cursors or any(isinstance(field, Reports) for field in self.fields)

    @property
    def has_cursors(self) -> bool:
        """Returns True if cursors may be selected, which are places in the order by identity."""
        return any(
            isinstance(field, PageInfoField)
            or (isinstance(field, Edges) and any(isinstance(inner, EdgeCursor) for inner in field.fields))
            for field in self.fields
        )

    @property
    def counts_only(self) -> bool:
        """Returns True if only the number of objects is needed."""
        return all(isinstance(field, TotalCount | Reports | TypeNameField) for field in self.fields)


@dataclass(frozen=True, slots=True)
class LaterFields:
    """Fields that are delivered later, and the labels of their fragments."""

    plan: ConnectionPlan
    labels: tuple[str | None, ...]
