"""One kind as several versions and clusters describe it: every field that one of them has.

A field that two of them type differently is JSON. Equal structures are one, whatever their path, and named by the
shortest one; of paths of equal length, by the first in alphabetical order.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from msgspec.structs import replace

from k8s.kinds.structure import Field, FieldFormat, Structure
from k8s.schemas.descriptions import shortened
from k8s.schemas.fieldnames import unnameable
from k8s.schemas.kindschema import OBJECT_META, KindSchema
from k8s.schemas.names import structure_name
from k8s.turns.pauses import Pauses

_Sources: TypeAlias = tuple[tuple[int, str], ...]
"""The structures that are one in the union: the number of a schema, and the place of a structure in it."""

_ROOT: Final = "0"
_SHOWN: Final = 3
_PROBLEMS: Final = 10
_PATH_CHARACTERS: Final = 120
_DEPTH: Final = 100
"""Levels of a union. A schema has fewer, but named schemas that refer to each other can be chained without end."""


class KindUnion:
    """The union of the schemas of one kind.

    Attributes:
        name: The name of the kind's type.
        structures: All structures with their names, that of the kind first.
        is_complete: False if there were more structures than the limit.
    """

    def __init__(self, name: str, schemas: Sequence[KindSchema], pauses: Pauses, *, most: int) -> None:
        """Takes the name of the kind's type and its schemas; texts of the first ones come first."""
        self.name = name
        self._pauses = pauses
        self._most = most
        self.is_complete = True
        self._schemas = [{structure.name: structure for structure in schema.structures} for schema in schemas]
        self._structures: list[Structure | None] = []
        self._places: dict[_Sources, str | None] = {}
        self._by_content: dict[tuple[Field, ...], str] = {}
        self._problems: list[str] = []
        self._more_problems = 0
        root = self._place(tuple((number, _ROOT) for number in range(len(schemas))), ())
        self.structures = self._named(name, root)

    @property
    def problems(self) -> tuple[str, ...]:
        """Returns the fields that are typed differently, each in a sentence; the first ones if there are many."""
        more = self._more_problems
        return (*self._problems, *((f"other fields without a type: {more}.",) if more else ()))

    def _add_problem(self, path: Sequence[str], cause: str) -> None:
        if len(self._problems) == _PROBLEMS:
            self._more_problems += 1
        else:
            self._problems.append(f"{shortened('.'.join(path), _PATH_CHARACTERS)} {cause}.")

    def _place(self, sources: _Sources, path: tuple[str, ...]) -> str:
        """Returns the place of a union of structures."""
        if sources in self._places:
            place = self._places[sources]
            if place is None:  # it contains itself
                place = self._places[sources] = self._reserve()
            return place
        self._places[sources] = None
        self._pauses.pause()
        merged = [self._schemas[number][place] for number, place in sources]
        fields = self._fields(sources, merged, path)
        place = self._places[sources]
        if place is None:
            place = self._by_content.get(fields) or self._reserve()
            self._places[sources] = self._by_content[fields] = place
        if self._structures[int(place)] is None:
            text = next((structure.description for structure in merged if structure.description), "")
            self._structures[int(place)] = Structure(place, text, fields)
        return place

    def _fields(self, sources: _Sources, merged: Sequence[Structure], path: tuple[str, ...]) -> tuple[Field, ...]:
        by_key: dict[str, list[tuple[int, Field]]] = {}
        for (number, _), structure in zip(sources, merged, strict=True):
            for field in structure.fields:
                by_key.setdefault(field.key, []).append((number, field))
        left_out = unnameable(by_key) if len(merged) > 1 else {}
        for key, cause in left_out.items():
            self._add_problem((*path, key), cause)
        return tuple(
            self._field(by_key[key], (*path, key))
            for key in sorted(by_key, key=lambda key: (not by_key[key][0][1].is_required, key))
            if key not in left_out
        )

    def _field(self, variants: Sequence[tuple[int, Field]], path: tuple[str, ...]) -> Field:
        first = variants[0][1]
        if any(_shape(field) != _shape(first) for _, field in variants):
            self._add_problem(path, "has different types in its versions or clusters, and is JSON")
            return Field(first.key, first.description, format=FieldFormat.ANY)
        if first.structure is None or first.structure == OBJECT_META:
            return first
        if len(path) > _DEPTH:
            self._add_problem((*path[: _SHOWN - 1], f"{path[_SHOWN - 1]}..."), f"is deeper than {_DEPTH} levels")
            return Field(first.key, first.description, format=FieldFormat.ANY, is_list=first.is_list)
        if len(self._places) > self._most:  # circles of two schemas can have as many pairs as their product
            self.is_complete = False
            return Field(first.key, first.description, format=FieldFormat.ANY, is_list=first.is_list)
        sources = tuple(dict.fromkeys((number, field.structure or "") for number, field in variants))
        return replace(first, structure=self._place(sources, path))

    def _reserve(self) -> str:
        self._structures.append(None)
        return str(len(self._structures) - 1)

    def _named(self, name: str, root: str) -> tuple[Structure, ...]:
        """Returns the structures that can be reached, with their names, in the order of their paths."""
        names = {root: name}
        numbers = {name: 1}
        waiting: deque[tuple[str, tuple[str, ...]]] = deque([(root, ())])
        while waiting:
            place, path = waiting.popleft()
            self._pauses.pause()
            for field in self._at(place).fields:
                target = field.structure
                if target is not None and target != OBJECT_META and target not in names:
                    below = (*path, field.name)
                    names[target] = _unused(structure_name(name, below), numbers)
                    waiting.append((target, below))
        return tuple(self._renamed(place, names) for place in names)

    def _renamed(self, place: str, names: Mapping[str, str]) -> Structure:
        self._pauses.pause()
        structure = self._at(place)
        fields = tuple(
            replace(field, structure=names.get(field.structure, field.structure)) if field.structure else field
            for field in structure.fields
        )
        return Structure(names[place], structure.description, fields)

    def _at(self, place: str) -> Structure:
        structure = self._structures[int(place)]
        if structure is None:
            raise LookupError(place)
        return structure


def _shape(field: Field) -> tuple[object, ...]:
    return (field.format, field.structure is not None, field.structure == OBJECT_META, field.is_list)


def _unused(name: str, numbers: dict[str, int]) -> str:
    """Returns a name, with a number if it is used; `numbers` has the last number of each used name."""
    number = numbers.get(name, 0) + 1
    found = name if number == 1 else f"{name}{number}"
    while found in numbers:
        number += 1
        found = f"{name}{number}"
    numbers[name] = number
    numbers.setdefault(found, 1)
    return found
