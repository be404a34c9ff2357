"""Names of kinds and fields in GraphQL: by one rule, never two alike, never one that is taken."""

import re
from pathlib import Path
from typing import Final

import pytest
from graphql import GraphQLSchema, build_schema

from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field
from k8s.schemas.fieldnames import unnameable
from k8s.schemas.names import TakenNames, group_words, kind_type_name, structure_name
from resolvers.names import list_name, single_name, type_name

GRAPHQL_NAME: Final = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")
SDL: Final = Path(__file__).parents[3] / "schema.graphql"


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """Returns the schema of built-in kinds."""
    return build_schema(SDL.read_text(), assume_valid=True)


def kind(group: str, name: str, plural: str | None = None) -> Kind:
    """Returns a kind of a group."""
    return Kind(group, "v1", name, plural or f"{name.lower()}s")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("argoproj.io", "Argoproj"),
        ("cert-manager.io", "CertManager"),
        ("acme.cert-manager.io", "AcmeCertManager"),
        ("gateway.networking.k8s.io", "GatewayNetworkingK8s"),
        ("gateway.networking.x-k8s.io", "GatewayNetworkingXK8s"),
        ("networking.istio.io", "NetworkingIstio"),
        ("networking.internal.knative.dev", "NetworkingInternalKnative"),
        ("cluster.x-k8s.io", "ClusterXK8s"),
        ("infrastructure.cluster.x-k8s.io", "InfrastructureClusterXK8s"),
        ("addons.cluster.x-k8s.io", "AddonsClusterXK8s"),
        ("monitoring.coreos.com", "MonitoringCoreos"),
        ("stable", "Stable"),
    ],
)
def test_the_words_of_a_group_are_all_labels_but_the_last(group: str, words: str) -> None:
    assert group_words(group) == words


@pytest.mark.parametrize(
    ("custom", "names"),
    [
        (
            kind("argoproj.io", "Application"),
            ("ArgoprojApplication", "argoprojApplications", "argoprojApplication"),
        ),
        (
            kind("gateway.networking.k8s.io", "HTTPRoute"),
            ("GatewayNetworkingK8sHTTPRoute", "gatewayNetworkingK8sHTTPRoutes", "gatewayNetworkingK8sHTTPRoute"),
        ),
        (
            kind("monitoring.coreos.com", "Prometheus", "prometheuses"),
            ("MonitoringCoreosPrometheus", "monitoringCoreosPrometheuses", "monitoringCoreosPrometheus"),
        ),
        (
            kind("1password.com", "Item"),
            ("Group1passwordItem", "group1passwordItems", "group1passwordItem"),
        ),
        (
            kind("acme.io", "Sheep", "sheep"),
            ("AcmeSheep", "acmeSheep", "acmeSheepByName"),
        ),
    ],
)
def test_names_of_a_kind(custom: Kind, names: tuple[str, ...]) -> None:
    assert (type_name(custom), list_name(custom), single_name(custom)) == names


def test_a_structure_is_named_by_its_path() -> None:
    assert structure_name("AcmeGoose", ("spec", "podTemplate", "_x")) == "AcmeGoose_SpecPodTemplate_x"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (kind("acme.io", "Goose"), kind("acme.dev", "Goose")),
        (kind("acme.io", "GooseNest"), kind("acme.goose.io", "Nest")),
        (kind("a-b.io", "Goose"), kind("a.b.io", "Goose")),
        (kind("acme.io", "Goose"), kind("acme.io", "GOOSE", "geese")),
        (kind("acme.io", "Goose"), kind("acme.io", "GooseConnection")),
        (kind("acme.io", "GooseEdge"), kind("acme.io", "Goose")),
        (kind("acme.io", "Goose"), kind("acme.io", "GooseGrouping")),
        (kind("acme.io", "Goose"), kind("acme.io", "Geese", "goose")),
    ],
)
def test_the_second_of_two_kinds_with_one_name_learns_whose_it_is(first: Kind, second: Kind) -> None:
    taken = TakenNames()

    assert taken.take(first, kind_type_name(first.group, first.name)) is None
    assert taken.take(second, kind_type_name(second.group, second.name)) == f"{first.name} of {first.group}"


@pytest.mark.parametrize(
    ("custom", "owner"),
    [
        (kind("pod.io", "Spec"), "another type of the schema"),
        (kind("events.io", "Event"), "the built-in kind Event"),
        (kind("big.io", "QUERY"), None),
        (kind("int.io", "OrString"), "another type of the schema"),
        (kind("audit.io", "Event"), "another type of the schema"),
        (kind("cluster.io", "Report"), "another type of the schema"),
        (kind("audit.io", "Happening", "events"), "another type of the schema"),
    ],
)
def test_names_of_the_schema_are_taken(schema: GraphQLSchema, custom: Kind, owner: str | None) -> None:
    assert schema.query_type is not None
    taken = TakenNames(schema.type_map, schema.query_type.fields)

    assert taken.take(custom, kind_type_name(custom.group, custom.name)) == owner


@pytest.mark.parametrize(
    ("keys", "left_out"),
    [
        (["a.b", "1st", "__typename", "__x", "a b", "ä", "", "-", "$", "x" * 201], None),
        (["a", "_b", "x-y", "$ref", "x-kubernetes-int-or-string", "class", "selection", "B2"], {}),
        (["x-y", "xY"], {"x-y": "has the same name in GraphQL as xY"}),
        (["$ref", "ref"], {"$ref": "has the same name in GraphQL as ref"}),
        (["class", "class_"], {"class_": "has the same name in GraphQL as class"}),
        (["a-b", "a-B"], {"a-b": "has the same name in GraphQL as a-B"}),
    ],
)
def test_keys_without_a_name(keys: list[str], left_out: dict[str, str] | None) -> None:
    expected = dict.fromkeys(keys, "has no name in GraphQL") if left_out is None else left_out

    assert unnameable(keys) == expected
    assert all(GRAPHQL_NAME.fullmatch(Field(key, "").name) for key in keys if key not in expected)
