"""Users seen by each API server when callers with different rights query everything (IM-2, IM-4 to IM-7, IM-11)."""

import asyncio
import json
import random
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest

from k8s.errors import ErrorCode
from k8s.kinds.builtin import POD
from resolvers.arguments.globalids import object_id
from resolvers.caller import OPERATOR
from store.clusters.cluster import IdentityMode
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.grants.installations import SECRETS, Installation, caller
from tests.grants.test_impersonation import bind

pytestmark = pytest.mark.controlplane

EVERYWHERE = """{
  a: secrets { ...seen }
  b: secrets(clusters: {names: ["alpha", "beta"]}) { ...seen }
  pods { totalCount }
  clusters { name secrets { totalCount } counts { secrets } }
}
fragment seen on SecretConnection { totalCount clusters { cluster { name } status error { code } } }"""


LABELLED = "query Labelled($selector: String) { pods(labelSelector: $selector) { totalCount } }"


def seen_as(cluster: Cluster, mark: int, resource: str) -> set[str]:
    """Returns the users of requests for a resource, as seen by the cluster."""
    found = [request for request in cluster.audit.requests_since(mark) if request.resource == resource]
    return {item.impersonated_user or item.user for item in found}


async def test_less_on_one_cluster_and_more_on_another_in_one_document(
    installation: Installation, alpha: Cluster, beta: Cluster
) -> None:
    await installation.grant("view", "alpha", user="alice")
    await installation.grant("edit", "beta", user="alice")
    marks = alpha.audit.mark(), beta.audit.mark()

    answer = await installation.ask(caller("alice"), EVERYWHERE)

    for key in ("a", "b"):
        statuses = {item["cluster"]["name"]: item["status"] for item in answer["data"][key]["clusters"]}
        assert statuses == {"alpha": "FORBIDDEN", "beta": "OK"}
    assert [item["counts"]["secrets"] is None for item in answer["data"]["clusters"]] == [True, False]
    owner = installation.policy.owner
    for cluster, mark in zip((alpha, beta), marks, strict=True):
        (who,) = seen_as(cluster, mark, "secrets")
        assert who.startswith(f"system:serviceaccount:{owner.namespace}:fleetgraph-")
        assert seen_as(cluster, mark, "pods") == {who}


async def test_the_cluster_s_no_wins_over_our_yes(installation: Installation, alpha: Cluster) -> None:
    await installation.tell_apart_by(IdentityMode.IMPERSONATION, "alpha")
    await installation.grant("cluster-admin", "alpha", user="nobody-there")

    answer = await installation.ask(caller("nobody-there"), SECRETS)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == ErrorCode.FORBIDDEN
    assert error["message"] == "cluster 'alpha': its RBAC does not allow to list secrets."


async def test_an_object_of_a_cluster_without_a_grant_is_like_one_that_is_not_there(
    installation: Installation, alpha: Cluster, beta: Cluster
) -> None:
    await installation.grant("view", "alpha", user="alice")
    ids = {record.name: record.id for record in await installation.registry.clusters.select()}
    hidden = object_id(ids["beta"], POD, "default", "web-0")
    no_cluster = "00000000-0000-0000-0000-000000000000"
    absent = object_id(no_cluster, POD, "default", "web-0")
    mark = beta.audit.mark()
    queries = (
        '{ object(id: "%(id)s") { id } }',
        '{ _entities(representations: [{__typename: "Pod", id: "%(id)s"}]) { __typename } }',
        '{ _entities(representations: [{__typename: "Cluster", id: "%(cluster)s"}]) { __typename } }',
        '{ _entities(representations: [{__typename: "Cluster", name: "%(name)s"}]) { __typename } }',
        '{ cluster(name: "%(name)s") { id } }',
        '{ pod(cluster: "%(name)s", namespace: "default", name: "web-0") { id } }',
        '{ pods(clusters: {names: ["%(name)s"]}) { totalCount } }',
        '{ pods(clusters: {ids: ["%(cluster)s"]}) { totalCount } }',
        '{ clusters(names: ["%(name)s"]) { id } }',
    )

    for query in queries:
        of_hidden = await installation.ask(
            caller("alice"), query % {"id": hidden, "cluster": ids["beta"], "name": "beta"}
        )
        of_absent = await installation.ask(
            caller("alice"), query % {"id": absent, "cluster": no_cluster, "name": "bets"}
        )

        told = str(of_absent).replace("bets", "beta").replace(no_cluster, ids["beta"])
        assert str(of_hidden) == told, query
    assert beta.audit.requests_since(mark) == []


async def test_two_callers_with_the_same_question_share_no_answer(installation: Installation, alpha: Cluster) -> None:
    await installation.grant("view", "alpha", user="alice")
    await installation.grant("edit", "alpha", user="bob")
    mark = alpha.audit.mark()

    of = dict(
        zip(
            ("alice", "bob", "alice", "bob"),
            await asyncio.gather(
                *(installation.statuses(caller(name), SECRETS) for name in ("alice", "bob", "alice", "bob"))
            ),
            strict=True,
        )
    )

    assert of == {"alice": {"alpha": "FORBIDDEN"}, "bob": {"alpha": "OK"}}
    asked = [request for request in alpha.audit.requests_since(mark) if request.resource == "secrets"]
    assert sorted(Counter(item.user for item in asked).values()) == [2, 2]
    assert {item.status for item in asked} == {200, 403}


async def test_a_refusal_of_one_caller_is_no_failure_of_the_cluster(installation: Installation, alpha: Cluster) -> None:
    await installation.grant("view", "alpha", user="alice")
    for _ in range(3):
        assert await installation.statuses(caller("alice"), SECRETS) == {"alpha": "FORBIDDEN"}

    assert (await installation.statuses(OPERATOR, SECRETS))["alpha"] == "OK"
    assert await installation.statuses(caller("alice")) == {"alpha": "OK"}


async def test_many_callers_at_once_with_delays_and_cancellations(
    installation: Installation, alpha: Cluster, beta: Cluster
) -> None:
    """Checks IM-6: every request carries its sender in the label that it selects, and the cluster sees that user."""
    draw = random.Random(20261126)  # noqa: S311  it mixes requests
    await installation.tell_apart_by(IdentityMode.IMPERSONATION, "alpha")
    names = [f"user-{number}" for number in range(20)]
    bind(alpha, f"{installation.policy.owner.namespace}-all", {"kind": "Group", "name": "im6"})
    for name in names:
        clusters = draw.choice([("alpha",), ("beta",), ("alpha", "beta")])
        await installation.grant("view", *clusters, user=name)
    marks = alpha.audit.mark(), beta.audit.mark()

    async def one(name: str) -> None:
        await asyncio.sleep(draw.uniform(0, 0.5))
        task = asyncio.ensure_future(installation.ask(caller(name, "im6"), LABELLED, selector=f"asked-by={name}"))
        if draw.random() < 0.3:
            await asyncio.sleep(draw.uniform(0, 0.1))
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    for _ in range(6):  # a few dozen at once: the database is asked for each
        await asyncio.gather(*(one(name) for name in names for _ in range(3)))

    granted = {name: set(await installation.statuses(caller(name, "im6"))) for name in names}
    accounts = await _accounts(installation, beta)
    total = 0
    for cluster, mark in zip((alpha, beta), marks, strict=True):
        for request in cluster.audit.requests_since(mark):
            if "asked-by" not in request.uri:
                continue
            (selector,) = parse_qs(urlsplit(request.uri).query)["labelSelector"]
            asked_by = selector.removeprefix("asked-by=")
            taken_for = request.impersonated_user or accounts[request.user]
            assert taken_for == asked_by
            assert cluster.name in granted[asked_by]
            total += 1
    assert total > 200


async def test_one_impersonated_user_stands_on_each_request_whatever_a_client_sends(
    installation: Installation, alpha: Cluster
) -> None:
    """Checks IM-2 for all reads: lists, counts, single objects, discovery of the version, links."""
    await installation.tell_apart_by(IdentityMode.IMPERSONATION, "alpha")
    await installation.grant("view", "alpha", user="alice")
    bind(alpha, f"{installation.policy.owner.namespace}-alice", {"kind": "User", "name": "alice"})
    name = installation.policy.owner.namespace
    ask(alpha, "POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": name}})
    mark = alpha.audit.mark()

    await installation.ask(
        caller("alice"),
        """query All($name: String!) {
          clusters { version reachable counts { pods } }
          configMap(cluster: "alpha", namespace: "default", name: $name) { id owner { id } }
          pods(first: 2) { nodes { node { name } events { totalCount } } }
        }""",
        name=name,
    )

    seen = alpha.audit.requests_since(mark)
    assert {(request.user, request.impersonated_user) for request in seen} == {("admin", "alice")}
    assert {request.verb for request in seen} >= {"get", "list"}
    assert any(request.uri == "/version" for request in seen)


async def _accounts(installation: Installation, cluster: Cluster) -> dict[str, str]:
    """Returns the only user of each account, by the API server's name of the account."""
    place = installation.policy.owner.namespace
    items = json.loads(ask(cluster, "GET", f"/api/v1/namespaces/{place}/serviceaccounts"))["items"]
    return {
        f"system:serviceaccount:{place}:{item['metadata']['name']}": json.loads(
            item["metadata"]["annotations"]["fleetgraph.dev/subjects"]
        )[0].removeprefix("user:")
        for item in items
        if "annotations" in item["metadata"]
    }
