"""What is selected of a connection."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from graph.execution.groups import Groups
from graph.planning.filters import Sifting
from graph.planning.levels import Level
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
    level: Level


@dataclass(frozen=True, slots=True)
class EdgeNode:
    """`node` of an edge."""

    key: str
    level: Level


@dataclass(frozen=True, slots=True)
class EdgeCursor:
    """`cursor` of an edge."""

    key: str


EdgeField = EdgeNode | EdgeCursor | TypeNameField


@dataclass(frozen=True, slots=True)
class Edges:
    """`edges`."""

    key: str
    parts: tuple[EdgeField, ...]
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

    part: Nodes | Edges
    label: str | None
    initial_count: int

    @property
    def defers(self) -> bool:
        """Whether something of each object is deferred."""
        if isinstance(self.part, Nodes):
            return bool(self.part.level.deferred)
        return any(isinstance(each, EdgeNode) and bool(each.level.deferred) for each in self.part.parts)


@dataclass(frozen=True, slots=True)
class Streaming:
    """A connection whose objects are sent as clusters answer; `later` are the parts that need all of them."""

    parts: tuple[StreamedField, ...]
    later: "tuple[LaterFields, ...]"


ConnectionField = Nodes | Edges | PageInfoField | TotalCount | Groups | Reports | TypeNameField


@dataclass(frozen=True, slots=True)
class ConnectionPlan:
    """The parts of a connection in response order, what must be decoded of its objects, and which are wanted."""

    parts: tuple[ConnectionField, ...]
    selection: Selection
    emitted: type[msgspec.Struct]
    sifting: Sifting | None = None
    streaming: Streaming | None = None

    @property
    def wants_whole(self) -> bool:
        """Whether the whole list is needed, whatever the page."""
        return any(isinstance(part, Groups) for part in self.parts)

    @property
    def wants_count(self) -> bool:
        """Whether it matters how many objects the whole list has."""
        return any(isinstance(part, TotalCount) for part in self.parts)

    @property
    def sends_no_object(self) -> bool:
        """Whether no object is sent, only numbers and groups."""
        return not any(
            isinstance(part, Nodes | Edges | PageInfoField) or (isinstance(part, Groups) and part.sends_objects)
            for part in self.parts
        )

    @property
    def counts_only(self) -> bool:
        """Whether no object is needed, only how many there are."""
        return all(isinstance(part, TotalCount | Reports | TypeNameField) for part in self.parts)


@dataclass(frozen=True, slots=True)
class LaterFields:
    """Parts that are delivered later, and the labels of the fragments that they stand in."""

    plan: ConnectionPlan
    labels: tuple[str | None, ...]
