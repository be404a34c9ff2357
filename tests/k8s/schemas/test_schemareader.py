"""Structures of one kind, from all that a schema may say, and from all that none should."""

from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.kinds.structure import Field, FieldFormat
from k8s.schemas.limits import SchemaLimits
from tests.k8s.schemas.schemas import fields_of, read, spec_field

QUANTITY: Final = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|"
    r"([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
INT_OR_STRING: Final = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}
TEXT: Final = {"type": "string"}
META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1"


@pytest.mark.parametrize(
    ("schema", "leaf"),
    [
        (TEXT, FieldFormat.STRING),
        ({"type": "string", "format": "date-time"}, FieldFormat.TIME),
        ({"type": "string", "format": "byte"}, FieldFormat.BYTES),
        ({"type": "string", "format": "quantity"}, FieldFormat.QUANTITY),
        ({"type": "string", "format": "ipv4"}, FieldFormat.STRING),
        ({"type": "string", "enum": ["A", "B"]}, FieldFormat.STRING),
        ({"type": "string", "nullable": True}, FieldFormat.STRING),
        ({"type": ["string", "null"]}, FieldFormat.STRING),
        ({"type": "integer"}, FieldFormat.INT64),
        ({"type": "integer", "format": "int32"}, FieldFormat.INT32),
        ({"type": "integer", "format": "int64"}, FieldFormat.INT64),
        ({"type": "integer", "format": "uint64"}, FieldFormat.INT64),
        ({"type": "number"}, FieldFormat.NUMBER),
        ({"type": "number", "format": "double"}, FieldFormat.NUMBER),
        ({"type": "boolean"}, FieldFormat.BOOLEAN),
        (INT_OR_STRING, FieldFormat.INT_OR_STRING),
        ({"format": "int-or-string", "oneOf": [{"type": "integer"}, TEXT]}, FieldFormat.INT_OR_STRING),
        ({**INT_OR_STRING, "pattern": QUANTITY}, FieldFormat.QUANTITY),
        ({**INT_OR_STRING, "pattern": "^a"}, FieldFormat.INT_OR_STRING),
        ({"type": "object"}, FieldFormat.ANY),
        ({"type": "object", "properties": {}}, FieldFormat.ANY),
        ({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, FieldFormat.ANY),
        ({"type": "object", "additionalProperties": TEXT}, FieldFormat.STRING_MAP),
        ({"type": "object", "additionalProperties": {"type": "string", "nullable": True}}, FieldFormat.STRING_MAP),
        ({"type": "object", "additionalProperties": {"type": "string", "format": "byte"}}, FieldFormat.STRING_MAP),
        ({"type": "object", "additionalProperties": {**INT_OR_STRING, "pattern": QUANTITY}}, FieldFormat.QUANTITY_MAP),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, FieldFormat.ANY),
        ({"type": "object", "additionalProperties": {"type": "object", "properties": {"a": TEXT}}}, FieldFormat.ANY),
        ({"type": "object", "additionalProperties": True}, FieldFormat.ANY),
        ({}, FieldFormat.ANY),
        ({"type": "nonsense"}, FieldFormat.ANY),
        ({"type": 7, "format": [], "properties": 1, "enum": {}, "items": "x"}, FieldFormat.ANY),
        (None, FieldFormat.ANY),
        ([], FieldFormat.ANY),
        ({"$ref": "#/components/schemas/missing"}, FieldFormat.ANY),
        ({"$ref": "https://elsewhere/schema"}, FieldFormat.ANY),
        ({"$ref": 1}, FieldFormat.ANY),
    ],
)
def test_a_leaf(schema: object, leaf: FieldFormat) -> None:
    field = spec_field(schema)

    assert (field.format, field.structure, field.is_list, field.is_required) == (leaf, None, False, False)


@pytest.mark.parametrize(
    ("items", "leaf"),
    [
        (TEXT, FieldFormat.STRING),
        ({"type": "integer", "format": "int32"}, FieldFormat.INT32),
        ({"type": "array", "items": TEXT}, FieldFormat.ANY),
        ({"type": "string", "nullable": True}, FieldFormat.ANY),
        (None, FieldFormat.ANY),
    ],
)
def test_a_list_of_leaves(items: object, leaf: FieldFormat) -> None:
    field = spec_field({"type": "array", "items": items, "x-kubernetes-list-type": "set"})

    assert (field.format, field.is_list) == (leaf, True)


def test_known_fields_are_typed_also_where_others_are_allowed() -> None:
    schema = {"type": "object", "properties": {"a": TEXT}, "x-kubernetes-preserve-unknown-fields": True}

    structures, problems = read(schema)

    assert fields_of(structures, "1") == {"a": Field("a", "", format=FieldFormat.STRING)}
    assert structures[1].description == "It may have more fields: `fields(path:)` of the object shows them."
    assert problems == ()


def test_a_list_of_objects_with_keys_is_a_list_of_structures() -> None:
    items = {"type": "object", "properties": {"name": TEXT}}
    field = spec_field({"type": "array", "items": items, "x-kubernetes-list-map-keys": ["name"]})

    assert (field.structure, field.is_list) == ("1", True)


def test_an_embedded_resource_has_the_metadata_of_kubernetes() -> None:
    schema = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "properties": {"metadata": {"type": "object"}, "spec": {"type": "object", "properties": {"a": TEXT}}},
    }

    structures, _ = read(schema)
    embedded = fields_of(structures, fields_of(structures, "0")["spec"].structure or "")

    assert {key: (field.format, field.structure) for key, field in embedded.items()} == {
        "apiVersion": (FieldFormat.STRING, None),
        "kind": (FieldFormat.STRING, None),
        "metadata": (None, "ObjectMeta"),
        "spec": (None, "1"),
    }


def test_an_embedded_resource_without_known_fields_is_json() -> None:
    schema = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {"apiVersion": TEXT, "kind": TEXT, "metadata": {"type": "object"}},
    }

    assert spec_field(schema).format is FieldFormat.ANY


def test_the_object_has_its_metadata_and_not_its_type() -> None:
    structures, _ = read({"type": "object"})

    assert structures[0].fields == (
        Field("metadata", "", structure="ObjectMeta", is_required=True),
        Field("spec", "", format=FieldFormat.ANY),
    )


def test_the_known_values_of_an_enum_are_in_its_description() -> None:
    many = [f"v{number}" for number in range(30)]

    assert spec_field({"type": "string", "description": "A phase.", "enum": ["A", "B", None, 3]}).description == (
        "A phase. Known values: A and B."
    )
    assert spec_field({"type": "array", "items": {"type": "string", "enum": ["A"]}}).description == "Known values: A."
    assert spec_field({"type": "string", "enum": many}).description.endswith(", v18, v19 and others.")
    assert spec_field({"type": "string", "enum": ["x" * 1000]}).description == ""


def test_descriptions_are_short_lines_without_control_characters() -> None:
    limits = SchemaLimits(description_characters=20)
    structures, _ = read({"type": "string", "description": "a \n b\x00\x1b[31m" + "c" * 2**20}, limits=limits)

    assert fields_of(structures, "0")["spec"].description == "a b [31mccccccccc..."


def test_a_reference_is_the_schema_of_its_name_with_a_text_of_its_own() -> None:
    components = {"Spec": {"type": "object", "description": "By name.", "properties": {"a": TEXT}}}

    for reference in (
        {"$ref": "#/components/schemas/Spec"},
        {"allOf": [{"$ref": "#/components/schemas/Spec"}], "default": {}},
    ):
        assert spec_field(reference, components=components).structure == "1"
        assert spec_field(reference, components=components).description == "By name."
        assert spec_field({**reference, "description": "Own."}, components=components).description == "Own."


@pytest.mark.parametrize(
    ("name", "leaf"),
    [
        ("io.k8s.apimachinery.pkg.api.resource.Quantity", FieldFormat.QUANTITY),
        ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", FieldFormat.INT_OR_STRING),
        (f"{META}.Time", FieldFormat.TIME),
        (f"{META}.MicroTime", FieldFormat.TIME),
    ],
)
def test_types_of_kubernetes_are_known_by_name(name: str, leaf: FieldFormat) -> None:
    reference = {"$ref": f"#/components/schemas/{name}"}
    components = {name: {"type": "string"}}

    assert spec_field(reference, components=components).format is leaf
    assert spec_field({"type": "array", "items": reference}, components=components).format is leaf


def test_a_map_of_named_quantities_is_a_map_of_quantities() -> None:
    name = "io.k8s.apimachinery.pkg.api.resource.Quantity"
    schema = {"type": "object", "additionalProperties": {"$ref": f"#/components/schemas/{name}"}}

    assert spec_field(schema, components={name: {"type": "string"}}).format is FieldFormat.QUANTITY_MAP


def test_a_schema_that_contains_itself_by_name_is_a_structure_that_does() -> None:
    reference = {"$ref": "#/components/schemas/JSONSchemaProps"}
    components = {
        "JSONSchemaProps": {
            "properties": {"$ref": TEXT, "not": reference, "allOf": {"type": "array", "items": reference}}
        }
    }

    structures, problems = read(reference, components=components)

    assert {key: (field.structure, field.is_list) for key, field in fields_of(structures, "1").items()} == {
        "$ref": (None, False),
        "allOf": ("1", True),
        "not": ("1", False),
    }
    assert problems == ()


@pytest.mark.parametrize(
    "schema", [{"$ref": "#/components/schemas/A"}, {"allOf": [{"$ref": "#/components/schemas/A"}]}]
)
def test_names_that_lead_to_each_other_without_end_are_json(schema: object) -> None:
    components = {"A": {"$ref": "#/components/schemas/B"}, "B": {"allOf": [{"$ref": "#/components/schemas/A"}]}}

    assert spec_field(schema, components=components).format is FieldFormat.ANY


def test_a_structure_of_nothing_but_itself_without_a_usable_name_is_json() -> None:
    reference = {"$ref": "#/components/schemas/A"}
    structures, problems = read(reference, components={"A": {"properties": {"a.b": reference}}})

    assert fields_of(structures, "0")["spec"].format is FieldFormat.ANY
    assert problems == ("spec.a.b has no name in GraphQL.",)


@pytest.mark.parametrize("nested", ["object", "array"])
@pytest.mark.parametrize("levels", [200, 5000])
def test_deep_levels_are_json(nested: str, levels: int) -> None:
    opening = '{"type":"object","properties":{"a":' if nested == "object" else '{"type":"array","items":'
    text = opening * levels + '{"type":"string"}' + ("}}" if nested == "object" else "}") * levels

    structures, problems = read(msgspec.Raw(text.encode()))

    assert len(structures) <= 65
    assert len(problems) == 1
    deep, deepest = (
        " is deeper than 64 levels (FLEETGRAPH_MAX_SCHEMA_DEPTH).",
        "its schema is nested too deeply to be read.",
    )
    assert problems[0].endswith(deep if levels == 200 else deepest)


@pytest.mark.parametrize("nested", ["object", "array"])
def test_the_deepest_schema_that_a_setting_allows_is_read(nested: str) -> None:
    deepest = 100  # of FLEETGRAPH_MAX_SCHEMA_DEPTH
    opening = '{"type":"object","properties":{"a":' if nested == "object" else '{"type":"array","items":'
    text = opening * 120 + '{"type":"string"}' + ("}}" if nested == "object" else "}") * 120

    structures, problems = read(msgspec.Raw(text.encode()), limits=SchemaLimits(depth=deepest))

    assert len(structures) == (101 if nested == "object" else 1)
    assert problems[0].endswith(" is deeper than 100 levels (FLEETGRAPH_MAX_SCHEMA_DEPTH).")


def test_a_description_of_a_megabyte_is_cut_and_named() -> None:
    structures, problems = read({"type": "string", "description": "c" * 2**20})

    assert len(fields_of(structures, "0")["spec"].description) == 1000
    assert problems == (
        "spec has a description of 1048576 characters, cut after 1000 (FLEETGRAPH_MAX_DESCRIPTION_CHARACTERS).",
    )


def test_structures_with_the_same_content_are_one() -> None:
    first = {"type": "object", "description": "First.", "properties": {"a": TEXT, "b": {"type": "integer"}}}
    second = {"type": "object", "description": "Second.", "properties": {"b": {"type": "integer"}, "a": TEXT}}
    other = {"type": "object", "properties": {"a": {"type": "string", "description": "Another."}}}

    structures, _ = read({"type": "object", "properties": {"x": first, "y": second, "z": other}})
    spec = fields_of(structures, fields_of(structures, "0")["spec"].structure or "")

    assert spec["x"].structure == spec["y"].structure != spec["z"].structure
    assert [spec[key].description for key in "xy"] == ["First.", "Second."]


def test_too_many_fields_are_json() -> None:
    properties = {f"f{number}": TEXT for number in range(11)}

    structures, problems = read({"type": "object", "properties": properties}, limits=SchemaLimits(fields=10))

    assert fields_of(structures, "0")["spec"].format is FieldFormat.ANY
    assert problems == ("spec has 11 fields; the limit is 10 (FLEETGRAPH_MAX_SCHEMA_FIELDS).",)


def test_problems_are_counted_after_the_tenth() -> None:
    _, problems = read({"type": "object", "properties": {f"a.{number}": TEXT for number in range(15)}})

    assert len(problems) == 11
    assert problems[-1] == "other fields without a type: 5."


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "type",
                        "format",
                        "properties",
                        "items",
                        "additionalProperties",
                        "$ref",
                        "allOf",
                        "enum",
                        "nullable",
                    ),
                    *("description", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "pattern"),
                    "x-kubernetes-preserve-unknown-fields",
                ]
            )
            | st.text(max_size=5),
            inner | st.sampled_from(["object", "array", "string", "integer", "#/components/schemas/Own", True]),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(JSON_VALUES)
def test_no_schema_is_an_error(schema: object) -> None:
    structures, _ = read(schema, components={"Own": schema})

    for structure in structures:
        assert len({field.attribute for field in structure.fields}) == len(structure.fields)
        for field in structure.fields:
            assert (field.format is None) != (field.structure is None)
            assert field.structure is None or field.structure == "ObjectMeta" or structures[int(field.structure)].fields
