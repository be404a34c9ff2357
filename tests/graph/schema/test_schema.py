"""The schema as clients see it: exported, described, with names that stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    introspection_from_schema,
    validate_schema,
)

from graph.engine import Engine
from graph.schema.catalogue import catalogue
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from resolvers.names import list_name, single_name, type_name

EXPORTED = Path(__file__).parents[3] / "schema.graphql"


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Yields all named things of the schema with their descriptions."""
    for name, graphql_type in schema.type_map.items():
        if name.startswith("__"):
            continue
        yield name, graphql_type.description
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in graphql_type.fields.items():
                yield f"{name}.{field_name}", field.description
                yield from ((f"{name}.{field_name}({key}:)", item.description) for key, item in field.args.items())
        elif isinstance(graphql_type, GraphQLInputObjectType):
            yield from ((f"{name}.{key}", item.description) for key, item in graphql_type.fields.items())
        elif isinstance(graphql_type, GraphQLEnumType):
            yield from ((f"{name}.{key}", value.description) for key, value in graphql_type.values.items())


def fields_of(schema: GraphQLSchema, name: str) -> set[str]:
    graphql_type = schema.type_map[name]
    assert isinstance(graphql_type, GraphQLObjectType)
    return set(graphql_type.fields)


def test_the_exported_schema_is_the_code_s(engine: Engine) -> None:
    assert EXPORTED.read_text(encoding="utf-8") == engine.sdl, "run: make schema"


def test_the_exported_schema_breaks_no_client_of_the_code_s(schema: GraphQLSchema) -> None:
    exported = build_schema(EXPORTED.read_text(encoding="utf-8"))

    assert find_breaking_changes(exported, schema) == []


def test_the_schema_is_valid(engine: Engine) -> None:
    arguments = engine.schema.to_kwargs()
    arguments["assume_valid"] = False

    assert validate_schema(GraphQLSchema(**arguments)) == []


def test_no_type_is_an_input_with_one_field_of_several(engine: Engine) -> None:
    introspected = introspection_from_schema(engine.schema, input_value_deprecation=False, one_of=True)

    assert {named.get("isOneOf") for named in introspected["__schema"]["types"]} == {False}


def test_no_type_of_a_derived_field_replaces_one_of_kubernetes() -> None:
    types = catalogue()

    replaced = [name for name, one in built_in_structures().items() if types[name].description != one.description]

    assert replaced == []


def test_everything_has_a_description(engine: Engine, schema: GraphQLSchema) -> None:
    own_scalars = {"Boolean", "Float", "ID", "Int", "String"}

    missing = [where for where, text in described(schema) if where not in own_scalars and not (text or "").strip()]

    assert missing == []


@pytest.mark.parametrize("kind", BUILT_IN, ids=str)
def test_every_kind_has_its_lists_and_its_single_form(schema: GraphQLSchema, kind: Kind) -> None:
    query = fields_of(schema, "Query")

    assert {list_name(kind), single_name(kind)} <= query
    assert list_name(kind) in fields_of(schema, "Cluster")
    assert list_name(kind) in fields_of(schema, "ClusterCounts")
    assert (list_name(kind) in fields_of(schema, "Namespace")) == kind.namespaced


@pytest.mark.parametrize("kind", BUILT_IN, ids=str)
def test_every_kind_is_a_kubernetes_object(schema: GraphQLSchema, kind: Kind) -> None:
    graphql_type = schema.type_map[type_name(kind)]

    assert isinstance(graphql_type, GraphQLObjectType)
    assert [interface.name for interface in graphql_type.interfaces] == ["KubernetesObject"]


def test_field_names_of_the_root_are_all_different(schema: GraphQLSchema) -> None:
    names = [name for kind in BUILT_IN for name in (list_name(kind), single_name(kind))]

    assert len(names) == len(set(names))
    assert fields_of(schema, "Query") == {
        *names,
        "clusters",
        "cluster",
        "object",
        "objects",
        "categories",
        "viewer",
        "auditEvents",
        "kinds",
        "grants",
        "_entities",
        "_service",
    }


@pytest.mark.parametrize(
    ("group", "name", "type_", "list_", "single"),
    [
        ("", "Pod", "Pod", "pods", "pod"),
        ("", "ConfigMap", "ConfigMap", "configMaps", "configMap"),
        ("", "Event", "Event", "events", "event"),
        ("events.k8s.io", "Event", "EventsEvent", "eventsEvents", "eventsEvent"),
        ("", "Endpoints", "Endpoints", "endpoints", "endpointsByName"),
        ("storage.k8s.io", "CSIDriver", "CSIDriver", "csiDrivers", "csiDriver"),
        ("networking.k8s.io", "Ingress", "Ingress", "ingresses", "ingress"),
        ("networking.k8s.io", "NetworkPolicy", "NetworkPolicy", "networkPolicies", "networkPolicy"),
    ],
)
def test_names_stay(group: str, name: str, type_: str, list_: str, single: str) -> None:
    (kind,) = (kind for kind in BUILT_IN if (kind.group, kind.name) == (group, name))

    assert (type_name(kind), list_name(kind), single_name(kind)) == (type_, list_, single)
