"""A snapshot by the command gives the same answers as its original, a real API server."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from random import Random
from typing import Any

import pytest
from graphql import GraphQLSchema
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from graph.answer import Answer
from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN, POD
from k8s.kinds.kind import Kind
from resolvers.arguments.globalids import object_id
from resolvers.names import list_name
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.comparison import data_text, seen_errors
from tests.graph.documents import DocumentWriter, Places
from tests.graph.fleets import FAR, Asking
from tests.truth.conftest import Truth
from tests.truth.documents import full_document, read_answer
from tests.truth.snapshotting import Both, both

pytestmark = pytest.mark.controlplane

PREFIX = "snapcmd"
NODE_NAME = f"{PREFIX}-node-001"
NAMESPACES = (f"{PREFIX}-000", f"{PREFIX}-001", "truth", "none")
QUESTIONS = (
    "{ pods { totalCount nodes { id namespace name reason restarts ready node { name internalIP roles } "
    "deployment { name replicas { ready desired } } replicaSet { name } } clusters { status error { code } } } }",
    "{ nodes { nodes { name ready pods { totalCount nodes { name deployment { name } } } } } }",
    "{ deployments(first: 3) { nodes { name pods(first: 2) { nodes { name } pageInfo { hasNextPage endCursor } } } "
    "pageInfo { hasNextPage endCursor } totalCount } }",
    '{ pods(labelSelector: "tier=backend,app.kubernetes.io/name") { totalCount nodes { name metadata { labels } } } }',
    f'{{ pods(fieldSelector: "spec.nodeName={NODE_NAME},status.phase!=Pending") {{ nodes {{ name }} }} }}',
    f'{{ pods(namespaces: ["{NAMESPACES[0]}", "none"]) {{ totalCount nodes {{ name }} }} }}',
    "{ namespaces { nodes { name pods { totalCount } deployments { nodes { name } } } } }",
    "{ clusters { version counts { pods nodes secrets configMaps customResourceDefinitions events } } }",
    '{ pods(where: [{path: "status.phase", op: NE, value: "Running"}], orderBy: [{path: "restarts", direction: DESC}]) '
    "{ nodes { name restarts } } }",
    f'{{ node(cluster: "everything", name: "{NODE_NAME}") {{ name metadata {{ uid resourceVersion }} }} '
    'missing: node(cluster: "everything", name: "gone") { name } }',
    "{ secrets { nodes { name data type } } }",
    '{ pods(fieldSelector: "spec.nope=1") { nodes { name } clusters { status error { code message reason } } } }',
)


@pytest.fixture(scope="module")
async def compared(filled: Truth, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Both]:
    await populate(filled.cluster, FleetSize(namespaces=2, nodes=4, deployments=6, pods=60), prefix=PREFIX)
    async with both(filled.cluster, engine, tmp_path_factory.mktemp("snapshot")) as opened:
        yield opened


@pytest.mark.parametrize("kind", BUILT_IN, ids=str)
async def test_every_field_of_every_kind(filled: Truth, compared: Both, schema: GraphQLSchema, kind: Kind) -> None:
    (last,) = [_metadata(item) for item in (await filled.objects(kind))[-1:]]
    variables = {"cluster": filled.cluster.name, "name": last["name"]}
    variables |= {"namespace": last["namespace"]} if kind.namespaced else {}
    document = full_document(filled.openapi, schema, kind)

    live = read_answer(await compared.live(document, variables))
    snapshot = read_answer(await compared.snapshot(document, variables))

    now, then = _by_place(live.all), _by_place(snapshot.all)
    assert list(then) == list(now)
    changed = [place for place in now if _version(now[place]) != _version(then[place])]
    assert kind.plural in CHANGING or not changed, changed
    assert {place: item for place, item in then.items() if place not in changed} == {
        place: item for place, item in now.items() if place not in changed
    }
    if not changed:
        assert snapshot.one == live.one


@pytest.mark.parametrize("question", QUESTIONS)
async def test_links_selectors_counts_pages_and_single_forms(compared: Both, question: str) -> None:
    live, snapshot = await compared.live(question), await compared.snapshot(question)

    assert _data(snapshot) == _data(live)
    assert seen_errors(snapshot) == seen_errors(live)


async def test_pages_are_continued_alike(compared: Both) -> None:
    document = (
        "query ($after: String) { pods(first: 17, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }"
    )

    live, snapshot = [await _all_pages(ask, document) for ask in (compared.live, compared.snapshot)]

    assert snapshot == live
    assert len(live) > 3


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(random=st.integers(0, 2**32 - 1).map(Random), fields=st.integers(1, 40))
async def test_any_document(compared: Both, schema: GraphQLSchema, random: Random, fields: int) -> None:
    pods = ("api-000-65f7c0000-0", NODE_NAME, "api-000")
    ids = [object_id("id-everything", POD, NAMESPACES[0], name) for name in pods]
    places = Places(("everything", "unknown"), NAMESPACES, pods, ids, {list_name(kind): str(kind) for kind in BUILT_IN})
    document = DocumentWriter(schema, random, places, fields=fields).write()
    assume(not _CHANGING_NAMES.search(document.query))

    live = await compared.live(document.query, document.variables, limits=FAR)
    snapshot = await compared.snapshot(document.query, document.variables, limits=FAR)

    assert live.executed, live.errors
    assert _data(snapshot) == _data(live)
    assert seen_errors(snapshot) == seen_errors(live)


CHANGING = frozenset({"leases"})
"""Resources that an API server writes by itself, every few seconds."""

_CURSOR = re.compile(r'"(\w*[cC]ursor)": "[^"]*"')
"""Cursors, which have the server's own token with the version of its list and differ at each read."""

_CHANGING_NAMES = re.compile("lease|resourceVersion|viewerCan", re.IGNORECASE)
"""Names of objects and lists that change by themselves, and of permissions, which differ in a read-only snapshot."""


def _data(answer: Answer) -> str:
    return _CURSOR.sub(r'"\1": "..."', data_text(answer))


async def _all_pages(ask: Asking, document: str) -> list[object]:
    pages: list[object] = []
    cursor: object = None
    while not pages or cursor is not None:
        listed = json.loads((await ask(document, {"after": cursor})).to_json())["data"]["pods"]
        cursor = listed["pageInfo"]["endCursor"] if listed["pageInfo"]["hasNextPage"] else None
        pages.append(listed["nodes"])
    return pages


def _by_place(items: Any) -> dict[tuple[str, str], Any]:
    return {(_metadata(item).get("namespace") or "", _metadata(item)["name"]): item for item in items}


def _metadata(item: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata: Mapping[str, Any] = item["metadata"]
    return metadata


def _version(item: Mapping[str, Any]) -> Any:
    return _metadata(item)["resourceVersion"]
