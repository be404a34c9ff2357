"""What validation keeps apart: generated JSON passes through the reader and the engine as it is."""

import json
from collections.abc import Sequence

import pytest
from graphql import GraphQLSchema

from graph.engine import Engine
from k8s import kinds
from k8s.kind import Kind
from k8s.kinds import BUILT_IN
from k8s.models import built_in_structures
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender
from tests.truth.conftest import Truth
from tests.truth.differences import answer_of, differences, written_fields
from tests.truth.documents import TYPE_NAME, full_document
from tests.truth.generated import Generator

pytestmark = pytest.mark.controlplane

_SHAPED = (kinds.POD, kinds.NODE, kinds.SECRET, kinds.STATEFUL_SET, kinds.CUSTOM_RESOURCE_DEFINITION)


@pytest.mark.parametrize("kind", BUILT_IN, ids=str)
async def test_every_generated_value_is_answered_as_it_is(
    truth: Truth, engine: Engine, schema: GraphQLSchema, kind: Kind
) -> None:
    document = full_document(truth.openapi, schema, kind)

    assert await _differences(truth, engine, kind, document=document) == []


@pytest.mark.parametrize("kind", _SHAPED, ids=str)
async def test_every_generated_value_is_answered_where_none_can_be_sent_as_decoded(
    truth: Truth, engine: Engine, schema: GraphQLSchema, kind: Kind
) -> None:
    document = full_document(truth.openapi, schema, kind, names_types=True)

    assert await _differences(truth, engine, kind, document=document) == []


def test_the_generator_writes_every_field(truth: Truth) -> None:
    written = {
        field
        for kind in BUILT_IN
        for item in Generator(truth.openapi).objects(kind)[:1]
        for field in written_fields(truth.openapi, truth.openapi.of_kind(kind), item)
    }

    assert written == {
        (definition, key)
        for definition, _name in truth.openapi.pairs(built_in_structures())
        for key in truth.openapi.properties(definition)
    }


async def _differences(truth: Truth, engine: Engine, kind: Kind, *, document: str) -> list[str]:
    objects = [*Generator(truth.openapi).objects(kind), *MadeObjects(seed=1)(kind)]
    asking = Asking(engine, fleet_of([ObjectsSender("made", lambda _kind: objects)]))
    namespace = "n" if kind.namespaced else ""
    variables = {"cluster": "made", "name": "g-0"} | ({"namespace": namespace} if kind.namespaced else {})
    answer = json.loads((await asking(document, variables)).to_json())
    assert "errors" not in answer
    found = _without_type_names(answer["data"])
    assert isinstance(found, dict)
    definition = truth.openapi.of_kind(kind)
    expected = _by_place([answer_of(truth.openapi, definition, item) for item in objects])
    return [
        *differences(expected, _by_place(found["all"]["nodes"])),
        *differences(expected[namespace, "g-0"], found["one"]),
    ]


def _by_place(items: Sequence[JsonValue]) -> dict[tuple[str, str], JsonValue]:
    places: dict[tuple[str, str], JsonValue] = {}
    for item in items:
        assert isinstance(item, dict)
        metadata = item["metadata"]
        assert isinstance(metadata, dict)
        places[str(metadata["namespace"] or ""), str(metadata["name"])] = item
    return places


def _without_type_names(value: JsonValue) -> JsonValue:
    """An answer without what the document asked for beyond the fields."""
    if isinstance(value, dict):
        return {key: _without_type_names(each) for key, each in value.items() if key != TYPE_NAME}
    if isinstance(value, list):
        return [_without_type_names(each) for each in value]
    return value
