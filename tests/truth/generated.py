"""Objects by a server's OpenAPI document: invalid as a whole, but each value is one that a server may send.

Each format has a list of values that are taken in turn; what is random is the same in every run.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from random import Random

from k8s.kinds.kind import Kind
from k8s.kinds.structure import FieldFormat
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.truth.documents import DEEPEST
from tests.truth.openapi import OpenApi, PropertyType

TEXTS: Sequence[JsonValue] = ("", "a", "ünïcødé \u2028 😀", 'quote " \\ / <&>', "\x00\x01\x7f\t\n", "null", "x" * 300)
_KEYS = ("", "app", "a.b/c-d", "__typename", "größe", "$ref", '"', "\x00")
FREE: JsonValue = {
    "nothing": None,
    "empty": [{}, [], "", 0, False],
    "numbers": [2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 10**30, -(10**30), 0.1, -1.5e300, 5e-324, 1e21],
    "nested": [[[None, [None]]], {"": {"": {"$ref": None}}}],
    "texts": [*TEXTS],
    **{key: key for key in _KEYS},
}
VALUES: Mapping[FieldFormat, Sequence[JsonValue]] = {
    FieldFormat.STRING: TEXTS,
    FieldFormat.INT32: (0, 1, -1, 2**31 - 1, -(2**31)),
    FieldFormat.INT64: (0, -1, 2**53 + 1, 2**63 - 1, -(2**63)),
    FieldFormat.NUMBER: (0, 1, -1, 0.5, -1.5e300, 5e-324, 2**53, 10**20, 1e21),
    FieldFormat.BOOLEAN: (True, False),
    FieldFormat.TIME: (
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.123456Z",
        "2026-01-02T03:04:05.123456789+05:30",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
    ),
    FieldFormat.BYTES: ("", "AAAA", "/+8="),
    FieldFormat.QUANTITY: ("0", "1500m", "2Gi", "-0.5", "1e3", "100n", 0, 1, 0.5, 1e3, 2**64 - 1, 10**30),
    FieldFormat.INT_OR_STRING: (0, 80, -1, 2**31 - 1, "", "http", "25%"),
    FieldFormat.STRING_MAP: ({}, dict(zip(_KEYS, TEXTS, strict=False)), {"nil": None}),
    FieldFormat.QUANTITY_MAP: ({}, {"cpu": "100m", "memory": 1, "": 0.5, "example.com/gpu": 10**20}),
    FieldFormat.ANY: (FREE, None, {}, [], "", 0, False, [FREE], 10**30, -0.5),
}
_EMPTY: Mapping[FieldFormat, JsonValue] = {
    FieldFormat.INT32: 0,
    FieldFormat.INT64: 0,
    FieldFormat.NUMBER: 0,
    FieldFormat.BOOLEAN: False,
    FieldFormat.INT_OR_STRING: 0,
    FieldFormat.STRING_MAP: {},
    FieldFormat.QUANTITY_MAP: {},
    FieldFormat.ANY: {},
}

Fill = Callable[[PropertyType, tuple[str, ...]], JsonValue]


class Generator:
    """A generator of objects by a server's definitions."""

    def __init__(self, openapi: OpenApi) -> None:
        self._openapi = openapi
        self._values: Mapping[FieldFormat, Iterator[JsonValue]] = {
            property_type: cycle(values) for property_type, values in VALUES.items()
        }

    def objects(self, kind: Kind) -> list[JsonObject]:
        """Returns one object with all values, one with empty values, one with nulls, and some with random ones."""
        random = Random(str(kind))  # noqa: S311  reproducible, not secret
        sparse = [self._sparsely(random) for _ in range(2)]
        fills: list[Fill] = [self._full, self._empty, lambda _property_type, _above: None, *sparse]
        return [self._object(kind, f"g-{place}", fill) for place, fill in enumerate(fills)]

    def _object(self, kind: Kind, name: str, fill: Fill) -> JsonObject:
        definition = self._openapi.of_kind(kind)
        body = self._structure(definition, fill, ())
        metadata = body["metadata"] if isinstance(body["metadata"], dict) else {}
        return {**body, "metadata": {**metadata, "namespace": "n" if kind.namespaced else None, "name": name}}

    def _structure(self, definition: str, fill: Fill, above: tuple[str, ...]) -> JsonObject:
        below = (*above, definition)
        body: JsonObject = {
            key: fill(property_type, below)
            for key, property_type in self._openapi.properties(definition).items()
            if property_type.definition is None or below.count(property_type.definition) < DEEPEST
        }
        return {**body, **self._openapi.constants(definition)}

    def _full(self, property_type: PropertyType, above: tuple[str, ...]) -> JsonValue:
        repeats = 1 if property_type.definition in above else 2
        if property_type.is_list:
            return [self._one(property_type, self._full, above) for _ in range(repeats)]
        return self._one(property_type, self._full, above)

    def _empty(self, property_type: PropertyType, above: tuple[str, ...]) -> JsonValue:
        if property_type.is_list:
            return []
        if property_type.definition is not None:
            return {} if len(above) > 1 else self._structure(property_type.definition, self._empty, above)
        return _EMPTY.get(property_type.format or FieldFormat.ANY, "")

    def _sparsely(self, random: Random) -> Fill:
        def fill(property_type: PropertyType, above: tuple[str, ...]) -> JsonValue:
            if random.random() < 0.5:
                return None
            if property_type.is_list:
                return [self._one(property_type, fill, above) for _ in range(random.randint(0, 3))]
            return self._one(property_type, fill, above)

        return fill

    def _one(self, property_type: PropertyType, fill: Fill, above: tuple[str, ...]) -> JsonValue:
        if property_type.definition is not None:
            return self._structure(property_type.definition, fill, above)
        return next(self._values[property_type.format or FieldFormat.ANY])
