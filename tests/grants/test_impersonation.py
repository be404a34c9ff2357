"""Callers by impersonation: their identity on real API servers."""

import json
from time import monotonic, sleep

import pytest

from resolvers.caller import OPERATOR
from store.clusters.cluster import IdentityMode
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.grants.installations import SECRETS, Installation, caller

pytestmark = pytest.mark.controlplane

ALICE = caller("alice@example.com", "developers", "Domain Users")


def bind(cluster: Cluster, name: str, subject: JsonObject, role: str = "view") -> None:
    """Creates a binding as the cluster's administrator, and waits until the API server's authorizer has seen it."""
    api = "rbac.authorization.k8s.io"
    ask(
        cluster,
        "POST",
        f"/apis/{api}/v1/clusterrolebindings",
        {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": api, **subject}],
        },
    )
    bound = {"groups": [subject["name"]]} if subject["kind"] == "Group" else {"user": subject["name"]}
    review: JsonObject = {"spec": {"resourceAttributes": {"verb": "list", "resource": "pods"}, **bound}}
    until_s = monotonic() + 60
    while not _is_allowed(cluster, review):
        assert monotonic() < until_s, f"{name} has no effect"
        sleep(0.02)


def _is_allowed(cluster: Cluster, review: JsonObject) -> bool:
    answer = json.loads(ask(cluster, "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review))
    return bool(answer["status"]["allowed"])


@pytest.fixture
async def installation(installation: Installation) -> Installation:
    await installation.tell_apart_by(IdentityMode.IMPERSONATION, "alpha", "beta")
    return installation


async def test_the_api_server_takes_each_request_for_the_caller_s(installation: Installation, alpha: Cluster) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    mark = alpha.audit.mark()

    await installation.ask(ALICE, "{ pods { nodes { node { name } } } clusters { version counts { services } } }")

    seen = alpha.audit.requests_since(mark)
    assert {(request.user, request.impersonated_user) for request in seen} == {("admin", ALICE.name)}
    assert {request.impersonated_groups for request in seen} == {("Domain Users", "developers", "system:authenticated")}
    assert len(seen) >= 3


async def test_the_cluster_s_own_bindings_say_what_the_caller_may_do(
    installation: Installation, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", group="sre-1")
    sre = caller("carol", "sre-1")
    before = await installation.statuses(sre)
    bind(alpha, "sre-1-view", {"kind": "Group", "name": "sre-1"})

    assert before == {"alpha": "FORBIDDEN"}
    assert await installation.statuses(sre) == {"alpha": "OK"}
    assert await installation.statuses(sre, SECRETS) == {"alpha": "FORBIDDEN"}


async def test_a_cluster_without_a_grant_does_not_exist(installation: Installation, beta: Cluster) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    mark = beta.audit.mark()

    answer = await installation.ask(ALICE, '{ clusters { name } named: cluster(name: "beta") { name } }')

    assert answer["data"]["clusters"] == [{"name": "alpha"}]
    assert answer["data"]["named"] is None
    assert beta.audit.requests_since(mark) == []


async def test_an_administrator_is_the_stored_credential(
    installation: Installation, alpha: Cluster, beta: Cluster
) -> None:
    marks = alpha.audit.mark(), beta.audit.mark()

    assert await installation.statuses(OPERATOR) == {"alpha": "OK", "beta": "OK"}

    for cluster, mark in zip((alpha, beta), marks, strict=True):
        assert {(request.user, request.impersonated_user) for request in cluster.audit.requests_since(mark)} == {
            ("admin", None)
        }


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("a\r\nImpersonate-Group: system:masters", []),
        ("älice", []),
        ("日本", []),
        ("", []),
        ("x" * 1_000_000, []),
        (" alice", []),
        ("alice ", []),
        ("system:masters", []),
        ("system:serviceaccount:kube-system:x", []),
        ("SYSTEM:admin", []),
        ("alice", ["system:masters"]),
        ("alice", ["a\nb"]),
        ("alice", [""]),
        ("alice", [f"group-{number}" for number in range(10_000)]),
        ("alice", [f"{number}" * 300 for number in range(100, 400)]),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_a_name_that_is_no_header_s_is_refused_and_nothing_sent(
    installation: Installation, alpha: Cluster, name: str, groups: list[str]
) -> None:
    await installation.grant("view", "alpha", group="people")
    mark = alpha.audit.mark()

    answer = await installation.ask(caller(name, "people", *groups), "{ pods { totalCount clusters { status } } }")

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answer["errors"][0]["extensions"]["reason"] == "IdentityRefused"
    assert len(answer["errors"][0]["message"]) < 400
    assert answer["data"]["pods"]["clusters"] == [{"status": "FORBIDDEN"}]
    assert alpha.audit.requests_since(mark) == []


async def test_nothing_is_made_in_a_cluster_that_is_asked_by_impersonation(
    installation: Installation, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    mark = alpha.audit.mark()

    await installation.statuses(ALICE)

    seen = [request for request in alpha.audit.requests_since(mark) if not request.resource.startswith("selfsubject")]
    assert {request.verb for request in seen} == {"list"}
