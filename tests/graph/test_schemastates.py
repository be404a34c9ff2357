"""One schema for each set of custom kinds: who shares it, when it follows, and what it never shows."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import cast

import pytest
from graphql import DocumentNode, GraphQLSchema, parse
from structlog.testing import capture_logs

from graph import schemastates
from graph.answer import Answer
from graph.document.documents import InvalidDocument
from graph.document.plaindocuments import is_plain
from graph.engine import Engine
from graph.request import GraphqlRequest
from graph.schema.customcatalogue import CustomCatalogue, CustomTypes
from graph.schema.definitions import definitions_of
from graph.schemastate import SchemaState, SchemaStateBuilder
from k8s.kinds.kind import Kind
from k8s.turns.activity import activity_of_loop
from resolvers.arguments.globalids import object_id
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet import servedkinds
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.operation.operation import Operation
from tests.graph.bodies import NAMES, NAMESPACES
from tests.graph.customtypes import GADGET, GIZMO, KINDS, WIDGET, MadeSource, custom_sender, open_source
from tests.graph.fleets import CURSOR_KEY, cluster_of

ONE, TWO, THREE = (cluster_of(custom_sender(name, 1, *KINDS)) for name in ("one", "two", "three"))
TYPES = "{ __schema { types { name } queryType { fields { name } } } }"
SDL = "{ _service { sdl } }"


@dataclass
class FleetOfCallers:
    """A fleet in which each caller sees some clusters."""

    seen: dict[str, tuple[FleetCluster, ...]]

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters of a caller."""
        return self.seen[caller.name]


@dataclass
class Server:
    """An engine over a fleet of callers."""

    engine: Engine
    fleet: FleetOfCallers

    def operation(self, caller: str) -> Operation:
        """Returns an operation of a caller."""
        return Operation(cast(Fleet, self.fleet), caller=replace(OPERATOR, name=caller), cursor_key=CURSOR_KEY)

    async def ask(self, caller: str, query: str, variables: Mapping[str, object] | None = None) -> Answer:
        """Returns the answer to a caller."""
        return await self.engine.execute(GraphqlRequest(query, variables), self.operation(caller))

    async def data(self, caller: str, query: str, variables: Mapping[str, object] | None = None) -> object:
        """Returns the data of an answer without errors."""
        answer = await self.ask(caller, query, variables)
        assert answer.errors == []
        return answer.to_builtins()["data"]


@cache
def _built_in() -> GraphQLSchema:
    """Returns the schema of the built-in kinds, which takes most of the time that an engine takes."""
    return Engine().schema


class SharingBuilder(SchemaStateBuilder):
    """Builds states beside the built-in schema of all tests."""

    def built_in(self) -> SchemaState:
        """Returns the state of the built-in kinds."""
        return self._ready(_built_in())


class SharingEngine(Engine):
    """An engine that shares the built-in schema with those of other tests."""

    builder_class = SharingBuilder


async def until(holds: Callable[[], bool]) -> None:
    """Waits until a condition holds."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0)


def server(source: MadeSource, most: int = 16, **seen: Sequence[FleetCluster]) -> Server:
    fleet = FleetOfCallers({caller: tuple(clusters) for caller, clusters in seen.items()})
    return Server(SharingEngine(types=source, most_schemas=most), fleet)


@pytest.fixture(scope="module")
def shared() -> Server:
    """Returns a server of two callers: `ann` sees the first cluster, `bob` both others."""
    source = open_source({"one": (WIDGET,), "two": (GIZMO,)})
    return server(source, ann=(ONE,), bob=(TWO, THREE), eve=(THREE,), all=(ONE, TWO))


async def test_a_caller_sees_the_kinds_of_its_own_clusters_only(shared: Server) -> None:
    for query in (TYPES, SDL):
        ann, bob, eve = [json.dumps(await shared.data(caller, query)) for caller in ("ann", "bob", "eve")]

        assert "AcmeWidget" in ann
        assert "acmeWidgets" in ann
        assert not any(word in ann.lower() for word in ("gizmo", "gadget"))
        assert "OtherGizmo" in bob
        assert not any(word in bob.lower() for word in ("acmewidget", "gadget"))
        assert not any(word in eve.lower() for word in ("gizmo", "acmewidget", "gadget"))


async def test_a_document_of_the_operator_may_name_kinds_of_other_callers(shared: Server) -> None:
    query = "{ acmeWidgets(first: 1) { totalCount } otherGizmos { totalCount } }"

    persisted = await shared.engine.execute(GraphqlRequest(query, is_persisted=True), shared.operation("ann"))
    sent = await shared.engine.execute(GraphqlRequest(query), shared.operation("ann"))

    assert set(cast(dict[str, object], persisted.to_builtins()["data"])) == {"acmeWidgets", "otherGizmos"}
    assert [error["message"] for error in sent.errors] == ["Cannot query field 'otherGizmos' on type 'Query'."]


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("query($of: String!) { namespaces(where: {path: $of, op: EXISTS}) { totalCount } }", "otherGizmos.name"),
        ("query($of: String!) { namespaces(where: {path: $of, op: EXISTS}) { totalCount } }", "otherGizmoz.name"),
        ("query($of: [_Any!]!) { _entities(representations: $of) { __typename } }", "OtherGizmo"),
        ("query($of: ID!) { object(id: $of) { name } }", object_id("id-one", GIZMO, None, "a")),
    ],
)
async def test_no_variable_of_a_document_of_the_operator_finds_a_hidden_kind(
    shared: Server, query: str, value: str
) -> None:
    variables = {"of": [{"__typename": value, "id": "x"}] if "_Any" in query else value}
    for name in ("bob", "all"):
        await shared.data(name, TYPES)  # the schemas with it are built

    persisted, sent = [
        await shared.engine.execute(GraphqlRequest(query, variables, is_persisted=kind), shared.operation("ann"))
        for kind in (True, False)
    ]

    assert persisted.to_builtins() == sent.to_builtins()


async def test_a_document_of_the_operator_finds_those_hidden_kinds_only_that_it_names() -> None:
    """Checks that variables of a document with a hidden kind are answered as if no other one existed."""
    source = open_source({"one": (WIDGET,), "two": (GIZMO,), "three": (GADGET,)})
    asked = server(source, ann=(ONE,), all=(ONE, TWO, THREE))
    await asked.data("all", "{ acmeGadgets { totalCount } }")
    path = (
        "query($of: String!) { otherGizmos { totalCount } namespaces(where: {path: $of, op: EXISTS}) { totalCount } }"
    )
    entity = "query($of: [_Any!]!) { otherGizmos { totalCount } _entities(representations: $of) { __typename } }"
    one = "query($of: ID!) { otherGizmos { totalCount } object(id: $of) { kind } }"

    async def answer(query: str, value: object) -> str:
        request = GraphqlRequest(query, {"of": value}, is_persisted=True)
        return json.dumps((await asked.engine.execute(request, asked.operation("ann"))).to_builtins())

    for query, value in (
        (path, "acmeGadgets.name"),
        (path, "clusters.acmeGadgets.name"),
        (entity, [{"__typename": "AcmeGadget", "id": "x"}]),
    ):
        absent = json.loads(json.dumps(value).replace("Gadget", "Gadgex"))
        assert (await answer(query, value)).replace("Gadget", "Gadgex") == await answer(query, absent)
    assert "AcmeGadget" not in await answer(one, object_id("id-one", GADGET, None, "a"))
    named = json.loads(await answer("{ otherGizmos(first: 1) { totalCount nodes { name } } }", None))
    assert "errors" not in named or "OtherGizmo" not in json.dumps(named["errors"])
    assert [sorted(one.name for one in cast(frozenset[Kind], key)) for key in source.asked] == [
        ["Gadget", "Gizmo", "Widget"],
        ["Widget"],
        ["Gizmo", "Widget"],
    ]


async def test_a_document_of_the_operator_makes_only_the_types_that_it_needs() -> None:
    asked = server(open_source({"one": (WIDGET,), "two": (GIZMO,)}), ann=(ONE,), all=(ONE, TWO))
    request = GraphqlRequest("{ otherGizmos(first: 1) { totalCount } }", is_persisted=True)

    await asked.engine.execute(request, asked.operation("ann"))

    states = asked.engine.schemas._states
    for state in [cast(SchemaState, states.find(key)) for key in states.all_keys()]:
        catalogue = definitions_of(state.schema).catalogue
        assert isinstance(catalogue, CustomCatalogue)
        assert {*catalogue._made} & {*catalogue.names} <= {"OtherGizmo"}


async def test_an_invalid_document_of_the_operator_has_the_callers_own_errors(shared: Server) -> None:
    query = "{ otherGizmos { totalCount nonsense } }"

    answer = await shared.engine.execute(GraphqlRequest(query, is_persisted=True), shared.operation("ann"))

    assert [error["message"] for error in answer.errors] == ["Cannot query field 'otherGizmos' on type 'Query'."]


@pytest.mark.parametrize(
    ("query", "hidden"),
    [
        ("$of: String!) { namespaces(where: {path: $of, op: EXISTS}) { totalCount }", "otherGizmos.name"),
        ("$of: String!) { namespaces(where: {path: $of, op: EXISTS}) { totalCount }", "otherGizmoz.name"),
        ("$of: String!) { namespaces(orderBy: {path: $of}) { totalCount }", "otherGizmos.name"),
        ("$of: String!) { namespaces { groups(by: [$of]) { count } }", "otherGizmos.name"),
        ("$of: [_Any!]!) { _entities(representations: $of) { __typename }", "OtherGizmo"),
        ("$of: ID!) { object(id: $of) { name }", "Gizmo"),
    ],
)
async def test_a_document_of_other_kinds_finds_no_further_ones_by_its_variables(query: str, hidden: str) -> None:
    one, two, three = (
        cluster_of(custom_sender(*of)) for of in (("one", 1, WIDGET), ("two", 1, GIZMO), ("three", 1, GADGET))
    )
    asked = server(
        open_source({"one": (WIDGET,), "two": (GIZMO,), "three": (GADGET,)}), ann=(one,), all=(one, two, three)
    )
    await asked.data("all", TYPES)  # the schema with all kinds is built
    answers = []
    for name in (hidden, hidden.replace("izmo", "izma")):
        value: object = name
        if "_Any" in query:
            value = [{"__typename": name, "id": "x"}]
        elif "ID!" in query:
            value = object_id("id-one", Kind("other.com", "v1", name, "any"), NAMESPACES[0], NAMES[0])
        request = GraphqlRequest(f"query({query} acmeGadgets {{ totalCount }} }}", {"of": value}, is_persisted=True)
        answers.append(json.dumps((await asked.engine.execute(request, asked.operation("ann"))).to_builtins()))

    assert "acmeGadgets" in answers[0] or '"data": null' in answers[0]
    assert answers[0].replace("izmo", "izma") == answers[1]


async def test_a_path_of_a_document_of_other_kinds_costs_what_its_caller_sees() -> None:
    one, two, three = (
        cluster_of(custom_sender(*of)) for of in (("one", 1, WIDGET), ("two", 1, GIZMO), ("three", 1, GADGET))
    )
    types = {"one": (WIDGET,), "two": (GIZMO,), "three": (GADGET,)}
    asked = server(open_source(types), ann=(one,), all=(one, two, three))
    query = (
        "query($of: [String!]!) { acmeGadgets { totalCount } clusters { namespaces { groups(by: $of) { count } } } }"
    )
    answers = []
    for name in ("otherGizmos", "otherGizmas", "acmeWidgets"):
        operation = asked.operation("ann")
        operation.limits = replace(operation.limits, expanded_values=50)
        request = GraphqlRequest(query, {"of": [f"{name}.name"]}, is_persisted=True)
        (error, *_) = (await asked.engine.execute(request, operation)).to_builtins()["errors"]
        answers.append(error["extensions"]["code"])

    assert answers == ["BAD_USER_INPUT", "BAD_USER_INPUT", "LIMIT_EXCEEDED"]


async def test_a_document_of_other_kinds_reports_the_kinds_of_the_caller_only() -> None:
    one = cluster_of(custom_sender("one", 1, WIDGET, GADGET))  # it serves gadgets, of which no type was learned
    asked = server(open_source({"one": (WIDGET,), "two": (GIZMO, GADGET)}), ann=(one,))
    query = '{ otherGizmos { totalCount } kinds(group: "acme.com") { nodes { kind typeName } } }'

    answer = await asked.engine.execute(GraphqlRequest(query, is_persisted=True), asked.operation("ann"))

    nodes = [{"kind": "Gadget", "typeName": None}, {"kind": "Widget", "typeName": "AcmeWidget"}]
    assert answer.to_builtins()["data"]["kinds"]["nodes"] == nodes


@pytest.mark.parametrize("query", [TYPES, SDL, '{ __type(name: "OtherGizmo") { fields { name } } }'])
async def test_a_document_of_the_operator_shows_the_callers_own_schema(shared: Server, query: str) -> None:
    answer = await shared.engine.execute(GraphqlRequest(query, is_persisted=True), shared.operation("ann"))

    assert "OtherGizmo" not in json.dumps(answer.to_builtins())


@pytest.mark.parametrize(
    "hidden",
    [
        "{ otherGizmos { totalCount } }",
        '{ otherGizmo(cluster: "two", name: "a") { name } }',
        "{ clusters { otherGizmos { totalCount } } }",
        "{ clusters { counts { otherGizmos } } }",
        "{ namespaces { nodes { otherGizmos { totalCount } } } }",
        '{ __type(name: "OtherGizmo") { name } }',
        '{ object(id: "x") { ... on OtherGizmo { name } } }',
        '{ _entities(representations: [{__typename: "OtherGizmo", id: "x"}]) { __typename } }',
    ],
)
async def test_a_hidden_kind_is_answered_as_an_absent_one(shared: Server, hidden: str) -> None:
    for name in ("bob", "all"):
        await shared.data(name, TYPES)  # the schemas with it are built

    one, other = [
        (await shared.ask("ann", query)).to_builtins() for query in (hidden, hidden.replace("Gizmo", "Gizma"))
    ]

    assert json.dumps(one).replace("Gizmo", "Gizma") == json.dumps(other)


_PLACE = 'namespace: "n-1", name: "a"'


@pytest.mark.parametrize(
    "hidden",
    [
        '{ objects(resource: "gizmos") { totalCount } }',
        '{ objects(resource: "gizmos.v1.other.com") { totalCount } }',
        '{ objects(apiVersion: "other.com/v1", kind: "Gizmo") { totalCount } }',
        f'{{ object(cluster: "one", apiVersion: "other.com/v1", kind: "Gizmo", {_PLACE}) {{ name }} }}',
        f'{{ object(cluster: "two", apiVersion: "other.com/v1", kind: "Gizmo", {_PLACE}) {{ name }} }}',
        '{ clusters { objects(resource: "gizmo") { totalCount } } }',
        '{ acmeWidgets { nodes { owned(kinds: ["Gizmo"]) { name } } } }',
        '{ categories(names: ["gizmos"]) { totalCount } }',
        '{ kinds(group: "gizmo.com") { totalCount nodes { kind } problems { message } } }',
        '{ namespaces(where: {path: "otherGizmos.name", op: EXISTS}) { totalCount } }',
        '{ acmeWidgets(orderBy: {path: "namespaceObject.otherGizmos.name"}) { totalCount } }',
    ],
)
async def test_a_name_of_a_hidden_kind_is_answered_as_an_absent_one(
    hidden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servedkinds, "_LEAST_S", 0.0)  # a name that is not found is looked up again
    one, two = cluster_of(custom_sender("one", 1, WIDGET)), cluster_of(custom_sender("two", 1, GIZMO))
    asked = server(open_source({"one": (WIDGET,), "two": (GIZMO,)}), ann=(one,), all=(one, two))
    await asked.data("all", "{ otherGizmos { totalCount } }")  # its cluster is known, and the schema with it is built

    answers = [
        json.dumps((await asked.ask("ann", query)).to_builtins()) for query in (hidden, hidden.replace("izmo", "izma"))
    ]

    assert answers[0].replace("izmo", "izma") == answers[1]


@pytest.mark.parametrize(
    "near", ["{ otherGizmoz { totalCount } }", '{ object(id: "x") { ... on OtherGizmoz { name } } }']
)
async def test_no_suggestion_is_a_hidden_kind(shared: Server, near: str) -> None:
    seeing, other = [json.dumps((await shared.ask(caller, near)).to_builtins()) for caller in ("bob", "ann")]

    assert "OtherGizmo'" in seeing or "otherGizmos'" in seeing
    assert "OtherGizmo'" not in other
    assert "otherGizmos'" not in other


async def test_an_object_of_a_hidden_kind_is_answered_as_an_absent_one() -> None:
    seen = cluster_of(custom_sender("one", 1, WIDGET))
    asked = server(open_source({"one": (WIDGET,), "two": (GIZMO,)}), ann=(seen,))
    query = "query($id: ID!, $of: [_Any!]!) { object(id: $id) { name } _entities(representations: $of) { __typename } }"
    for cluster in ("id-one", "id-two", "id-none"):
        answers = []
        for kind in (GIZMO, Kind("none.example.com", "v1", "Nothing", "nothings")):
            text = object_id(cluster, kind, NAMESPACES[0], NAMES[0])
            entity = {"__typename": "KubernetesObject", "id": text}
            answer = await asked.ask("ann", query, {"id": text, "of": [entity]})
            answers.append(json.dumps(answer.to_builtins()))

        absent = answers[1].replace("Nothing", "Gizmo").replace("nothings", "gizmos").replace("none.", "other.")
        assert answers[0] == absent.replace("example.com", "com")
        assert '"object": null' in answers[0]


async def test_callers_of_equal_kinds_share_a_schema() -> None:
    source = open_source({"one": (WIDGET,), "two": (WIDGET,)})
    asked = server(source, ann=(ONE,), bob=(TWO, THREE))

    states = [await asked.engine.schemas.of(asked.operation(caller)) for caller in ("ann", "bob", "ann")]

    assert states[0] is states[1] is states[2]
    assert len(source.asked) == 1


async def test_callers_who_come_together_wait_for_one_build() -> None:
    source = MadeSource({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,), bob=(ONE,))
    waiting = [
        asyncio.create_task(asked.data(caller, "{ acmeWidgets { totalCount } }")) for caller in ("ann", "bob") * 5
    ]
    await asyncio.sleep(0)

    source.gate.set()
    answers = await asyncio.gather(*waiting)

    assert all(answer == answers[0] for answer in answers)
    assert len(source.asked) == 1


async def test_builds_are_not_slowed_down_by_those_who_wait_for_them() -> None:
    source = MadeSource({"one": (WIDGET,), "two": (GIZMO,)})
    asked = server(source, ann=(ONE,))
    query = GraphqlRequest("{ otherGizmos(first: 1) { totalCount } }", is_persisted=True)
    waiting = asyncio.create_task(asked.engine.execute(query, asked.operation("ann")))

    counts = list[int]()
    while not waiting.done():
        if len(source.asked) > len(counts):
            await asyncio.sleep(0)
            counts.append(activity_of_loop()._count)
            source.gate.set()
        await asyncio.sleep(0)
        source.gate.clear()

    assert counts == [0, 0]  # the caller's own, and that of all clusters
    assert (await waiting).executed


async def test_a_waiter_that_gives_up_does_not_end_the_build() -> None:
    source = MadeSource({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,), bob=(ONE,))
    waiting = asyncio.create_task(asked.ask("ann", TYPES))
    await until(lambda: bool(source.asked))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    source.gate.set()

    assert await asked.data("bob", "{ acmeWidgets { totalCount } }")
    assert len(source.asked) == 1


async def test_a_caller_has_the_earlier_schema_until_the_new_one_is_built() -> None:
    source = open_source({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,), bob=(ONE, TWO))
    await asked.data("ann", "{ acmeWidgets { totalCount } }")
    source.gate.clear()
    source.serving["one"] = (WIDGET, GADGET)

    assert await asked.data("ann", "{ acmeWidgets { totalCount } }")
    newer = await asked.ask("ann", "{ acmeGadgets { totalCount } }")
    waiting = asyncio.create_task(asked.ask("bob", TYPES))
    await asyncio.sleep(0.01)

    assert "Cannot query field 'acmeGadgets'" in json.dumps(newer.to_builtins())
    assert not waiting.done()  # of these clusters, there was none
    source.gate.set()
    assert (await waiting).errors == []
    answer = await asked.ask("ann", "{ acmeGadgets { clusters { error { code } } } }")
    assert "Cannot query" not in json.dumps(answer.to_builtins())


async def test_a_caller_with_another_cluster_has_the_earlier_schema_until_the_new_one_is_built() -> None:
    source = open_source({"one": (WIDGET,), "two": (GIZMO,)})
    asked = server(source, ann=(ONE,))
    await asked.data("ann", "{ acmeWidgets { totalCount } }")
    source.gate.clear()
    asked.fleet.seen["ann"] = (ONE, TWO)

    await asked.data("ann", "{ acmeWidgets { totalCount } }")
    assert (await asked.ask("ann", "{ otherGizmos { totalCount } }")).errors

    source.gate.set()
    await asked.engine.schemas.of_all((ONE, TWO))
    answer = await asked.ask("ann", "{ otherGizmos { clusters { status } } }")
    assert "Cannot query" not in json.dumps(answer.to_builtins())


async def test_schemas_of_recent_callers_follow_changes_before_anybody_asks() -> None:
    source = open_source({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,))
    await asked.data("ann", "{ acmeWidgets { totalCount } }")
    source.serving["one"] = (WIDGET, GADGET)

    asked.engine.schemas.follow()

    await until(lambda: source.key(("one",)) in source.asked)
    source.gate.clear()  # a build that begins now would not end
    await asyncio.wait_for(asked.engine.schemas.of_all((ONE,)), timeout=30)
    answer = await asked.ask("ann", "{ acmeGadgets { clusters { status } } }")
    assert "Cannot query" not in json.dumps(answer.to_builtins())


async def test_kinds_that_change_faster_than_schemas_are_built_fill_no_queue() -> None:
    source = open_source({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,), bob=(ONE, TWO))
    for caller in ("ann", "bob"):
        await asked.data(caller, "{ acmeWidgets { totalCount } }")
    source.gate.clear()
    source.asked.clear()

    for number in range(20):
        source.serving["one"] = (WIDGET, replace(GADGET, name=f"Gadget{number}", plural=f"gadgets{number}"))
        asked.engine.schemas.follow()
        for caller in ("ann", "bob"):
            await asked.data(caller, "{ acmeWidgets { totalCount } }")
    source.gate.set()
    await until(lambda: not asked.engine.schemas._builds)

    assert [_names(key) for key in source.asked] == ["Gadget0,Widget", "Gadget19,Widget"]
    assert "acmeGadgets19" in json.dumps(await asked.data("ann", TYPES))


async def test_a_caller_whose_types_are_replaced_before_they_are_built_gets_the_latest() -> None:
    source = open_source({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,))
    types, replaced = source.types, [GIZMO, GADGET]

    async def forgetful(key: Hashable) -> CustomTypes:
        if replaced:
            source.serving["one"] = (WIDGET, replaced.pop())
            raise LookupError("Clusters have changed their types several times since.")
        return await types(key)

    source.types = forgetful  # type: ignore[method-assign]  # the types of a busy fleet

    with capture_logs():
        assert "otherGizmos" in json.dumps(await asked.data("ann", TYPES))


async def test_schemas_of_types_that_no_cluster_has_any_more_are_dropped() -> None:
    source = open_source({"one": (WIDGET,), "two": (GIZMO,)})
    asked = server(source, ann=(ONE,), bob=(TWO,))
    for caller in ("ann", "bob"):
        await asked.data(caller, "{ clusters { name } }")
    source.serving["one"] = (GADGET,)

    asked.engine.schemas.follow()
    await until(lambda: not asked.engine.schemas._builds)

    assert sorted(_names(key) for key in asked.engine.schemas._states.all_keys()) == ["Gadget", "Gizmo"]


async def test_a_schema_that_cannot_be_built_does_not_cost_the_earlier_one() -> None:
    source = open_source({"one": (WIDGET,), "two": (GIZMO,)})
    asked = server(source, ann=(ONE,), bob=(TWO,))
    for caller in ("ann", "bob"):
        await asked.data(caller, "{ clusters { name } }")
    source.serving = {"one": (replace(WIDGET, version="v2"),), "two": (GADGET,)}
    source.failure = RuntimeError("a schema that nobody has thought of")

    with capture_logs():
        asked.engine.schemas.follow()
        await until(lambda: not asked.engine.schemas._builds)

    assert await asked.data("ann", "{ acmeWidgets(first: 1) { totalCount } }")
    assert await asked.data("bob", "{ otherGizmos(first: 1) { totalCount } }")


async def test_callers_who_see_the_same_clusters_share_one_set_of_them() -> None:
    asked = server(MadeSource(), 16, **{f"caller{number}": (ONE, TWO) for number in range(500)})
    for number in range(500):
        await asked.engine.schemas.of(asked.operation(f"caller{number}"))

    assert len({id(last.ids) for last in asked.engine.schemas._last.values()}) == 1


@pytest.mark.parametrize(
    "query",
    [
        "{ pods(first: 1) { totalCount nodes { name cluster { name } status { phase } events { totalCount } } } }",
        '{ pod(cluster: "one", namespace: "a", name: "b") { name node { name } } __typename }',
        "query($at: [String!]) { deployments(namespaces: $at) { totalCount } }",
    ],
)
async def test_a_document_that_needs_no_custom_kind_does_not_wait(query: str) -> None:
    source = MadeSource({"one": (WIDGET,)})  # no build ends
    asked = server(source, ann=(ONE,))

    assert set(cast(dict[str, object], await asyncio.wait_for(asked.data("ann", query), 60)))

    await asked.engine.close()


@pytest.mark.parametrize(
    "query",
    [
        TYPES,
        SDL,
        "{ nonsense }",
        "{ acmeWidgets { totalCount } }",
        "{ kinds { nodes { typeName } } }",
        '{ objects(kind: "Widget") { totalCount } }',
        '{ object(id: "x") { name } }',
        "{ pods { nodes { owner { name } } } }",
        "{ pods { nodes { owned { totalCount } } } }",
        "{ pods { nodes { ... on KubernetesObject { name } } } }",
        '{ pods(where: {path: "namespace.name", op: EXISTS}) { totalCount } }',
        '{ pods { groups(by: ["node.name"]) { count } } }',
        "{ pods { nodes { cluster { counts { pods } } } } }",
        "{ clusters { name } }",
        "{ _entities(representations: []) { __typename } }",
        'mutation { grantRole(role: "view") { name } }',
    ],
)
async def test_any_other_document_waits_for_the_schema(shared: Server, query: str) -> None:
    built_in = shared.engine.schemas.built_in

    document = parse(query)
    read = await built_in.documents.read(query)

    assert isinstance(read, InvalidDocument) or not is_plain(built_in.schema, document)


@pytest.mark.parametrize(("spaces", "is_beside"), [(0, False), (3000, True)])
async def test_only_a_long_document_is_looked_through_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, spaces: int, *, is_beside: bool
) -> None:
    threads = list[threading.Thread]()

    def recorded(schema: GraphQLSchema, document: DocumentNode) -> bool:
        threads.append(threading.current_thread())
        return is_plain(schema, document)

    monkeypatch.setattr(schemastates, "is_plain", recorded)
    asked = server(MadeSource({"one": (WIDGET,)}), ann=(ONE,))  # no build ends

    await asked.data("ann", "{ pods(first: 1) { totalCount } }" + " " * spaces)

    assert [thread is not threading.main_thread() for thread in threads] == [is_beside]
    await asked.engine.close()


async def test_nothing_is_built_after_the_end() -> None:
    source = MadeSource({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,))
    await asked.engine.close()

    asked.engine.schemas.follow()

    assert await asked.data("ann", "{ pods { totalCount } }")
    assert source.asked == []


async def test_the_earlier_schema_may_be_the_built_in_one() -> None:
    source = MadeSource()
    asked = server(source, ann=(ONE,))
    await asked.data("ann", "{ pods { totalCount } }")
    source.serving["one"] = (WIDGET,)

    assert await asked.data("ann", "{ pods { totalCount } }")

    await asked.engine.close()


async def test_a_caller_who_loses_a_cluster_never_has_the_earlier_schema() -> None:
    source = open_source({"one": (WIDGET,), "two": (GIZMO,)})
    asked = server(source, ann=(ONE, TWO))
    await asked.data("ann", "{ acmeWidgets { totalCount } otherGizmos { totalCount } }")
    source.gate.clear()
    asked.fleet.seen["ann"] = (ONE,)

    waiting = asyncio.create_task(asked.ask("ann", "{ otherGizmos { totalCount } }"))
    await asyncio.sleep(0.01)

    assert not waiting.done()
    source.gate.set()
    assert "Cannot query field 'otherGizmos'" in json.dumps((await waiting).to_builtins())


async def test_an_operation_keeps_the_schema_with_which_it_began() -> None:
    source = open_source({"one": (WIDGET,)})
    asked = server(source, ann=(ONE,))
    before = await asked.engine.schemas.of(asked.operation("ann"))
    operation = asked.operation("ann")
    task = asyncio.create_task(asked.engine.execute(GraphqlRequest("{ acmeWidgets { nodes { name } } }"), operation))
    await until(lambda: operation.kinds is before.kinds)

    source.serving["one"] = ()
    answer = await task

    assert answer.errors == []
    assert operation.kinds is before.kinds
    assert "acmeWidgets" not in json.dumps(await asked.data("ann", TYPES))


async def test_the_least_recently_used_schema_is_dropped() -> None:
    source = open_source({"one": (WIDGET,), "two": (GIZMO,), "three": (GADGET,)})
    asked = server(source, 2, ann=(ONE,), bob=(TWO,), eve=(THREE,))
    for caller in ("ann", "bob", "ann", "eve", "ann", "bob"):
        await asked.data(caller, "{ clusters { name } }")

    assert list(map(_names, source.asked)) == ["Widget", "Gizmo", "Gadget", "Gizmo"]


async def test_a_schema_that_cannot_be_built_costs_the_custom_kinds_only() -> None:
    source = open_source({"one": (WIDGET,)})
    source.failure = RuntimeError("nonsense")
    asked = server(source, ann=(ONE,))

    with capture_logs() as logs:
        answers = [await asked.data("ann", "{ pods { totalCount } }") for _ in range(3)]

    assert answers[0] == answers[2]
    assert [line["event"] for line in logs] == ["schema_not_built"]  # it is not tried for each request
    assert len(source.asked) == 1


async def test_the_text_of_the_whole_fleet_is_that_of_all_clusters() -> None:
    source = open_source({"one": (WIDGET,), "two": (GIZMO,)})
    engine = SharingEngine(types=source)

    text = await engine.fleet_sdl((ONE, TWO))

    assert "type AcmeWidget implements KubernetesObject" in text
    assert "type OtherGizmo implements KubernetesObject" in text
    assert await engine.fleet_sdl((THREE,)) == engine.sdl
    assert await SharingEngine().fleet_sdl((ONE,)) == engine.sdl


@pytest.mark.parametrize("seed", range(3))
async def test_no_query_fails_while_kinds_come_and_go(seed: int) -> None:
    random, source = Random(seed), open_source({"one": (WIDGET,)})  # noqa: S311  reproducible, not secret
    asked = server(source, 2, ann=(ONE,), bob=(ONE, TWO), eve=(THREE, ONE))
    answers: list[Answer] = []
    is_over = False

    async def load(caller: str) -> None:
        while not is_over:
            answers.append(await asked.ask(caller, "{ acmeWidgets { totalCount } pods(first: 1) { nodes { name } } }"))
            await asyncio.sleep(0)

    loads = [asyncio.create_task(load(caller)) for caller in ("ann", "bob", "eve")]
    async for _ in _changes(random, source, 10):
        before = len(answers)
        await until(lambda before=before: len(answers) >= before + 3 and not asked.engine.schemas._builds)  # type: ignore[misc]  # a default value
    is_over = True
    await asyncio.gather(*loads)

    assert len(answers) >= 30
    assert all(answer.errors == [] for answer in answers)
    assert len(set(source.asked)) >= 2


async def _changes(random: Random, source: MadeSource, times: int) -> AsyncIterator[None]:
    """Yields after each change of the kinds that clusters serve; the first cluster always serves one of them."""
    for _ in range(times):
        name = random.choice(("one", "two", "three"))
        kinds = {kind for kind in KINDS if random.random() < 0.5} | ({WIDGET} if name == "one" else set())
        source.serving[name] = tuple(kinds)
        yield


def _names(key: object) -> str:
    assert isinstance(key, frozenset)
    return ",".join(sorted(kind.name for kind in key))


async def test_schemas_of_documents_and_of_callers_do_not_drop_each_other() -> None:
    source = open_source({"one": (WIDGET,), "two": (GIZMO,), "three": (GADGET,)})
    asked = server(source, most=3, ann=(ONE,), bob=(TWO,))  # theirs, and that of the whole fleet
    query = GraphqlRequest("{ acmeGadgets(first: 1) { totalCount } }", is_persisted=True)

    async def builds() -> int:
        for name in ("ann", "bob"):
            answer = await asked.engine.execute(query, asked.operation(name))
            assert answer.errors == []
            await asked.data(name, TYPES)
        return len(source.asked)

    assert await builds() == 5
    assert await builds() == 5
