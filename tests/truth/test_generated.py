"""Generated JSON, valid or not, passes unchanged through the reader and the engine, except for masked values."""

import pytest
from graphql import GraphQLSchema

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.masking.masking import STANDARD
from tests.controlplane.json_object import JsonObject
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender
from tests.truth.conftest import Truth
from tests.truth.differences import answer_of, differences, written_fields
from tests.truth.documents import full_document, read_answer
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
    place = {"namespace": "n"} if kind.namespaced else {}
    found = read_answer(await asking(document, {"cluster": "made", "name": "g-0", **place}))
    definition = truth.openapi.of_kind(kind)
    shown = [STANDARD.masked(kind, item) for item in objects]
    in_order = sorted(shown, key=_by_namespace_and_name if kind.namespaced else _by_name)
    return [
        *differences([answer_of(truth.openapi, definition, item) for item in in_order], found.all),
        *differences(answer_of(truth.openapi, definition, shown[0]), found.one),
    ]


def _by_namespace_and_name(item: JsonObject) -> tuple[str, ...]:
    return f"{_metadata(item)['namespace']}/", str(_metadata(item)["name"])


def _by_name(item: JsonObject) -> tuple[str, ...]:
    return (str(_metadata(item)["name"]),)


def _metadata(item: JsonObject) -> JsonObject:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return metadata
