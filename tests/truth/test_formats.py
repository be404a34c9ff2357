"""The types of each field in the tables and the client's models are those of the API server's OpenAPI document."""

import pytest

from k8s.kinds.formats import INT64_FIELDS, QUANTITY_FIELDS
from k8s.kinds.models import built_in_structures, structure_names
from k8s.kinds.structure import GENERIC_OBJECT, FieldFormat
from tests.truth.conftest import Truth
from tests.truth.openapi import PropertyType, graphql_name

pytestmark = pytest.mark.controlplane

_CONSTANTS = {"apiVersion", "kind"}
_STRUCTURES = {name: one for name, one in built_in_structures().items() if name != GENERIC_OBJECT.name}
"""All structures that a server describes."""


def _server_fields(truth: Truth) -> dict[str, PropertyType]:
    """Returns the type of each field of each structure, by `Structure.key`; a kind's own name is not a field."""
    kinds = set(structure_names().values())
    return {
        f"{name}.{key}": leaf
        for definition, name in truth.openapi.pairs(_STRUCTURES)
        for key, leaf in truth.openapi.properties(definition).items()
        if name not in kinds or key not in _CONSTANTS
    }


def test_int64_fields_are_the_servers(truth: Truth) -> None:
    assert {path for path, leaf in _server_fields(truth).items() if leaf.format is FieldFormat.INT64} == INT64_FIELDS


def test_quantity_fields_are_the_servers(truth: Truth) -> None:
    quantities = {FieldFormat.QUANTITY, FieldFormat.QUANTITY_MAP}

    assert {path for path, leaf in _server_fields(truth).items() if leaf.format in quantities} == QUANTITY_FIELDS


def test_every_structure_stands_for_one_definition_of_the_server(truth: Truth) -> None:
    pairs = list(truth.openapi.pairs(_STRUCTURES))

    assert sorted(name for _definition, name in pairs) == sorted(_STRUCTURES)
    assert len({definition for definition, _name in pairs}) == len(pairs)


def test_every_field_has_the_servers_format(truth: Truth) -> None:
    ours = {
        f"{structure.name}.{field.key}": (field.format, field.structure is not None, field.is_list)
        for structure in _STRUCTURES.values()
        for field in structure.fields
    }

    servers = {
        path: (leaf.format, leaf.definition is not None, leaf.is_list) for path, leaf in _server_fields(truth).items()
    }
    assert ours == servers


def test_every_key_has_the_graphql_name_that_the_rule_gives() -> None:
    fields = [field for structure in _STRUCTURES.values() for field in structure.fields]

    assert {field.key: field.name for field in fields} == {field.key: graphql_name(field.key) for field in fields}
