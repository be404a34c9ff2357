"""Rights in some namespaces of a real API server: lists have the rows of these, and say so."""

from collections.abc import AsyncIterator

import pytest

from graph.engine import Engine
from k8s.transport.limits import ConnectionLimits
from resolvers.limits import OperationLimits
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.users import RESIDENT, TENANT
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet

pytestmark = pytest.mark.controlplane

RBAC = "rbac.authorization.k8s.io"
SEEN = ("team-a", "team-b", "team-c")
HIDDEN = "team-hidden"
ENVELOPE = "clusters { status scope { kind namespaces } error { code message } }"
PARTIAL = [{"status": "PARTIAL", "scope": {"kind": "NAMESPACES", "namespaces": [*SEEN]}, "error": None}]
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"


@pytest.fixture(scope="module", autouse=True)
async def _granted(alpha: Cluster) -> None:
    """Four namespaces with two pods each; the tenant and the resident may list in three of them.

    The resident may also list namespaces; the tenant may only get its own.
    """
    own: JsonObject = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"], "resourceNames": [*SEEN]}
    await create_objects(
        alpha,
        [
            *(_object("v1", "Namespace", name) for name in (*SEEN, HIDDEN)),
            _object(f"{RBAC}/v1", "ClusterRole", "team-own", rules=[own]),
            _object(f"{RBAC}/v1", "ClusterRole", "team-all", rules=[_may(["list"], "namespaces")]),
            *(
                _object(f"{RBAC}/v1", "Role", "team", namespace=name, rules=[_may(["get", "list"], "pods", "events")])
                for name in SEEN
            ),
            _bound("ClusterRoleBinding", "ClusterRole", "team-own", TENANT),
            _bound("ClusterRoleBinding", "ClusterRole", "team-all", RESIDENT),
            *(_bound("RoleBinding", "Role", "team", TENANT, RESIDENT, namespace=name) for name in SEEN),
            *(
                _object("v1", "Pod", f"web-{index}", namespace=name, spec=_pod_spec())
                for name in (*SEEN, HIDDEN)
                for index in range(2)
            ),
        ],
    )


@pytest.fixture(params=[TENANT, RESIDENT])
async def limited(engine: Engine, alpha: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[TestFleet]:
    """Alpha as the cluster of the tenant or the resident."""
    fleet = TestFleet(engine, OperationLimits(cluster_timeout_s=10))
    fleet.add(alpha.name, alpha, limits=ConnectionLimits(), user=request.param)
    yield fleet
    await fleet.close()


def _object(api_version: str, kind: str, name: str, *, namespace: str | None = None, **parts: object) -> JsonObject:
    metadata: JsonObject = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}  # type: ignore[dict-item]  # JSON


def _may(verbs: list[str], *resources: str) -> JsonObject:
    return {"apiGroups": [""], "resources": [*resources], "verbs": [*verbs]}


def _bound(kind: str, role_kind: str, role: str, *users: str, namespace: str | None = None) -> JsonObject:
    subjects: list[JsonObject] = [{"apiGroup": RBAC, "kind": "User", "name": user} for user in users]
    reference: JsonObject = {"apiGroup": RBAC, "kind": role_kind, "name": role}
    return _object(f"{RBAC}/v1", kind, role, namespace=namespace, roleRef=reference, subjects=subjects)


def _pod_spec() -> JsonObject:
    return {"containers": [{"name": "app", "image": "example.com/app:1"}], "automountServiceAccountToken": False}


async def test_the_pods_of_three_namespaces_and_an_envelope_that_says_so(limited: TestFleet) -> None:
    reply = await limited.ask(f"{{ pods {{ totalCount nodes {{ namespace name }} {ENVELOPE} }} }}")

    assert reply.errors == ()
    assert reply.data["pods"] == {
        "totalCount": 6,
        "nodes": [{"namespace": name, "name": f"web-{index}"} for name in SEEN for index in range(2)],
        "clusters": PARTIAL,
    }


async def test_only_a_count(limited: TestFleet) -> None:
    reply = await limited.ask(f"{{ pods {{ totalCount {ENVELOPE} }} }}")

    assert reply.data == {"pods": {"totalCount": 6, "clusters": PARTIAL}}


async def test_page_by_page_in_the_order_of_every_list(limited: TestFleet) -> None:
    query = """query ($after: String) { pods(first: 4, after: $after) {
      nodes { namespace name } pageInfo { hasNextPage endCursor }
    } }"""

    first = (await limited.ask(query)).data["pods"]
    second = (await limited.ask(query, {"after": first["pageInfo"]["endCursor"]})).data["pods"]

    assert [first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]] == [True, False]
    assert [(pod["namespace"], pod["name"]) for pod in first["nodes"] + second["nodes"]] == [
        (name, f"web-{index}") for name in SEEN for index in range(2)
    ]


async def test_groups_and_filters_are_of_what_is_seen(limited: TestFleet) -> None:
    reply = await limited.ask(
        """{ pods(where: [{path: "name", value: "web-1"}], orderBy: [{path: "namespace", direction: DESC}]) {
          totalCount nodes { namespace } groups(by: ["namespace"]) { key count }
        } }"""
    )

    assert reply.data["pods"]["nodes"] == [{"namespace": name} for name in reversed(SEEN)]
    assert sorted((group["key"], group["count"]) for group in reply.data["pods"]["groups"]) == [
        ([name], 1) for name in SEEN
    ]


async def test_a_kind_that_may_be_listed_nowhere_is_forbidden(limited: TestFleet) -> None:
    reply = await limited.ask(f"{{ secrets {{ nodes {{ name }} {ENVELOPE} }} }}")

    message = "cluster 'alpha': its RBAC does not allow to list secrets."
    error = {"code": "FORBIDDEN", "message": message}
    assert reply.data["secrets"] == {
        "nodes": [],
        "clusters": [{"status": "FORBIDDEN", "scope": None, "error": error}],
    }
    assert [error["message"] for error in reply.errors] == [message]


async def test_a_namespace_that_was_asked_for_and_is_not_seen(limited: TestFleet) -> None:
    some = await limited.ask(f'{{ pods(namespaces: ["team-a", "{HIDDEN}"]) {{ totalCount {ENVELOPE} }} }}')
    none = await limited.ask(f'{{ pods(namespaces: ["{HIDDEN}"]) {{ totalCount {ENVELOPE} }} }}')

    assert some.data["pods"]["totalCount"] == 2
    assert some.data["pods"]["clusters"] == [PARTIAL[0] | {"scope": {"kind": "NAMESPACES", "namespaces": ["team-a"]}}]
    assert none.data["pods"]["clusters"][0]["status"] == "FORBIDDEN"
    assert [error["extensions"]["code"] for error in none.errors] == ["FORBIDDEN"]


async def test_links_see_as_far(limited: TestFleet) -> None:
    reply = await limited.ask(
        "{ pods { nodes { namespace events { totalCount clusters { status scope { namespaces } } } } } }"
    )

    assert reply.errors == ()
    assert [pod["events"] for pod in reply.data["pods"]["nodes"]] == [
        {"totalCount": 0, "clusters": [{"status": "OK", "scope": {"namespaces": [name]}}]}
        for name in SEEN
        for _ in range(2)
    ]


async def test_viewer_can_is_what_the_api_server_allows(limited: TestFleet, alpha: Cluster) -> None:
    mark = alpha.audit.mark()

    reply = await limited.ask(
        """{
          pods { nodes { get: viewerCan(verb: "get") delete: viewerCan(verb: "delete")
                         log: viewerCan(verb: "get", subresource: "log") } }
          cluster(name: "alpha") {
            all: viewerCan(resource: "pods", verb: "list")
            own: viewerCan(resource: "pods", verb: "list", namespace: "team-a")
            other: viewerCan(resource: "pods", verb: "list", namespace: "team-hidden")
            secrets: viewerCan(resource: "secrets", verb: "get", namespace: "team-a")
          }
        }"""
    )

    assert reply.errors == ()
    assert reply.data["pods"]["nodes"] == [{"get": True, "delete": False, "log": False}] * 6
    assert reply.data["cluster"] == {"all": False, "own": True, "other": False, "secrets": False}
    reviews = [
        request.uri for request in alpha.audit.requests_since(mark, user_agent="fleetgraph") if "review" in request.uri
    ]
    accesses = [uri for uri in reviews if "accessreview" in uri]
    assert len(accesses) == 4  # the three of the pods in all namespaces at once, and `all`


async def test_what_it_costs_and_that_it_is_found_out_once(limited: TestFleet, alpha: Cluster) -> None:
    mark = alpha.audit.mark()
    await limited.ask("{ pods { nodes { name } } }")
    first = [request.uri.partition("?")[0] for request in alpha.audit.requests_since(mark, user_agent="fleetgraph")]
    mark = alpha.audit.mark()
    await limited.ask("{ pods { nodes { name } } }")
    second = [request.uri.partition("?")[0] for request in alpha.audit.requests_since(mark, user_agent="fleetgraph")]

    lists = [f"/api/v1/namespaces/{name}/pods" for name in SEEN]
    assert first[:2] == ["/api/v1/pods", "/api/v1/namespaces"]
    assert sorted(path for path in first[2:] if path != RULES) == lists
    assert first.count(RULES) >= len(SEEN)
    assert sorted(second) == lists
