"""Structures from JSON Schema, as OpenAPI documents and CRDs write it.

Nothing that a schema says is an error: a field without a type of its own is JSON, one that GraphQL cannot name is left
out, and a problem says so; `fields(path:)` and `manifest` show it all the same.

- Known fields of an object are typed, also if it may have others (`x-kubernetes-preserve-unknown-fields`). An object
  without known fields is JSON, as is an embedded resource of which nothing but its metadata is known.
- Maps are StringMap, QuantityMap, or JSON. Lists of lists, and lists with null among their elements, are lists of JSON.
- A schema that refers to itself by a name is a structure that refers to itself.
- Enums are texts with a description of the known values.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from k8s.kinds.structure import Field, FieldFormat, Structure
from k8s.schemas.descriptions import described, described_object, known_values, shortened
from k8s.schemas.fieldnames import unnameable
from k8s.schemas.kindschema import OBJECT_META
from k8s.schemas.leaves import INT_OR_STRING, leaf_format, map_format, named_format, schema_type
from k8s.schemas.limits import DEPTH_SETTING, DESCRIPTION_SETTING, FIELDS_SETTING, SchemaLimits
from k8s.schemas.pieces import as_list, as_object, as_text, opened
from k8s.turns.pauses import Pauses

_REFERENCE: Final = "#/components/schemas/"
_HOPS: Final = 8
_PROBLEMS: Final = 10
_PATH_CHARACTERS: Final = 120
_MUCH_LONGER: Final = 10
"""Times the limit of a description beyond which it is named; operators often write a little more than the limit."""
_IDENTITY: Final = ("apiVersion", "kind", "metadata")
_EMBEDDED: Final[Mapping[str, object]] = {
    "apiVersion": {"type": "string", "description": "API group and version of the embedded object."},
    "kind": {"type": "string", "description": "The kind of the embedded object."},
    "metadata": {"$ref": f"{_REFERENCE}io.k8s.apimachinery.pkg.apis.meta.v1.{OBJECT_META}"},
}
"""The fields of every embedded resource; what a CRD writes for them is not published."""


class _Value(NamedTuple):
    """The type of a value: a leaf of a format, or a structure by its place; in a list or not."""

    format: FieldFormat | None = FieldFormat.ANY
    structure: str | None = None
    is_list: bool = False


_ANYTHING: Final = _Value()


class SchemaReader:
    """Reads the schema of one kind."""

    def __init__(self, components: Mapping[str, object], limits: SchemaLimits, pauses: Pauses) -> None:
        """Takes the named schemas that others may refer to."""
        self._components = components
        self._limits = limits
        self._pauses = pauses
        self._structures: list[Structure | None] = []
        self._by_content: dict[tuple[Field, ...], str] = {}
        self._by_reference: dict[str, _Value] = {}
        self._problems: list[str] = []
        self._more_problems = 0

    def read(self, schema: object) -> tuple[Structure, ...]:
        """Returns all structures, that of the whole object first.

        Its metadata is the built-in structure; `apiVersion` and `kind` are left out.
        """
        root, _ = self._resolved(schema)
        self._check_depth(schema, root, ("its schema",))
        place = self._reserve()
        properties = as_object(root.get("properties"))
        metadata = Field("metadata", "", structure=OBJECT_META, is_required=True)
        fields = self._fields(properties, (), without=_IDENTITY) or ()
        self._structures[place] = Structure(
            str(place), described_object(root, self._limits.description_characters), (metadata, *fields)
        )
        return tuple(self._complete())

    @property
    def problems(self) -> tuple[str, ...]:
        """Returns the fields without a type of their own, each in a sentence; the first ones if there are many."""
        more = self._more_problems
        return (*self._problems, *((f"other fields without a type: {more}.",) if more else ()))

    def _fields(
        self, properties: Mapping[str, object], path: tuple[str, ...], *, without: tuple[str, ...] = ()
    ) -> tuple[Field, ...] | None:
        """Returns the fields with a name, by key; None if there are too many."""
        if len(properties) > self._limits.fields:
            self._add_problem(
                path, f"has {len(properties)} fields; the limit is {self._limits.fields} ({FIELDS_SETTING})"
            )
            return None
        left_out = unnameable(properties)
        for key, cause in left_out.items():
            self._add_problem((*path, key), cause)
        keys = sorted(key for key in properties if key not in left_out and key not in without)
        return tuple(self._field(key, properties[key], path) for key in keys)

    def _field(self, key: str, written: object, path: tuple[str, ...]) -> Field:
        self._pauses.pause()
        value = self._value(written, (*path, key))
        schema, _ = self._resolved(written)
        self._check_text(schema, (*path, key))
        items = self._resolved(schema.get("items"))[0] if value.is_list else schema
        text = " ".join(filter(None, (self._text(schema), known_values(items))))
        return Field(key, text, format=value.format, structure=value.structure, is_list=value.is_list)

    def _value(self, written: object, path: tuple[str, ...]) -> _Value:
        schema, reference = self._resolved(written)
        self._check_depth(written, schema, path)
        if reference is not None:
            known = self._named(reference)
            if known is not None:
                return known
            if reference not in self._components:
                self._add_problem(path, "refers to a schema that is not there")
        if len(path) > self._limits.depth:
            self._add_problem(path, f"is deeper than {self._limits.depth} levels ({DEPTH_SETTING})")
            return _ANYTHING
        properties = as_object(schema.get("properties"))
        type_name = schema_type(schema)
        if schema.get(INT_OR_STRING) is True:
            return _Value(leaf_format(schema))
        if type_name == "array":
            return self._list(schema, path)
        if properties and type_name in {"", "object"}:
            return self._object(schema, properties, path, reference=reference)
        if type_name == "object":
            return self._map(schema, path)
        return _Value(leaf_format(schema))

    def _list(self, schema: Mapping[str, object], path: tuple[str, ...]) -> _Value:
        items = schema.get("items")
        element = self._value(items, (*path, "items"))
        may_be_null = self._resolved(items)[0].get("nullable") is True
        return _Value(is_list=True) if element.is_list or may_be_null else element._replace(is_list=True)

    def _map(self, schema: Mapping[str, object], path: tuple[str, ...]) -> _Value:
        values, reference = self._resolved(schema.get("additionalProperties"))
        if not values:
            return _ANYTHING
        leaf = named_format(reference) if reference else None
        return _Value(map_format(leaf or leaf_format(values)))

    def _object(
        self,
        schema: Mapping[str, object],
        properties: Mapping[str, object],
        path: tuple[str, ...],
        reference: str | None,
    ) -> _Value:
        is_embedded = schema.get("x-kubernetes-embedded-resource") is True
        if is_embedded:
            if not properties.keys() - set(_IDENTITY):
                return _ANYTHING
            properties = {**properties, **_EMBEDDED}
        place = None
        if reference is not None:
            place = self._reserve()
            self._by_reference[reference] = _Value(None, str(place))
        fields = self._fields(properties, path)
        if not fields:
            if reference is not None:
                self._by_reference[reference] = _ANYTHING
            return _ANYTHING
        if place is None:
            known = self._by_content.get(fields)
            if known is not None:
                return _Value(None, known)
            place = self._reserve()
            self._by_content[fields] = str(place)
        self._structures[place] = Structure(
            str(place), described_object(schema, self._limits.description_characters), fields
        )
        return _Value(None, str(place))

    def _named(self, reference: str) -> _Value | None:
        """Returns the value of a named schema that is known already."""
        if reference.endswith(f".meta.v1.{OBJECT_META}"):
            return _Value(None, OBJECT_META)
        leaf = named_format(reference)
        return _Value(leaf) if leaf is not None else self._by_reference.get(reference)

    def _resolved(self, written: object) -> tuple[Mapping[str, object], str | None]:
        """Returns a schema, and the name of the one that it refers to; a text of its own replaces that one's."""
        schema, name = as_object(written), None
        for _ in range(_HOPS):
            reference = _reference(schema)
            if reference is None:
                return schema, name
            name = reference
            target = as_object(self._components.get(name))
            text = schema.get("description")
            schema = {**target, "description": text} if text is not None else target
        return {}, None

    def _reserve(self) -> int:
        self._structures.append(None)
        return len(self._structures) - 1

    def _complete(self) -> list[Structure]:
        """Returns all structures; a reference to one that came to nothing is JSON."""
        missing = {str(place) for place, found in enumerate(self._structures) if found is None}
        found = [one or Structure(str(place), "", ()) for place, one in enumerate(self._structures)]
        return [_without(structure, missing) for structure in found] if missing else found

    def _check_depth(self, written: object, schema: Mapping[str, object], path: tuple[str, ...]) -> None:
        if not schema and isinstance(written, msgspec.Raw) and opened(written) is None:
            self._add_problem(path, "is nested too deeply to be read")

    def _check_text(self, schema: Mapping[str, object], path: tuple[str, ...]) -> None:
        count, most = len(as_text(schema.get("description"))), self._limits.description_characters
        if count > _MUCH_LONGER * most:
            self._add_problem(
                path, f"has a description of {count} characters, cut after {most} ({DESCRIPTION_SETTING})"
            )

    def _text(self, schema: Mapping[str, object]) -> str:
        return described(schema, self._limits.description_characters)

    def _add_problem(self, path: tuple[str, ...], cause: str) -> None:
        if len(self._problems) == _PROBLEMS:
            self._more_problems += 1
        else:
            self._problems.append(f"{shortened('.'.join(path), _PATH_CHARACTERS)} {cause}.")


def _reference(schema: Mapping[str, object]) -> str | None:
    """Returns the name of the schema that another one refers to, directly or as its only part."""
    parts = as_list(schema.get("allOf"))
    holder = as_object(parts[0]) if len(parts) == 1 and "properties" not in schema else schema
    written = as_text(schema.get("$ref")) or as_text(holder.get("$ref"))
    return written.removeprefix(_REFERENCE).replace("~1", "/").replace("~0", "~") if written else None


def _without(structure: Structure, missing: set[str]) -> Structure:
    if not any(field.structure in missing for field in structure.fields):
        return structure
    fields = tuple(
        Field(field.key, field.description, format=FieldFormat.ANY, is_list=field.is_list)
        if field.structure in missing
        else field
        for field in structure.fields
    )
    return Structure(structure.name, structure.description, fields)
