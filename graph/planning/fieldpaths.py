"""Paths of arguments, resolved in the types: their fields, and the types of their values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from graph.schema.catalogue import Catalogue, RowType
from graph.schema.returns import Returns, returns
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field, FieldFormat
from k8s.listednames import any_of
from resolvers.arguments.paths import MapKey, Name, Step, parse_path
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.links.members import ANY_KIND, Link, Member, Owner, RemoteField, Shape
from resolvers.names import type_name

_VALUE_TYPES: Final = {
    FieldFormat.STRING: ValueType.TEXT,
    FieldFormat.INT32: ValueType.NUMBER,
    FieldFormat.INT64: ValueType.NUMBER,
    FieldFormat.NUMBER: ValueType.NUMBER,
    FieldFormat.BOOLEAN: ValueType.BOOLEAN,
    FieldFormat.TIME: ValueType.TIME,
    FieldFormat.BYTES: ValueType.TEXT,
    FieldFormat.QUANTITY: ValueType.QUANTITY,
    FieldFormat.INT_OR_STRING: ValueType.ANY,
    FieldFormat.ANY: ValueType.ANY,
}
_OF_MAPS: Final = {
    FieldFormat.STRING_MAP: ValueType.FREE_TEXT,
    FieldFormat.QUANTITY_MAP: ValueType.QUANTITY,
    FieldFormat.ANY: ValueType.ANY,
}
_ADDRESSES: Final = frozenset(
    {"ip", "ips", "podIP", "hostIP", "clusterIP", "clusterIPs", "externalIPs", "internalIP", "loadBalancerIP"}
)
_TEXTUAL_VERSIONS: Final = frozenset({"apiVersion", "resourceVersion"})


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A valid path.

    Attributes:
        text: the path as written.
        names: the fields to select, from the type on, including `nodes` of connections.
        keys: the keys inside the map at its end.
        value_type: the comparison of its values; None for a structure, which can only be present or absent.
        is_many: whether it leads through a list.
        has_links: whether it leads through links, so that several objects share its values.
        fans: for each link to many on the way, the type of its parent.
    """

    text: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    value_type: ValueType | None
    is_many: bool
    has_links: bool = False
    fans: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Returns True if it continues inside free JSON, where lists may occur."""
        return bool(self.keys) and self.value_type is ValueType.ANY


@dataclass(frozen=True, slots=True)
class _PathEnd:
    """The end of a path so far: a type, or a value (or map) of a format."""

    names: tuple[str, ...] = ()
    row_type: RowType | None = None
    value_type: ValueType | None = None
    of_map: ValueType | None = None
    is_many: bool = False
    keys: tuple[str, ...] = ()
    has_links: bool = False
    fans: tuple[str, ...] = ()

    def path(self, text: str) -> FieldPath:
        """Returns the path that ends here; a type can only be present or absent."""
        names = self.names if self.row_type is None else (*self.names, "__typename")
        return FieldPath(text, names, self.keys, self.value_type, self.is_many, self.has_links, self.fans)

    def at(self, row_type: "RowType | None") -> "_PathEnd":
        """Returns the same with the type at its end; None for a value."""
        return replace(self, row_type=row_type)


class FieldPaths:
    """Finds paths in the types of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def find(self, owner: str, text: str) -> FieldPath:
        """Returns the path from a type.

        Raises:
            BadUserInput: it is invalid or unknown; the message suggests the nearest valid one.
        """
        place = _PathEnd(row_type=self._catalogue[owner])
        steps = parse_path(text)
        for index, step in enumerate(steps):
            place = self._step(place, step, steps[:index], text)
        return place.path(text)

    def _step(self, place: _PathEnd, step: Step, before: Sequence[Step], text: str) -> _PathEnd:
        if place.row_type is None:
            return self._key(place, step, before, text)
        if isinstance(step, MapKey):
            raise BadUserInput(f"path: {text}: {_written(before)} is no map; its fields are reached with a dot.")
        row_type = place.row_type
        if step.text in row_type.plain or step.text in row_type.members:
            return self._field(place, row_type, step.text)
        if step.text in row_type.constants:
            return replace(place, names=(*place.names, step.text), row_type=None, value_type=ValueType.TEXT)
        raise self._unknown(row_type, step.text, before, text)

    def _key(self, place: _PathEnd, step: Step, before: Sequence[Step], text: str) -> _PathEnd:
        if place.of_map is None:
            raise BadUserInput(f"path: {text}: {_written(before)} is a value; nothing is below it.")
        deeper = place.of_map if place.of_map is ValueType.ANY else None
        return replace(place, keys=(*place.keys, step.text), value_type=place.of_map, of_map=deeper)

    def _field(self, place: _PathEnd, row_type: RowType, name: str) -> _PathEnd:
        names = (*place.names, name)
        if name in row_type.members:
            member = row_type.members[name]
            if isinstance(member, RemoteField) and member.arguments is not None:
                raise BadUserInput(f"path: {name} takes arguments, and a path has none; select it instead.")
            return self._member(replace(place, names=names), row_type, member)
        field = row_type.plain[name]
        place = replace(place, names=names, is_many=place.is_many or field.is_list)
        if field.structure is not None:
            return place.at(self._catalogue[field.structure])
        return self._valued(place.at(None), _format(field, row_type.hints.get(name)), name)

    def _member(self, place: _PathEnd, owner: RowType, member: Member) -> _PathEnd:
        if isinstance(member, Link):
            return self._linked(place, owner, member)
        returned = returns(member.returns)
        place = replace(place, is_many=place.is_many or returned.is_list)
        if isinstance(returned.element, Owner):
            return replace(place, has_links=True).at(self._catalogue[returned.element.name])
        if returned.composite is not None:
            return place.at(self._catalogue[returned.composite.__name__])
        value_format = returned.element if isinstance(returned.element, FieldFormat) else FieldFormat.STRING
        return self._valued(place.at(None), value_format, member.name)

    def _linked(self, place: _PathEnd, owner: RowType, link: Link) -> _PathEnd:
        place = replace(place, has_links=True)
        if not isinstance(link.to, Kind):
            return place.at(_any_kind(self._catalogue))
        target = self._catalogue[type_name(link.to)]
        if link.shape is not Shape.MANY:
            return place.at(target)
        names, fans = (*place.names, "nodes"), (*place.fans, owner.name)
        return replace(place, names=names, fans=fans, is_many=True).at(target)

    def _valued(self, place: _PathEnd, value_format: FieldFormat, name: str) -> _PathEnd:
        if value_format in _OF_MAPS and value_format is not FieldFormat.ANY:
            return replace(place, of_map=_OF_MAPS[value_format])
        value_type = _VALUE_TYPES[value_format]
        if value_format is FieldFormat.STRING:
            value_type = _textual(name)
        return replace(place, value_type=value_type, of_map=_OF_MAPS.get(value_format))

    def _unknown(self, row_type: RowType, name: str, before: Sequence[Step], text: str) -> BadUserInput:
        known = [*row_type.plain, *row_type.members, *row_type.constants]
        way = [_written((*before, Name(near))) for near in _nearest(name, known)]
        if way:
            return BadUserInput(f"path: {text}: {row_type.name} has no field {name}; did you mean {any_of(way)}?")
        return BadUserInput(
            f"path: {text}: {row_type.name} has no field {name}; see the type {row_type.name} in the schema."
        )


def _any_kind(catalogue: Catalogue) -> RowType:
    """Returns the type with the fields that all kinds have."""
    some = catalogue["Pod"]
    names = ("id", "cluster", "name", "namespace", "metadata", "owner")
    return RowType(
        ANY_KIND.name,
        "",
        plain={name: some.plain[name] for name in names if name in some.plain},
        members={name: some.members[name] for name in names if name in some.members},
        constants=some.constants,
    )


def _format(field: Field, hint: Returns | None) -> FieldFormat:
    if hint is not None and isinstance(hint.element, FieldFormat):
        return hint.element
    return field.format or FieldFormat.ANY


def _textual(name: str) -> ValueType:
    """Returns the type of a text by its field's name in the Kubernetes API: some are addresses or versions."""
    if name in _ADDRESSES:
        return ValueType.ADDRESS
    if name.lower().endswith("version") and name not in _TEXTUAL_VERSIONS:
        return ValueType.VERSION
    return ValueType.TEXT


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    folded = {name.lower(): name for name in known}
    return [folded[near] for near in get_close_matches(name.lower(), folded, n=2, cutoff=0.6)]


def _written(steps: Sequence[Step]) -> str:
    return ".".join(step.text for step in steps)
