"""A snapshot of all objects of an API server has the server's values in the answer: every kind, every field."""

from dataclasses import dataclass

import pytest
from graphql import GraphQLSchema

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.masking.masking import STANDARD
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of
from tests.truth.conftest import Truth
from tests.truth.differences import answer_of, differences
from tests.truth.documents import full_document, read_answer

pytestmark = pytest.mark.controlplane

NAME = "snapshot"


@dataclass(frozen=True)
class Snapshot:
    """The objects at one moment, and the queries to a snapshot of them."""

    objects: dict[Kind, list[JsonObject]]
    ask: Asking


@pytest.fixture(scope="module")
async def snapshot(filled: Truth, engine: Engine) -> Snapshot:
    objects = {kind: sorted(await filled.objects(kind), key=_place) for kind in BUILT_IN}
    content = StaticContent([item for items in objects.values() for item in items])
    return Snapshot(objects, Asking(engine, fleet_of([SnapshotSender(NAME, SnapshotApi(content))])))


@pytest.mark.parametrize("kind", BUILT_IN, ids=str)
async def test_every_field_of_a_list_and_of_an_object_is_as_the_server_had_it(
    filled: Truth, snapshot: Snapshot, schema: GraphQLSchema, kind: Kind
) -> None:
    objects = snapshot.objects[kind]
    assert objects, "an object of every kind is written"
    namespace, name = _place(objects[-1])
    variables = {"cluster": NAME, "name": name} | ({"namespace": namespace} if kind.namespaced else {})

    found = read_answer(await snapshot.ask(full_document(filled.openapi, schema, kind), variables))

    definition = filled.openapi.of_kind(kind)
    expected = [answer_of(filled.openapi, definition, STANDARD.masked(kind, item)) for item in objects]
    assert list(differences(expected, found.all)) == []
    assert list(differences(expected[-1], found.one)) == []


def _place(item: JsonObject) -> tuple[str, str]:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return str(metadata.get("namespace", "")), str(metadata["name"])
