"""Paths of arguments, resolved in the types: their fields, and the types of their values."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from graph.planning.elementpicks import ElementPick, element_pick, pick_example, pickable_fields
from graph.planning.fieldpath import FieldPath, ListOnPath, PathStart
from graph.planning.valuetypes import format_of, map_value_type, value_type_of
from graph.schema.catalogue import Catalogue, RowType
from graph.schema.returns import returns
from k8s.kinds.kind import Kind
from k8s.kinds.structure import FieldFormat
from resolvers.arguments.paths import MapKey, Name, Pick, Step, parse_path, written
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.filters.conditions import ELEMENT
from resolvers.links.members import ANY_KIND, Link, Member, Owner, RemoteField, Shape
from resolvers.names import type_name


@dataclass(frozen=True, slots=True)
class _PathEnd:
    """The end of a path so far: a type, or a value (or map) of a format; `steps` are all before it."""

    start: PathStart
    steps: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()
    row_type: RowType | None = None
    value_type: ValueType | None = None
    of_map: ValueType | None = None
    keys: tuple[str, ...] = ()
    has_links: bool = False
    fans: tuple[str, ...] = ()
    picks: tuple[tuple[int, ElementPick], ...] = ()
    lists: tuple[ListOnPath, ...] = ()
    is_pickable: bool = False

    def path(self, text: str, *, of_elements: bool = False) -> FieldPath:
        """Returns the path that ends here; a type can only be present or absent, unless its fields follow."""
        names = self.names if self.row_type is None or of_elements else (*self.names, "__typename")
        is_many = bool(self.lists)
        return FieldPath(
            text, names, self.keys, self.value_type, is_many, self.has_links, self.fans, self.picks, self.lists
        )

    def at(self, row_type: "RowType | None") -> "_PathEnd":
        """Returns the same with the type at its end; None for a value."""
        return replace(self, row_type=row_type)

    def through_list(self, *, pick: str = "", is_pickable: bool = False) -> "_PathEnd":
        """Returns the same if its last field is a list; its elements can be picked if they are structures."""
        return replace(self, lists=(*self.lists, ListOnPath(written(self.steps), pick)), is_pickable=is_pickable)


class FieldPaths:
    """Finds paths in the types of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def start(self, owner: str) -> PathStart:
        """Returns the beginning of the paths of a type."""
        return PathStart(self._catalogue[owner])

    def find(self, owner: str | PathStart, text: str) -> FieldPath:
        """Returns the path from a type, or from an element of a list.

        Raises:
            BadUserInput: it is invalid or unknown; the message suggests the nearest valid one.
        """
        return self._end(self.start(owner) if isinstance(owner, str) else owner, text).path(text)

    def find_elements(self, start: PathStart, text: str, word: str) -> tuple[FieldPath, PathStart]:
        """Returns the path to the elements of a list, and the beginning of the paths of an element.

        Raises:
            BadUserInput: it is invalid or unknown, or leads through no list; `word` is the condition on the elements.
        """
        end = self._end(start, text)
        if not end.lists:
            raise BadUserInput(
                f"where: {text} leads through no list, and {word} needs one; compare its fields directly."
            )
        if end.row_type is None and end.value_type is None:
            raise BadUserInput(f"where: {text} is a map, and {word} needs a list of values or of objects.")
        below = PathStart(end.row_type, end.value_type, end.has_links, end.fans)
        return end.path(text, of_elements=True), below

    def _end(self, start: PathStart, text: str) -> _PathEnd:
        place = _PathEnd(start, (), (), start.row_type, start.value_type, has_links=start.has_links, fans=start.fans)
        if start.row_type is None:
            if text != ELEMENT:
                raise BadUserInput(f"path: {text}: the elements of the list are values; leave the path out.")
            return place
        if text == ELEMENT:
            raise BadUserInput(
                f"where: the elements of the list are of type {start.row_type.name}; name a field of them."
            )
        for step in parse_path(text):
            place = self._step(place, step, text)
        return place

    def _step(self, place: _PathEnd, step: Step, text: str) -> _PathEnd:
        after = replace(place, steps=(*place.steps, step), is_pickable=False)
        if isinstance(step, Pick):
            return self._picked(after, step, place, text)
        if place.row_type is None:
            return _key(after, step, place, text)
        if isinstance(step, MapKey):
            raise BadUserInput(f"path: {text}: {written(place.steps)} is no map; its fields are reached with a dot.")
        row_type = place.row_type
        if step.text in row_type.plain or step.text in row_type.members:
            return self._field(after, row_type, step.text)
        if step.text in row_type.constants:
            return replace(after, names=(*after.names, step.text), row_type=None, value_type=ValueType.TEXT)
        raise _unknown(row_type, step.text, [*row_type.plain, *row_type.members, *row_type.constants], place, text)

    def _picked(self, after: _PathEnd, step: Pick, place: _PathEnd, text: str) -> _PathEnd:
        row_type = place.row_type
        if row_type is None or not place.is_pickable:
            if place.has_links and place.lists:
                raise BadUserInput(
                    f"path: {text}: {written(place.steps)} leads to linked objects, of which none can be picked; "
                    "use some for conditions on them."
                )
            raise BadUserInput(
                f"path: {text}: {written(place.steps)} is no list of structures, so no element can be picked."
            )
        pick = element_pick(row_type, step, text)
        if pick is None:
            raise _unknown(row_type, step.field, pickable_fields(row_type), place, text, value=step.value)
        picks = (*place.picks, (len(place.names) - 1, pick))
        return replace(after, picks=picks, lists=place.lists[:-1])

    def _field(self, place: _PathEnd, row_type: RowType, name: str) -> _PathEnd:
        place = replace(place, names=(*place.names, name))
        if name in row_type.members:
            member = row_type.members[name]
            if isinstance(member, RemoteField) and member.arguments is not None:
                raise BadUserInput(f"path: {name} takes arguments, and a path has none; select it instead.")
            return self._member(place, row_type, member)
        plain = row_type.plain[name]
        if plain.structure is None:
            place = place.through_list() if plain.is_list else place
            return _valued(place.at(None), format_of(plain, row_type.hints.get(name)), name)
        structure = self._catalogue[plain.structure]
        return (place.through_list(pick=pick_example(structure), is_pickable=True) if plain.is_list else place).at(
            structure
        )

    def _member(self, place: _PathEnd, owner: RowType, member: Member) -> _PathEnd:
        if isinstance(member, Link):
            return self._linked(place, owner, member)
        returned = returns(member.returns)
        place = place.through_list() if returned.is_list else place
        if isinstance(returned.element, Owner):
            return replace(place, has_links=True).at(self._catalogue[returned.element.name])
        if returned.composite is not None:
            return place.at(self._catalogue[returned.composite.__name__])
        value_format = returned.element if isinstance(returned.element, FieldFormat) else FieldFormat.STRING
        return _valued(place.at(None), value_format, member.name)

    def _linked(self, place: _PathEnd, owner: RowType, link: Link) -> _PathEnd:
        place = replace(place, has_links=True)
        if not isinstance(link.to, Kind):
            return place.at(_any_kind(self._catalogue))
        target = self._catalogue[type_name(link.to)]
        if link.shape is not Shape.MANY:
            return place.at(target)
        names, fans = (*place.names, "nodes"), (*place.fans, owner.name)
        return replace(place.through_list(), names=names, fans=fans).at(target)


def _key(after: _PathEnd, step: Name | MapKey, place: _PathEnd, text: str) -> _PathEnd:
    if place.of_map is None:
        raise BadUserInput(f"path: {text}: {written(place.steps)} is a value; nothing is below it.")
    deeper = place.of_map if place.of_map is ValueType.ANY else None
    return replace(after, keys=(*place.keys, step.text), value_type=place.of_map, of_map=deeper)


def _valued(place: _PathEnd, value_format: FieldFormat, name: str) -> _PathEnd:
    return replace(place, value_type=value_type_of(value_format, name), of_map=map_value_type(value_format))


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


def _unknown(
    row_type: RowType, name: str, known: Iterable[str], place: _PathEnd, text: str, value: str | None = None
) -> BadUserInput:
    def way(near: str) -> str:
        return written((*place.steps, Name(near) if value is None else Pick(near, value)))

    ways = [way(near) for near in _nearest(name, known)]
    if ways:
        near = " or ".join(ways)
        return BadUserInput(f"path: {text}: {row_type.name} has no field {name}; did you mean {near}?")
    return BadUserInput(
        f"path: {text}: {row_type.name} has no field {name}; see the type {row_type.name} in the schema."
    )


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    folded = {name.lower(): name for name in known}
    return [folded[near] for near in get_close_matches(name.lower(), folded, n=2, cutoff=0.6)]
