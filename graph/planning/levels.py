"""Levels: a selection set as entries, one for each response key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from graphql.execution.collect_fields import FieldDetails

from graph.planning.emitted import emitted_type
from graph.schema.catalogue import RowType
from graph.schema.returns import Returns
from k8s.kinds.kind import Kind
from k8s.reading.selection import Selection
from resolvers.arguments.listarguments import ListArguments
from resolvers.links.members import Derived, Link, Owner, RemoteField

FieldDetailsList = list[FieldDetails]


@dataclass(frozen=True, slots=True)
class Constant:
    """An entry with the same value for every row: `__typename`, and `kind` and `apiVersion` of embedded objects."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class TypeMeta:
    """`kind` or `apiVersion` of an object, as `value` of the kind of its class: clusters serve different versions."""

    key: str
    value: Callable[[Kind], str]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is sent as it was decoded."""

    key: str
    attribute: str
    json_key: str


@dataclass(frozen=True, slots=True)
class OpenValue:
    """The JSON at a key of an object, for values that are not sent: it may be a decoded part of it."""

    key: str
    json_key: str


@dataclass(frozen=True, slots=True)
class Nested:
    """A structure, or a list of them, inside the row."""

    key: str
    attribute: str
    json_key: str
    is_list: bool
    level: "Level"


@dataclass(frozen=True, slots=True)
class Computed:
    """A derived field.

    Attributes:
        level: the selection of a composite or of another row type.
        function: a function of the row, and of its cluster if `member.takes_cluster`.
    """

    key: str
    member: Derived
    returns: Returns
    level: "Level | None"
    details: FieldDetailsList
    function: Callable[..., object]


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote field; `arguments` are checked, `level` is the selection of a composite."""

    key: str
    member: RemoteField
    returns: Returns
    details: FieldDetailsList
    arguments: Any = None
    level: "Level | None" = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A link to one object of each parent, or to a list; `targets` has the level of each possible type."""

    key: str
    link: Link
    targets: Any
    details: FieldDetailsList
    arguments: Any = None


@dataclass(frozen=True, slots=True)
class LinkedMany:
    """A link to many objects of each parent, as a connection."""

    key: str
    link: Link
    connection: Any
    arguments: ListArguments
    details: FieldDetailsList


@dataclass(frozen=True, slots=True)
class LinkedKinds:
    """A connection of objects of any kind of each cluster; `arguments` are coerced."""

    key: str
    planner: Any
    arguments: Mapping[str, Any]
    details: FieldDetailsList


Entry = Constant | TypeMeta | Leaf | OpenValue | Nested | Computed | Remote | Linked | LinkedMany | LinkedKinds


@dataclass(slots=True, eq=False)
class Level:
    """The entries of one selection set on one type, in response order."""

    row_type: RowType
    entries: tuple[Entry, ...]
    deferred: "tuple[DeferredFragment, ...]" = ()
    emitted: type[msgspec.Struct] = field(init=False)
    _passing: dict[Selection, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        leads = tuple(entry.key for entry in self.entries if _leads(entry))
        self.emitted = emitted_type(tuple(entry.key for entry in self.entries), leads)

    @property
    def asks_clusters(self) -> bool:
        """Returns True if clusters are asked for a field of it, here or further down."""
        return any(_asks_clusters(entry) for entry in self.entries)

    @property
    def has_links(self) -> bool:
        """Returns True if objects that other lists have read may be needed for it, here or further down."""
        below = [entry.level for entry in self.entries if isinstance(entry, Nested | Computed)]
        own = any(isinstance(entry, Linked | LinkedMany) for entry in self.entries)
        return own or any(level is not None and level.has_links for level in below)

    @property
    def emitted_bytes(self) -> int:
        """Returns the estimated memory of one emitted row, without the objects below it."""
        return sum(map(_emitted_bytes, self.entries), start=48)

    def passes(self, selection: Selection) -> bool:
        """Returns True if rows decoded for `selection` can be sent unchanged: same keys, same order, at all depths."""
        known = self._passing.get(selection)
        if known is None:
            known = self._passing[selection] = self._matches(selection)
        return known

    def _matches(self, selection: Selection) -> bool:
        if self.deferred or tuple(entry.key for entry in self.entries) != selection.keys:
            return False
        for entry in self.entries:
            if isinstance(entry, Leaf):
                if entry.key != entry.json_key:
                    return False
            elif (
                not isinstance(entry, Nested)
                or entry.key != entry.json_key
                or not entry.level.passes(selection.below(entry.json_key))
            ):
                return False
        return True


@dataclass(frozen=True, slots=True, eq=False)
class MixedLevel:
    """The levels of objects of several types.

    Attributes:
        levels: the level of each type, by name.
        is_tagged: whether values are `Tagged` with the type of their object, because they are not sent, but read.
    """

    levels: Mapping[str, Level]
    is_tagged: bool = False

    @property
    def asks_clusters(self) -> bool:
        """Returns True if clusters are asked for a field of one of the types."""
        return any(level.asks_clusters for level in self.levels.values())

    @property
    def deferred(self) -> bool:
        """Returns True if a field of one of the types is deferred."""
        return any(level.deferred for level in self.levels.values())


class Tagged(NamedTuple):
    """A value of a hidden selection, with the name of the type of its object."""

    type_name: str
    value: Any


AnyLevel = Level | MixedLevel


@dataclass(frozen=True, slots=True, eq=False)
class DeferredFragment:
    """Fields of a level that are delivered later, and the labels of their fragments."""

    level: Level
    labels: tuple[str | None, ...]


def _asks_clusters(entry: Entry) -> bool:
    match entry:
        case Linked() | LinkedMany() | LinkedKinds() | Remote():
            return True
        case Nested() | Computed():
            return entry.level is not None and entry.level.asks_clusters
        case _:
            return False


def _emitted_bytes(entry: Entry) -> int:
    match entry:
        case LinkedMany() | LinkedKinds():
            return 1000
        case Computed() | Remote() | Nested():
            return 120
        case _:
            return 16


def _leads(entry: Entry) -> bool:
    """Returns True if rows of another level are below it."""
    if isinstance(entry, Computed):
        return isinstance(entry.returns.element, Owner)
    return isinstance(entry, Linked | LinkedMany | LinkedKinds)
