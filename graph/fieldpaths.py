"""Paths into a type, checked against it: which fields they select, and what their values are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from graph.catalogue import Catalogue, RowType
from graph.returns import Returns, returns
from k8s.kind import Kind
from k8s.structure import Field, Format
from resolvers.comparing import ValueType
from resolvers.errors import BadUserInput
from resolvers.fieldpaths import MapKey, Name, Step, parse_path
from resolvers.members import ANY_KIND, Asked, Link, Member, Owner, Shape
from resolvers.names import type_name

_VALUE_TYPES: Final = {
    Format.STRING: ValueType.TEXT,
    Format.INT32: ValueType.NUMBER,
    Format.INT64: ValueType.NUMBER,
    Format.NUMBER: ValueType.NUMBER,
    Format.BOOLEAN: ValueType.BOOLEAN,
    Format.TIME: ValueType.TIME,
    Format.BYTES: ValueType.TEXT,
    Format.QUANTITY: ValueType.QUANTITY,
    Format.INT_OR_STRING: ValueType.ANY,
    Format.ANY: ValueType.ANY,
}
_OF_MAPS: Final = {
    Format.STRING_MAP: ValueType.FREE_TEXT,
    Format.QUANTITY_MAP: ValueType.QUANTITY,
    Format.ANY: ValueType.ANY,
}
_ADDRESSES: Final = frozenset(
    {"ip", "ips", "podIP", "hostIP", "clusterIP", "clusterIPs", "externalIPs", "internalIP", "loadBalancerIP"}
)
_TEXTUAL_VERSIONS: Final = frozenset({"apiVersion", "resourceVersion"})


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A path that leads somewhere.

    Attributes:
        text: as it was written.
        names: the fields to select, from the type on; `nodes` of connections among them.
        keys: the keys of the map that it ends in.
        value_type: how its values compare; None if it leads to no value, of which only presence can be asked.
        is_many: whether it leads through a list.
    """

    text: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    value_type: ValueType | None
    is_many: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a path has come to: a type, or a value (or map) of a format."""

    names: tuple[str, ...] = ()
    row_type: RowType | None = None
    value_type: ValueType | None = None
    of_map: ValueType | None = None
    is_many: bool = False
    keys: tuple[str, ...] = ()


class FieldPaths:
    """Finds paths in the types of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def find(self, owner: str, text: str) -> FieldPath:
        """The path from a type.

        Raises:
            BadUserInput: it is no path, or leads nowhere; the message has the nearest right one.
        """
        place = _Place(row_type=self._catalogue[owner])
        steps = parse_path(text)
        for index, step in enumerate(steps):
            place = self._step(place, step, steps[:index], text)
        if place.row_type is not None:
            return FieldPath(text, (*place.names, "__typename"), (), None, place.is_many)
        return FieldPath(text, place.names, place.keys, place.value_type, place.is_many)

    def _step(self, place: _Place, step: Step, before: Sequence[Step], text: str) -> _Place:
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

    def _key(self, place: _Place, step: Step, before: Sequence[Step], text: str) -> _Place:
        if place.of_map is None:
            raise BadUserInput(f"path: {text}: {_written(before)} is a value; nothing is below it.")
        deeper = place.of_map if place.of_map is ValueType.ANY else None
        return replace(place, keys=(*place.keys, step.text), value_type=place.of_map, of_map=deeper)

    def _field(self, place: _Place, row_type: RowType, name: str) -> _Place:
        names = (*place.names, name)
        if name in row_type.members:
            member = row_type.members[name]
            if isinstance(member, Asked) and member.arguments is not None:
                raise BadUserInput(f"path: {name} takes arguments, and a path has none; select it instead.")
            return self._member(replace(place, names=names), member)
        field = row_type.plain[name]
        is_many = place.is_many or field.is_list
        if field.structure is not None:
            return _Place(names, self._catalogue[field.structure], is_many=is_many)
        hint = row_type.hints.get(name)
        return self._valued(_Place(names, is_many=is_many), _format(field, hint), name)

    def _member(self, place: _Place, member: Member) -> _Place:
        if isinstance(member, Link):
            return self._linked(place, member)
        given = returns(member.returns)
        is_many = place.is_many or given.is_list
        if isinstance(given.held, Owner):
            return _Place(place.names, self._catalogue[given.held.name], is_many=is_many)
        if given.composite is not None:
            return _Place(place.names, self._catalogue[given.composite.__name__], is_many=is_many)
        held = given.held if isinstance(given.held, Format) else Format.STRING
        return self._valued(_Place(place.names, is_many=is_many), held, member.name)

    def _linked(self, place: _Place, link: Link) -> _Place:
        if isinstance(link.to, Kind):
            target = self._catalogue[type_name(link.to)]
            if link.shape is Shape.MANY:
                return _Place((*place.names, "nodes"), target, is_many=True)
            return _Place(place.names, target, is_many=place.is_many)
        return _Place(place.names, _any_kind(self._catalogue), is_many=place.is_many)

    def _valued(self, place: _Place, held: Format, name: str) -> _Place:
        if held in _OF_MAPS and held is not Format.ANY:
            return replace(place, of_map=_OF_MAPS[held])
        value_type = _VALUE_TYPES[held]
        if held is Format.STRING:
            value_type = _textual(name)
        return replace(place, value_type=value_type, of_map=_OF_MAPS.get(held))

    def _unknown(self, row_type: RowType, name: str, before: Sequence[Step], text: str) -> BadUserInput:
        known = [*row_type.plain, *row_type.members, *row_type.constants]
        way = [_written((*before, Name(each))) for each in _nearest(name, known)]
        if way:
            near = " or ".join(way)
            return BadUserInput(f"path: {text}: {row_type.name} has no field {name}; did you mean {near}?")
        return BadUserInput(
            f"path: {text}: {row_type.name} has no field {name}; see the type {row_type.name} in the schema."
        )


def _any_kind(catalogue: Catalogue) -> RowType:
    """What every kind has."""
    some = catalogue["Pod"]
    names = ("id", "cluster", "name", "namespace", "metadata", "owner")
    return RowType(
        ANY_KIND.name,
        "",
        plain={name: some.plain[name] for name in names if name in some.plain},
        members={name: some.members[name] for name in names if name in some.members},
        constants=some.constants,
    )


def _format(field: Field, hint: Returns | None) -> Format:
    if hint is not None and isinstance(hint.held, Format):
        return hint.held
    return field.format or Format.ANY


def _textual(name: str) -> ValueType:
    """Texts that mean something else, by their names in the Kubernetes API."""
    if name in _ADDRESSES:
        return ValueType.ADDRESS
    if name.lower().endswith("version") and name not in _TEXTUAL_VERSIONS:
        return ValueType.VERSION
    return ValueType.TEXT


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    folded = {each.lower(): each for each in known}
    return [folded[each] for each in get_close_matches(name.lower(), folded, n=2, cutoff=0.6)]


def _written(steps: Sequence[Step]) -> str:
    return ".".join(step.text for step in steps)
