"""Custom kinds in the schema: they have what built-in kinds have, and are executed as graphql-core does."""

from random import Random

import pytest
from graphql import GraphQLSchema, build_schema, print_schema, validate_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.engine import Engine
from graph.schema.definitions import define, definitions_of
from graph.schemastate import SchemaState
from k8s.kinds.builtin import CONFIG_MAP, PRIORITY_CLASS
from k8s.kinds.kind import Kind
from resolvers.arguments.globalids import object_id
from resolvers.names import list_name, single_name, type_name
from tests.graph.bodies import NAMES, NAMESPACES
from tests.graph.comparison import assert_same
from tests.graph.customtypes import GADGET, KINDS, WIDGET, custom_sender, made_types, open_source
from tests.graph.documents import WIDE, DocumentWriter, Places
from tests.graph.fleets import FAR, Asking, fleet_of

SERVING = {"one": KINDS, "two": (WIDGET, GADGET)}
AROUND_CUSTOM = {
    "Query": (
        "acmeWidgets",
        "acmeWidget",
        "acmeGadgets",
        "otherGizmos",
        "object",
        "_entities",
        "clusters",
        "namespaces",
    ),
    "Cluster": ("acmeWidgets", "acmeGadgets", "counts", "name"),
    "Namespace": ("acmeWidgets", "otherGizmos", "name"),
    "ClusterCounts": ("acmeWidgets", "acmeGadgets"),
    "AcmeWidget": ("id", "spec", "status", "owner", "cluster", "kind", "apiVersion", "events"),
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Returns an engine whose clusters serve custom kinds."""
    return Engine(WIDE, types=open_source(SERVING))


@pytest.fixture
def asking(engine: Engine) -> Asking:
    """Returns a fleet of two clusters with custom kinds."""
    return Asking(engine, fleet_of([custom_sender("one", 1, *KINDS), custom_sender("two", 2, WIDGET, GADGET)]))


@pytest.fixture(scope="module")
async def state() -> SchemaState:
    """Returns the schema of all made-up kinds."""
    engine = Engine()
    return await engine.schemas.builder.with_types(engine.schemas.built_in, made_types(*KINDS))


@pytest.fixture(scope="module")
async def written(state: SchemaState) -> GraphQLSchema:
    """Returns the same schema as clients know it."""
    schema = build_schema(await state.sdl_in_slices())
    define(schema, definitions_of(state.schema))
    return schema


async def test_the_schema_is_valid(state: SchemaState) -> None:
    state.schema._validation_errors = None

    assert validate_schema(state.schema) == []


async def test_the_text_of_the_schema_is_that_of_graphql_core(state: SchemaState) -> None:
    assert state.sdl() == await state.sdl_in_slices()
    assert sorted(state.sdl().split("\n")) == sorted(f"{print_schema(state.schema)}\n".split("\n"))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_custom_kind_has_what_a_built_in_one_has(written: GraphQLSchema, kind: Kind) -> None:
    model = CONFIG_MAP if kind.namespaced else PRIORITY_CLASS
    types, like, name = written.type_map, type_name(model), type_name(kind)

    def fields(owner: str) -> dict[str, str]:
        found = types[owner].fields.items()  # type: ignore[attr-defined]  # an object type
        return {
            field: f"{one.type} {[(key, str(argument.type)) for key, argument in one.args.items()]}".replace(like, name)
            for field, one in found
        }

    interface = set(types["KubernetesObject"].fields)  # type: ignore[attr-defined]  # an interface
    assert interface <= set(fields(name))
    assert [str(one) for one in types[name].interfaces] == ["KubernetesObject"]  # type: ignore[attr-defined]  # an object type
    for suffix in ("Connection", "Edge", "Grouping", "Change", "Changes"):
        assert fields(name + suffix) == fields(like + suffix)
    for owner in ("Query", "Cluster", "ClusterCounts", *(["Namespace"] if kind.namespaced else [])):
        assert fields(owner)[list_name(kind)] == fields(owner)[list_name(model)]
    assert fields("Subscription")[list_name(kind)] == fields("Subscription")[list_name(model)]
    assert fields("Query")[single_name(kind)] == fields("Query")[single_name(model)]
    assert list_name(kind) in types["Namespace"].fields or not kind.namespaced  # type: ignore[attr-defined]  # an object type
    assert types[name] in types["_Entity"].types  # type: ignore[attr-defined]  # a union


def test_a_text_of_a_custom_kind_names_no_built_in_one(written: GraphQLSchema) -> None:
    for kind in KINDS:
        name = type_name(kind)
        for suffix in ("", "Connection", "Edge", "Grouping", "Change", "Changes"):
            named = written.type_map[name + suffix]
            for described in (named, *named.fields.values()):  # type: ignore[attr-defined]  # an object type
                assert "ConfigMap" not in described.description
                assert "PriorityClass" not in described.description


async def test_members_of_a_custom_object(asking: Asking) -> None:
    query = """{
      acmeWidgets { totalCount clusters { cluster { name } status }
        nodes { id __typename kind apiVersion name namespace cluster { name } spec { someInt64 class } }
        groups(by: ["cluster.name"]) { key count } }
      clusters { name acmeGadgets { totalCount } counts { acmeGadgets } }
    }"""

    answer = await asking(query)

    assert answer.errors == []
    data = answer.to_builtins()["data"]
    node = data["acmeWidgets"]["nodes"][0]
    assert (node["__typename"], node["kind"], node["apiVersion"]) == ("AcmeWidget", "Widget", "acme.com/v1")
    assert node["id"] == object_id(f"id-{node['cluster']['name']}", WIDGET, node["namespace"], node["name"])
    assert sum(group["count"] for group in data["acmeWidgets"]["groups"]) == data["acmeWidgets"]["totalCount"]
    assert all(one["acmeGadgets"]["totalCount"] == one["counts"]["acmeGadgets"] > 0 for one in data["clusters"])
    again = (await asking("query($id: ID!) { object(id: $id) { __typename name } }", {"id": node["id"]})).to_builtins()
    assert again["data"]["object"] == {"__typename": "AcmeWidget", "name": node["name"]}
    entity = {"__typename": "AcmeWidget", "id": node["id"]}
    query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on AcmeWidget { name } } }"
    assert (await asking(query, {"of": [entity]})).to_builtins()["data"]["_entities"] == [{"name": node["name"]}]


async def test_keys_that_fields_of_every_object_hide_are_problems(asking: Asking) -> None:
    """Checks that such a key is found as JSON, and that the field of its name is the one of every object."""
    answer = await asking(
        """{ kinds(group: "other.com") { problems { clusterName message } }
          otherGizmos(clusters: {names: ["one"]}) { nodes { owner { name } own: fields(path: "owner") manifest } } }"""
    )

    data = answer.to_builtins()["data"]
    assert data["kinds"]["problems"] == [
        {
            "clusterName": None,
            "message": "Gizmo.other.com: keys of its objects with the names of fields of every object are in "
            "fields(path:) only: owner.",
        }
    ]
    nodes = data["otherGizmos"]["nodes"]
    assert [node["own"] for node in nodes] == [node["manifest"].get("owner") for node in nodes]
    assert any(node["own"] is not None for node in nodes)


async def test_conditions_and_orders_on_paths_of_a_custom_kind(asking: Asking) -> None:
    query = """{ acmeWidgets(where: [{path: "spec.aInt32", op: GE, value: 0}], orderBy: [{path: "spec.aInt32"}])
      { nodes { spec { aInt32 } } } }"""

    ours, ordinary = await asking(query), await asking.ordinary(query)

    values = [node["spec"]["aInt32"] for node in ours.to_builtins()["data"]["acmeWidgets"]["nodes"]]
    assert values == sorted(values)
    assert all(value >= 0 for value in values)
    assert_same(ours, ordinary)


@settings(max_examples=settings().max_examples // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.integers(0, 2**32 - 1).map(Random), fields=st.integers(1, 40), seed=st.integers(0, 50))
async def test_custom_kinds_are_executed_as_graphql_core_does(
    engine: Engine, written: GraphQLSchema, random: Random, fields: int, seed: int
) -> None:
    senders = [custom_sender("one", seed, *KINDS), custom_sender("two", seed + 1, WIDGET, GADGET)]
    ids = [
        object_id(f"id-{sender.name}", kind, NAMESPACES[0] if kind.namespaced else None, name)
        for sender in senders
        for kind in KINDS
        for name in NAMES
    ]
    lists = {list_name(kind): str(kind) for kind in KINDS}
    places = Places(("one", "two", "unknown"), NAMESPACES, NAMES, ids, lists)
    document = DocumentWriter(written, random, places, fields=fields, preferred=AROUND_CUSTOM).write()
    asking = Asking(engine, fleet_of(senders))

    ours = await asking(document.query, document.variables, limits=FAR)
    ordinary = await asking.ordinary(document.query, document.variables, limits=FAR)

    assert_same(ours, ordinary)
