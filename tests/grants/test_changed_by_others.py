"""Accounts that were changed in the cluster by others: the next query works, and no removed right returns."""

import asyncio
import json

import pytest

from k8s.accounts.account import Household
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
def household(house: Installation) -> Household:
    return house.policy.household


def _remove_bindings(cluster: Cluster, household: Household) -> None:
    for each in listed(cluster, f"/apis/{RBAC}/v1/clusterrolebindings", household):
        name = each["metadata"]["name"]  # type: ignore[index, call-overload]  # JSON
        ask(cluster, "DELETE", f"/apis/{RBAC}/v1/clusterrolebindings/{name}")


def _remove_accounts(cluster: Cluster, household: Household) -> None:
    for name in accounts(cluster, household):
        ask(cluster, "DELETE", f"/api/v1/namespaces/{household.namespace}/serviceaccounts/{name}")


async def test_a_grant_that_is_removed_and_given_again_holds_at_the_next_query(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    """Removes and adds a grant without a query between, so that this process has not noticed the removal."""
    await house.grant("view", "alpha", user=ALICE.name)
    edit = await house.grant("edit", "alpha", user=ALICE.name)
    assert await house.statuses(ALICE, SECRETS) == {"alpha": "OK"}

    await house.granting.remove(OPERATOR, edit.id)
    await house.grant("edit", "alpha", user=ALICE.name)

    assert await house.statuses(ALICE, SECRETS) == {"alpha": "OK"}


async def test_likewise_where_it_was_the_only_one(house: Installation, household: Household, alpha: Cluster) -> None:
    grant = await house.grant("view", "alpha", user=ALICE.name)
    assert await house.statuses(ALICE) == {"alpha": "OK"}

    await house.granting.remove(OPERATOR, grant.id)
    assert accounts(alpha, household) == []
    await house.grant("view", "alpha", user=ALICE.name)

    assert await house.statuses(ALICE) == {"alpha": "OK"}


async def test_a_binding_that_an_administrator_deleted_is_made_again(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    await house.statuses(ALICE)

    _remove_bindings(alpha, household)
    await _until_denied(alpha, accounts(alpha, household)[0], household)

    assert await house.statuses(ALICE) == {"alpha": "OK"}
    assert bindings(alpha, household) == {("ClusterRole", "view", None)}


async def test_account_and_bindings_that_went_together_cost_one_token_however_many_ask(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    clusters = [(await house.fleet.clusters(ALICE))[0] for _ in range(200)]
    await clusters[0].reader.count(_pods(), deadline=Deadline(30), limit=1)
    (name,) = accounts(alpha, household)

    _remove_bindings(alpha, household)
    _remove_accounts(alpha, household)
    await _until_denied(alpha, name, household)
    mark = alpha.audit.mark()
    counts = await asyncio.gather(*(one.reader.count(_pods(), deadline=Deadline(60), limit=1) for one in clusters))

    assert len(set(counts)) == 1
    seen = alpha.audit.requests_since(mark)
    assert [each.verb for each in seen if each.subresource == "token"] == ["create"]
    assert len([each for each in seen if each.resource == "clusterrolebindings" and each.verb == "list"]) == 1


async def test_a_role_that_is_made_after_it_was_granted_holds_at_once(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    role = f"late-{household.namespace}"
    await house.grant(role, "alpha", user=ALICE.name)
    assert await house.statuses(ALICE) == {"alpha": "FORBIDDEN"}

    rule: JsonObject = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
    ask(alpha, "POST", f"/apis/{RBAC}/v1/clusterroles", {"metadata": {"name": role}, "rules": [rule]})
    async with asyncio.timeout(30):
        while await house.statuses(ALICE) != {"alpha": "OK"}:  # noqa: ASYNC110  the API server tells nobody
            await asyncio.sleep(0.1)


async def test_what_was_taken_back_is_not_made_again_for_a_query_that_began_before(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    """Removes a grant like another replica; the account's old token is valid for some seconds."""
    grant = await house.grant("view", "alpha", user=ALICE.name)
    await house.statuses(ALICE)
    (before, *_) = await house.fleet.clusters(ALICE)

    await house.granting.remove(OPERATOR, grant.id)
    for _ in range(3):
        with pytest.raises(Exception, match=r"does not (accept|allow)|revoked"):
            await before.reader.count(_pods(), deadline=Deadline(5), limit=1)

    assert (accounts(alpha, household), bindings(alpha, household)) == ([], set())


async def test_a_role_that_was_taken_back_is_not_made_again_either(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    edit = await house.grant("edit", "alpha", user=ALICE.name)
    assert await house.statuses(ALICE, SECRETS) == {"alpha": "OK"}
    (before, *_) = await house.fleet.clusters(ALICE)

    await house.granting.remove(OPERATOR, edit.id)
    assert await house.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}
    assert (await before.reader.count(_pods(), deadline=Deadline(5), limit=1)) is not None

    assert bindings(alpha, household) == {("ClusterRole", "view", None)}


async def test_a_caller_who_is_always_refused_costs_few_more_requests(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    await house.statuses(ALICE)
    mark = alpha.audit.mark()

    for _ in range(20):
        assert await house.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}

    seen = alpha.audit.requests_since(mark)
    assert len([each for each in seen if each.user == "admin"]) <= 3
    assert len([each for each in seen if each.resource == "secrets"]) == 20
    assert await house.statuses(ALICE, PODS) == {"alpha": "OK"}


async def _until_denied(cluster: Cluster, account: str, household: Household) -> None:
    """Waits until the API server itself refuses the account, which takes a moment."""
    review: JsonObject = {
        "spec": {
            "user": f"system:serviceaccount:{household.namespace}:{account}",
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
