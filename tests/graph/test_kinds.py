"""`kinds`: the kinds that clusters serve, each once over the fleet."""

import json
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.schemas.kindschema import KindProblem
from resolvers.caller import OPERATOR, Caller
from resolvers.kinds.servedkind import message
from resolvers.limits import OperationLimits
from resolvers.lists.fleetkinds import read_kinds
from resolvers.messages.language import Language, speaking
from resolvers.operation.operation import Operation
from resolvers.typedkinds import TypedKinds
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.graph.fleets import CURSOR_KEY, Asking, connection_to, fleet_of
from tests.graph.senders import DownSender
from tests.k8s.apiserver.discoveryserver import DiscoveryServer, Resource, resource

PODS = Resource(
    kind=Kind("", "v1", "Pod", "pods"),
    singular="pod",
    short_names=["po"],
    categories=["all"],
    verbs=["list", "get", "create"],
    subresources=["status", "log"],
)
NODES = Resource(kind=Kind("", "v1", "Node", "nodes", namespaced=False), singular="node")
GEESE = resource("geese.v1.acme.io", "Goose", short_names=["gg"])
NEWER_GEESE = resource("geese.v2.acme.io", "Goose", short_names=["gs"])

EVERYTHING = """{ kinds { totalCount pageInfo { hasNextPage endCursor } nodes {
    group kind resource plural singular shortNames categories namespaced isTyped typeName isStale
    versions { version verbs subresources preferred preferredIn { name } clusters { name } staleIn { name } }
    clusters { name } staleIn { name }
} clusters { cluster { name } status error { code } } problems { clusterName message } } }"""

ORACLE = pytest.mark.parametrize("is_ordinary", [False, True])


async def _answer(asking: Asking, query: str, is_ordinary: bool = False, /, **options: Any) -> Any:
    return json.loads((await asking(query, is_ordinary=is_ordinary, **options)).to_json())


@ORACLE
async def test_a_kind_is_listed_once_with_the_clusters_that_serve_it(engine: Engine, is_ordinary: bool) -> None:
    alpha = DiscoveryServer([PODS, GEESE], name="alpha")
    beta = DiscoveryServer([PODS, NEWER_GEESE, GEESE], name="beta", stale=["acme.io/v1"])

    answer = await _answer(Asking(engine, fleet_of([beta, alpha])), EVERYTHING, is_ordinary)

    both, only_alpha, only_beta = [{"name": "alpha"}, {"name": "beta"}], [{"name": "alpha"}], [{"name": "beta"}]
    pods, geese = answer["data"]["kinds"].pop("nodes")
    assert pods == {
        "group": "",
        "kind": "Pod",
        "resource": "pods",
        "plural": "pods",
        "singular": "pod",
        "shortNames": ["po"],
        "categories": ["all"],
        "namespaced": True,
        "isTyped": True,
        "typeName": "Pod",
        "isStale": False,
        "versions": [
            {
                "version": "v1",
                "verbs": ["create", "get", "list"],
                "subresources": ["log", "status"],
                "preferred": True,
                "preferredIn": both,
                "clusters": both,
                "staleIn": [],
            }
        ],
        "clusters": both,
        "staleIn": [],
    }
    assert {name: geese[name] for name in ("resource", "shortNames", "isTyped", "typeName", "isStale", "clusters")} == {
        "resource": "geese.acme.io",
        "shortNames": ["gg", "gs"],
        "isTyped": False,
        "typeName": None,
        "isStale": False,
        "clusters": both,
    }
    versions = [(one["version"], one["preferredIn"], one["clusters"], one["staleIn"]) for one in geese["versions"]]
    assert versions == [("v2", only_beta, only_beta, []), ("v1", only_alpha, both, only_beta)]
    assert answer["data"]["kinds"] == {
        "totalCount": 2,
        "pageInfo": {"hasNextPage": False, "endCursor": "acme.io/Goose"},
        "clusters": [{"cluster": cluster, "status": "OK", "error": None} for cluster in both],
        "problems": [{"clusterName": "beta", "message": "acme.io/v1: its server does not answer."}],
    }


@ORACLE
async def test_a_cluster_without_an_answer_is_in_the_envelope_and_costs_only_its_own_kinds(
    engine: Engine, is_ordinary: bool
) -> None:
    fleet = fleet_of([DiscoveryServer([PODS], name="alpha"), DownSender("down")])
    query = "{ kinds { nodes { resource clusters { name } } clusters { cluster { name } status error { code } } } }"

    answer = await _answer(Asking(engine, fleet), query, is_ordinary)

    assert answer["data"]["kinds"] == {
        "nodes": [{"resource": "pods", "clusters": [{"name": "alpha"}]}],
        "clusters": [
            {"cluster": {"name": "alpha"}, "status": "OK", "error": None},
            {"cluster": {"name": "down"}, "status": "UNREACHABLE", "error": {"code": "CLUSTER_UNREACHABLE"}},
        ],
    }
    assert [(error["path"], error["extensions"]["cluster"]) for error in answer["errors"]] == [(["kinds"], "down")]


@ORACLE
async def test_pages(engine: Engine, is_ordinary: bool) -> None:
    asking = Asking(engine, fleet_of([DiscoveryServer([PODS, NODES, GEESE], name="alpha")]))

    async def page(arguments: str) -> Any:
        query = f"{{ kinds({arguments}) {{ totalCount nodes {{ kind }} pageInfo {{ hasNextPage endCursor }} }} }}"
        answer = (await _answer(asking, query, is_ordinary))["data"]["kinds"]
        return answer["totalCount"], [node["kind"] for node in answer["nodes"]], *answer["pageInfo"].values()

    assert await page("first: 2") == (3, ["Node", "Pod"], True, "/Pod")
    assert await page('first: 2, after: "/Pod"') == (3, ["Goose"], False, "acme.io/Goose")
    assert await page('after: "acme.io/Goose"') == (3, [], False, None)
    assert await page('group: ""') == (2, ["Node", "Pod"], False, "/Pod")
    assert await page('group: "acme.io"') == (1, ["Goose"], False, "acme.io/Goose")
    assert await page('group: "zebra.io"') == (0, [], False, None)


async def test_only_the_clusters_of_the_argument_are_asked(engine: Engine) -> None:
    alpha, beta = DiscoveryServer([PODS], name="alpha"), DiscoveryServer([GEESE], name="beta")
    asking = Asking(engine, fleet_of([alpha, beta]))

    answer = await _answer(asking, '{ kinds(clusters: {names: ["beta"]}) { nodes { resource } } }')

    assert answer == {"data": {"kinds": {"nodes": [{"resource": "geese.acme.io"}]}}}
    assert (alpha.reads, beta.reads) == (0, 1)


async def test_kinds_of_clusters_that_do_not_exist_for_the_caller_are_not_listed(engine: Engine) -> None:
    server = DiscoveryServer([GEESE], name="alpha")
    asking = Asking(engine, fleet_of([server]), caller=Caller(name="sso:alice", groups=frozenset()))

    answer = await _answer(asking, EVERYTHING)

    assert answer["data"]["kinds"]["nodes"] == answer["data"]["kinds"]["clusters"] == []
    assert server.reads == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("first: 0", "BAD_USER_INPUT", "first: 0 asks for no object"),
        ("first: 10001", "LIMIT_EXCEEDED", "a page has at most 10000"),
        ('after: "zebra"', "BAD_USER_INPUT", "after: this is no cursor of kinds; pass an endCursor that it gave."),
        ('clusters: {names: ["zebra"]}', "NOT_FOUND", "No cluster named 'zebra' is registered"),
    ],
)
async def test_invalid_arguments_are_refused_before_any_request(
    engine: Engine, arguments: str, code: str, words: str
) -> None:
    server = DiscoveryServer([PODS], name="alpha")

    answer = await _answer(Asking(engine, fleet_of([server])), f"{{ kinds({arguments}) {{ totalCount }} }}")

    (error,) = answer["errors"]
    assert (answer["data"], error["extensions"]["code"], server.reads) == ({"kinds": None}, code, 0)
    assert words in error["message"]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        (Language.ENGLISH, "acme.io/v1 'gooses': the kind GOOSE differs from Goose in case only."),
        (Language.CHINESE, "acme.io/v1 'gooses'\uff1a种类 GOOSE 与 Goose 仅大小写不同。"),
    ],
)
async def test_problems_are_in_the_language_of_the_caller(engine: Engine, language: Language, message: str) -> None:
    lie = Resource(kind=Kind("acme.io", "v1", "GOOSE", "gooses"))
    asking = Asking(engine, fleet_of([DiscoveryServer([PODS, GEESE, lie], name="alpha")]))

    with speaking(language):
        answer = await _answer(asking, "{ kinds { nodes { resource } problems { message } } }")

    assert answer["data"]["kinds"] == {
        "nodes": [{"resource": "pods"}, {"resource": "geese.acme.io"}],
        "problems": [{"message": message}],
    }


async def test_clusters_that_disagree_about_a_kind_are_named(engine: Engine) -> None:
    other = Resource(kind=Kind("acme.io", "v1", "Goose", "gooses", namespaced=False))
    fleet = fleet_of([DiscoveryServer([GEESE], name="alpha"), DiscoveryServer([other], name="beta")])

    answer = await _answer(
        Asking(engine, fleet), "{ kinds { nodes { resource namespaced } problems { clusterName message } } }"
    )

    assert answer["data"]["kinds"] == {
        "nodes": [{"resource": "geese.acme.io", "namespaced": True}],
        "problems": [
            {
                "clusterName": "beta",
                "message": "gooses.acme.io has another plural or scope than in cluster alpha.",
            }
        ],
    }


async def test_kinds_and_fields_without_a_type_are_named() -> None:
    of_cluster = {"id-alpha": [KindProblem("acme.io", "", "its document is too large.")]}
    of_union = [
        KindProblem("acme.io", kind, "spec.size has different types in its versions or clusters.")
        for kind in ("Goose", "KindOfAnotherCaller")
    ]
    fleet = fleet_of([DiscoveryServer([PODS, GEESE], name=name) for name in ("alpha", "beta")])
    operation = Operation(fleet, caller=OPERATOR, cursor_key=CURSOR_KEY)
    operation.own_kinds = TypedKinds(built_in_structures(), BUILT_IN, of_union)
    operation.schema_problems = lambda cluster_id: of_cluster.get(cluster_id, ())

    problems = (await read_kinds(operation, {})).problems

    assert [(one.cluster and one.cluster.name, message(one)) for one in problems] == [
        ("alpha", "acme.io: its document is too large."),
        (None, "Goose.acme.io: spec.size has different types in its versions or clusters."),
    ]
    assert (await read_kinds(operation, {"group": ""})).problems == []


async def test_a_second_query_sends_nothing(engine: Engine) -> None:
    server = DiscoveryServer([PODS], name="alpha")
    asking = Asking(engine, fleet_of([server]))

    first, second = [await _answer(asking, EVERYTHING) for _ in range(2)]

    assert first == second
    assert server.reads == 1


async def test_it_counts_as_a_list_of_each_cluster(engine: Engine) -> None:
    servers = [DiscoveryServer([PODS], name=name) for name in ("alpha", "beta")]
    asking = Asking(engine, fleet_of(servers))

    async def codes(requests: int) -> list[str]:
        limits = OperationLimits(requests=requests)
        answer = await _answer(asking, "{ kinds { totalCount } }", limits=limits)
        return [error["extensions"]["code"] for error in answer.get("errors", ())]

    assert await codes(1) == ["LIMIT_EXCEEDED"]
    assert await codes(2) == []


@pytest.mark.controlplane
async def test_a_real_fleet(engine: Engine, alpha: Cluster, beta: Cluster) -> None:
    connections = [connection_to(cluster) for cluster in (alpha, beta)]
    query = """{ kinds(group: "apps") { nodes { resource kind singular shortNames categories namespaced typeName
        versions { version verbs subresources clusters { name } } clusters { name } }
        clusters { status } problems { message } } }"""

    answer = await _answer(Asking(engine, fleet_of(connections)), query)

    async with connect(alpha) as session, session.get("/apis/apps/v1") as response:
        resources = (await response.json())["resources"]
    for connection in connections:
        await connection.close()
    both = [{"name": alpha.name}, {"name": beta.name}]
    subresources = [entry["name"].split("/") for entry in resources if "/" in entry["name"]]
    assert answer["data"]["kinds"]["nodes"] == [
        {
            "resource": f"{entry['name']}.apps",
            "kind": entry["kind"],
            "singular": entry["singularName"],
            "shortNames": entry.get("shortNames", []),
            "categories": entry.get("categories", []),
            "namespaced": entry["namespaced"],
            "typeName": entry["kind"],
            "versions": [
                {
                    "version": "v1",
                    "verbs": sorted(entry["verbs"]),
                    "subresources": sorted(name for plural, name in subresources if plural == entry["name"]),
                    "clusters": both,
                }
            ],
            "clusters": both,
        }
        for entry in sorted(resources, key=lambda entry: entry["kind"])
        if "/" not in entry["name"]
    ]
    assert (answer["data"]["kinds"]["clusters"], answer["data"]["kinds"]["problems"]) == ([{"status": "OK"}] * 2, [])
