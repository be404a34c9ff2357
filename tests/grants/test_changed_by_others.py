"""Accounts that were changed in the cluster by others: the next query works, and no removed right returns."""

import asyncio
import json

import pytest

from k8s.accounts.account import AccountOwner
from k8s.kinds.builtin import POD
from k8s.reading.listing import ListRequest
from k8s.reading.selection import LEAF
from k8s.transport.deadline import Deadline
from resolvers.caller import OPERATOR
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.grants.installations import PODS, SECRETS, Installation, caller
from tests.grants.test_accounts import RBAC, accounts, bindings, listed

pytestmark = pytest.mark.controlplane

ALICE = caller("alice@example.com", "developers")


@pytest.fixture
def owner(installation: Installation) -> AccountOwner:
    return installation.policy.owner


def _remove_bindings(cluster: Cluster, owner: AccountOwner) -> None:
    for item in listed(cluster, f"/apis/{RBAC}/v1/clusterrolebindings", owner):
        name = item["metadata"]["name"]  # type: ignore[index, call-overload]  # JSON
        ask(cluster, "DELETE", f"/apis/{RBAC}/v1/clusterrolebindings/{name}")


def _remove_accounts(cluster: Cluster, owner: AccountOwner) -> None:
    for name in accounts(cluster, owner):
        ask(cluster, "DELETE", f"/api/v1/namespaces/{owner.namespace}/serviceaccounts/{name}")


async def test_a_grant_that_is_removed_and_given_again_holds_at_the_next_query(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    """Removes and adds a grant without a query between, so that this process has not noticed the removal."""
    await installation.grant("view", "alpha", user=ALICE.name)
    edit = await installation.grant("edit", "alpha", user=ALICE.name)
    assert await installation.statuses(ALICE, SECRETS) == {"alpha": "OK"}

    await installation.grants.remove(OPERATOR, edit.id)
    await installation.grant("edit", "alpha", user=ALICE.name)

    assert await installation.statuses(ALICE, SECRETS) == {"alpha": "OK"}


async def test_likewise_where_it_was_the_only_one(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    grant = await installation.grant("view", "alpha", user=ALICE.name)
    assert await installation.statuses(ALICE) == {"alpha": "OK"}

    await installation.grants.remove(OPERATOR, grant.id)
    assert accounts(alpha, owner) == []
    await installation.grant("view", "alpha", user=ALICE.name)

    assert await installation.statuses(ALICE) == {"alpha": "OK"}


async def test_a_binding_that_an_administrator_deleted_is_made_again(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    await installation.statuses(ALICE)

    _remove_bindings(alpha, owner)
    await _until_denied(alpha, accounts(alpha, owner)[0], owner)

    assert await installation.statuses(ALICE) == {"alpha": "OK"}
    assert bindings(alpha, owner) == {("ClusterRole", "view", None)}


async def test_account_and_bindings_that_went_together_cost_one_token_however_many_ask(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    clusters = [(await installation.fleet.clusters(ALICE))[0] for _ in range(200)]
    await clusters[0].reader.count(_pods(), deadline=Deadline(30), limit=1)
    (name,) = accounts(alpha, owner)

    _remove_bindings(alpha, owner)
    _remove_accounts(alpha, owner)
    await _until_denied(alpha, name, owner)
    mark = alpha.audit.mark()
    counts = await asyncio.gather(*(one.reader.count(_pods(), deadline=Deadline(60), limit=1) for one in clusters))

    assert len(set(counts)) == 1
    seen = alpha.audit.requests_since(mark)
    assert [request.verb for request in seen if request.subresource == "token"] == ["create"]
    assert (
        len([request for request in seen if request.resource == "clusterrolebindings" and request.verb == "list"]) == 1
    )


async def test_a_role_that_is_made_after_it_was_granted_holds_at_once(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    role = f"late-{owner.namespace}"
    await installation.grant(role, "alpha", user=ALICE.name)
    assert await installation.statuses(ALICE) == {"alpha": "FORBIDDEN"}

    rule: JsonObject = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
    ask(alpha, "POST", f"/apis/{RBAC}/v1/clusterroles", {"metadata": {"name": role}, "rules": [rule]})
    async with asyncio.timeout(30):
        while await installation.statuses(ALICE) != {"alpha": "OK"}:  # noqa: ASYNC110  the API server tells nobody
            await asyncio.sleep(0.1)


async def test_what_was_taken_back_is_not_made_again_for_a_query_that_began_before(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    """Removes a grant like another replica; the account's old token is valid for some seconds."""
    grant = await installation.grant("view", "alpha", user=ALICE.name)
    await installation.statuses(ALICE)
    (before, *_) = await installation.fleet.clusters(ALICE)

    await installation.grants.remove(OPERATOR, grant.id)
    for _ in range(3):
        with pytest.raises(Exception, match=r"does not (accept|allow)|revoked"):
            await before.reader.count(_pods(), deadline=Deadline(5), limit=1)

    assert (accounts(alpha, owner), bindings(alpha, owner)) == ([], set())


async def test_a_role_that_was_taken_back_is_not_made_again_either(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    edit = await installation.grant("edit", "alpha", user=ALICE.name)
    assert await installation.statuses(ALICE, SECRETS) == {"alpha": "OK"}
    (before, *_) = await installation.fleet.clusters(ALICE)

    await installation.grants.remove(OPERATOR, edit.id)
    assert await installation.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}
    assert (await before.reader.count(_pods(), deadline=Deadline(5), limit=1)) is not None

    assert bindings(alpha, owner) == {("ClusterRole", "view", None)}


async def test_a_caller_who_is_always_refused_costs_few_more_requests(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    await installation.statuses(ALICE)
    mark = alpha.audit.mark()

    for _ in range(20):
        assert await installation.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}

    seen = alpha.audit.requests_since(mark)
    assert len([request for request in seen if request.user == "admin"]) <= 3
    assert len([request for request in seen if request.resource == "secrets"]) == 20
    assert await installation.statuses(ALICE, PODS) == {"alpha": "OK"}


async def _until_denied(cluster: Cluster, account: str, owner: AccountOwner) -> None:
    """Waits until the API server itself refuses the account, which takes a moment."""
    review: JsonObject = {
        "spec": {
            "user": f"system:serviceaccount:{owner.namespace}:{account}",
            "resourceAttributes": {"verb": "list", "resource": "pods"},
        }
    }
    async with asyncio.timeout(30):
        while True:
            answer = ask(cluster, "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
            if not json.loads(answer)["status"]["allowed"]:
                return
            await asyncio.sleep(0.05)


def _pods() -> ListRequest:
    return ListRequest(kind=POD, structure="Pod", selection=LEAF)
