"""Paths of arguments, resolved in the types: their fields, and the types of their values."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from graph.planning.elementpicks import element_pick, pickable_fields
from graph.planning.fieldpath import FieldPath, PathEnd, PathStart, refuse_masked
from graph.planning.valuetypes import format_of
from graph.schema.catalogue import INTERFACE_FIELDS, Catalogue, RowType
from graph.schema.returns import returns
from k8s.kinds.kind import Kind
from k8s.kinds.structure import FieldFormat
from k8s.listednames import any_of
from k8s.masking.mask import NOTHING, Mask
from k8s.masking.masking import STANDARD, Masking
from resolvers.arguments.paths import MapKey, Name, Pick, Step, parse_path, written
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType
from resolvers.filters.conditions import ELEMENT
from resolvers.links.members import ANY_KIND, KindsLink, Link, Owner, Shape
from resolvers.names import type_name

_OF_CONNECTIONS: Final = frozenset({"nodes", "edges", "totalCount", "pageInfo"})


class UnknownPath(BadUserInput):
    """A path with a field that the type does not have; in a list of several types, another one may have it."""


class FieldPaths:
    """Finds paths in the types of a catalogue; refuses those of masked values, whose comparison would tell them."""

    def __init__(self, catalogue: Catalogue, masking: Masking = STANDARD, generic_mask: Mask = NOTHING) -> None:
        """Takes the types, the masks of their kinds, and the mask of objects of kinds without a type."""
        self._catalogue = catalogue
        self._masking = masking
        self._generic_mask = generic_mask

    def start(self, owner: str) -> PathStart:
        """Returns the beginning of the paths of a type."""
        row_type = self._catalogue[owner]
        return PathStart(row_type, mask=self._mask_of(row_type))

    def find(self, owner: str | PathStart, text: str) -> FieldPath:
        """Returns the path from a type, or from an element of a list.

        Raises:
            BadUserInput: it is invalid, unknown or masked; the message suggests the nearest valid one.
        """
        return self._end(self.start(owner) if isinstance(owner, str) else owner, text).path()

    def find_elements(self, start: PathStart, text: str, word: str) -> tuple[FieldPath, PathStart]:
        """Returns the path to the elements of a list, and the beginning of the paths of an element.

        Raises:
            BadUserInput: it is invalid or unknown, or leads through no list; `word` is the condition on the elements.
        """
        end = self._end(start, text)
        if end.open_steps is not None:
            return end.path(), PathStart(None, mask=end.mask, is_open=True)
        if not end.lists:
            raise BadUserInput(
                f"where: {text} leads through no list, and {word} needs one; compare its fields directly."
            )
        if end.row_type is None and end.value_type is None:
            raise BadUserInput(f"where: {text} is a map, and {word} needs a list of values or of objects.")
        below = PathStart(end.row_type, end.value_type, end.has_links, end.fans, end.mask)
        return end.path(of_elements=True), below

    def _end(self, start: PathStart, text: str) -> PathEnd:
        end = PathEnd(text, start.row_type, start.value_type, start.has_links, start.fans, start.mask)
        if start.is_open:
            end.open_steps, end.value_type = [], ValueType.ANY
        elif start.row_type is None:
            if text != ELEMENT:
                raise BadUserInput(f"path: {text}: the elements of the list are values; leave the path out.")
            return end
        if text == ELEMENT and start.is_open:
            return end
        if text == ELEMENT and start.row_type is not None:
            raise BadUserInput(
                f"where: the elements of the list are of type {start.row_type.name}; name a field of them."
            )
        for step in parse_path(text):
            self._step(end, step)
            end.steps.append(step)
            refuse_masked(end.mask, end.text, end.steps)
        return end

    def _step(self, end: PathEnd, step: Step) -> None:
        row_type, is_pickable = end.row_type, end.is_pickable
        end.is_pickable, end.column = False, ""
        if end.open_steps is not None:
            end.open(step)
        elif isinstance(step, Pick) and end.is_free_json:
            end.pick_in_json(step)
        elif isinstance(step, Pick):
            _pick(end, step, row_type if is_pickable else None)
        elif row_type is None:
            end.key(step)
        elif isinstance(step, MapKey):
            raise BadUserInput(f"path: {end.text}: {end.written} is no map; its fields are reached with a dot.")
        elif step.text in row_type.plain:
            end.names.append(step.text)
            self._plain(end, row_type, step)
        elif step.text in row_type.members:
            end.names.append(step.text)
            self._member(end, row_type, step)
        elif step.text in row_type.constants or step.text in row_type.type_meta:
            end.names.append(step.text)
            end.row_type, end.value_type = None, ValueType.TEXT
        elif row_type.is_generic:
            end.open(step)
        else:
            known = [*row_type.plain, *row_type.members, *row_type.constants, *row_type.type_meta]
            raise self._unknown_field(end, row_type, step.text, [Name(near) for near in _nearest(step.text, known)])

    def _unknown_field(self, end: PathEnd, row_type: RowType, name: str, near: Sequence[Step]) -> UnknownPath:
        """Returns the error of an unknown field of an object: kubectl's column, or a field of its status or spec."""
        if end.fans and name in _OF_CONNECTIONS and row_type.kind is not None:
            return UnknownPath(
                f"path: {end.text}: {name} is a field of connections, and paths lead to their objects; leave it out. "
                "To ask whether there are any, use EXISTS, NOT_EXISTS, some or none."
            )
        if column := end.column_of(row_type, name):
            return UnknownPath(
                f"path: {end.text}: {row_type.name} has no field {name}; kubectl's column {name.upper()} is {column}."
            )
        parts = [row_type.plain[part] for part in ("status", "spec", "metadata") if part in row_type.plain]
        inner = [
            written((*end.steps, Name(part.name), Name(found)))
            for part in parts
            for found in (self._catalogue[part.structure].plain if part.structure else ())
            if found.lower() == name.lower()
        ]
        if inner and row_type.kind is not None:
            return UnknownPath(f"path: {end.text}: {row_type.name} has no field {name}; did you mean {any_of(inner)}?")
        return _unknown(end, row_type, name, near)

    def _plain(self, end: PathEnd, row_type: RowType, step: Name) -> None:
        plain = row_type.plain[step.text]
        end.mask = end.mask.below(plain.key)
        structure = self._catalogue[plain.structure] if plain.structure is not None else None
        if plain.is_list:
            end.through_list(step, structure, is_pickable=structure is not None)
        if structure is None:
            hint = row_type.hints.get(step.text)
            end.value(format_of(plain, hint), step.text)
            end.values = hint.values if hint is not None else None
        else:
            end.column = end.column_of(row_type, step.text)
            end.row_type = structure

    def _member(self, end: PathEnd, owner: RowType, step: Name) -> None:
        member = owner.members[step.text]
        if isinstance(member, KindsLink) or (not isinstance(member, Link) and member.arguments is not None):
            raise BadUserInput(f"path: {step.text} takes arguments, and a path has none; select it instead.")
        if isinstance(member, Link):
            self._linked(end, owner, member, step)
            return
        end.mask = NOTHING  # it is computed from rows, which have no masked values
        returned = returns(member.returns)
        composite = self._catalogue[returned.composite.__name__] if returned.composite is not None else None
        parts = self._catalogue[returned.element.name] if isinstance(returned.element, Owner) else None
        if returned.is_list:
            elements = composite or parts
            end.through_list(step, elements, is_pickable=elements is not None)
        if parts is not None:
            end.has_links, end.row_type = end.has_links or parts.part_of is None, parts
        elif composite is not None:
            end.row_type = composite
        else:
            value_format = returned.element if isinstance(returned.element, FieldFormat) else FieldFormat.STRING
            end.value(value_format, member.name)
            end.values = returned.values

    def _linked(self, end: PathEnd, owner: RowType, link: Link, step: Name) -> None:
        end.has_links = True
        catalogue, to = self._catalogue, link.to
        end.row_type = catalogue[type_name(to)] if isinstance(to, Kind) else _any_kind(catalogue)
        end.mask = self._mask_of(end.row_type)
        if link.shape is not Shape.ONE:
            end.through_list(step)
            end.fans = (*end.fans, owner.name)
        if link.shape is Shape.MANY:
            end.names.append("nodes")

    def _mask_of(self, row_type: RowType) -> Mask:
        if row_type.is_generic:
            return self._generic_mask
        return self._masking.of(row_type.kind).always if row_type.kind is not None else NOTHING


def _pick(end: PathEnd, step: Pick, elements: RowType | None) -> None:
    """Picks an element of the list at the end; `elements` is their type, None if none can be picked."""
    if end.row_type is not None and end.row_type.kind is not None and end.lists:
        raise BadUserInput(
            f"path: {end.text}: {end.written} leads to linked objects, of which none can be picked; "
            "use some for conditions on them."
        )
    if elements is None:
        raise BadUserInput(f"path: {end.text}: {end.written} is no list of structures, so no element can be picked.")
    pick = element_pick(elements, step, end.text)
    if pick is None:
        near = _nearest(step.field, pickable_fields(elements))
        raise _unknown(end, elements, step.field, [Pick(name, step.value) for name in near])
    if step.field in elements.plain:
        refuse_masked(end.mask.below(elements.plain[step.field].key), end.text, (*end.steps, step))
    end.lists.pop()
    end.picks.append((len(end.names) - 1, pick))


def _any_kind(catalogue: Catalogue) -> RowType:
    """Returns the type with the fields that all kinds have."""
    some = catalogue["Pod"]
    return RowType(
        ANY_KIND.name,
        "",
        plain={name: some.plain[name] for name in INTERFACE_FIELDS if name in some.plain},
        members={name: some.members[name] for name in INTERFACE_FIELDS if name in some.members},
        type_meta=some.type_meta,
    )


def _unknown(end: PathEnd, row_type: RowType, name: str, steps: Sequence[Step]) -> UnknownPath:
    """Returns the error of a field that a type does not have; `steps` are the nearest ones that it has."""
    if steps:
        near = any_of([written((*end.steps, step)) for step in steps])
        return UnknownPath(f"path: {end.text}: {row_type.name} has no field {name}; did you mean {near}?")
    return UnknownPath(
        f"path: {end.text}: {row_type.name} has no field {name}; see the type {row_type.name} in the schema."
    )


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    folded = {name.lower(): name for name in known}
    return [folded[near] for near in get_close_matches(name.lower(), folded, n=2, cutoff=0.6)]
