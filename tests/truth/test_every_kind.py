"""Every built-in kind, with as many fields as validation allows, has the API server's values in the answer."""

import pytest
from graphql import GraphQLSchema

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.masking.masking import STANDARD
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.truth.conftest import Truth
from tests.truth.differences import answer_of, differences, written_fields
from tests.truth.documents import FullAnswer, full_document, read_answer
from tests.truth.unwritten import UNWRITTEN

pytestmark = pytest.mark.controlplane

_ATTEMPTS = 5


@pytest.mark.parametrize("kind", BUILT_IN, ids=str)
async def test_every_field_of_a_list_and_of_an_object_is_as_the_server_has_it(
    filled: Truth, ask: Asking, schema: GraphQLSchema, kind: Kind
) -> None:
    document = full_document(filled.openapi, schema, kind)

    objects, found = await _read_unchanged(filled, ask, kind, document=document)

    definition = filled.openapi.of_kind(kind)
    expected = [answer_of(filled.openapi, definition, STANDARD.masked(kind, item)) for item in objects]
    assert expected, "an object of every kind is written"
    assert list(differences(expected, found.all)) == []
    assert list(differences(expected[-1], found.one)) == []


async def test_every_field_was_written_but_for_those_that_no_server_takes(filled: Truth) -> None:
    type_names = dict(filled.openapi.pairs(built_in_structures()))

    written = {
        (type_names[definition], key)
        for kind in BUILT_IN
        for item in await filled.objects(kind)
        for definition, key in written_fields(filled.openapi, filled.openapi.of_kind(kind), item)
    }

    known = {(name, key) for definition, name in type_names.items() for key in filled.openapi.properties(definition)}
    assert sorted(f"{name}.{key}" for name, key in known - written) == sorted(UNWRITTEN)


async def _read_unchanged(
    truth: Truth, ask: Asking, kind: Kind, *, document: str
) -> tuple[list[JsonObject], FullAnswer]:
    """Returns the server's objects and the answer, at a moment without changes between the two."""
    for _attempt in range(_ATTEMPTS):
        objects = sorted(await truth.objects(kind), key=_place)
        last = _metadata(objects[-1])
        variables = {"cluster": truth.cluster.name, "name": last["name"]}
        answer = await ask(document, variables | ({"namespace": last["namespace"]} if kind.namespaced else {}))
        if objects == sorted(await truth.objects(kind), key=_place):
            return objects, read_answer(answer)
    raise AssertionError(f"{kind} changed all the time")


def _place(item: JsonObject) -> tuple[str, str]:
    metadata = _metadata(item)
    return str(metadata.get("namespace", "")), str(metadata["name"])


def _metadata(item: JsonObject) -> JsonObject:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return metadata
