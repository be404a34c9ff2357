"""Callers as service accounts: their identity on real API servers, and created and removed objects there."""

import asyncio
import json
from pathlib import Path

import pytest

from graph.engine import Engine
from k8s.accounts.account import Account, Household
from k8s.accounts.accounts import find_accounts, reconcile_account
from k8s.accounts.bindings import BoundRole, find_bindings
from k8s.accounts.tokenrequest import request_token
from k8s.kinds.builtin import POD
from k8s.reading.listing import ListRequest
from k8s.reading.selection import LEAF
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from resolvers.caller import OPERATOR
from store.clusters.cluster import IdentityMode
from store.clusters.grant import RoleKind
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.grants.installations import PODS, SECRETS, Installation, caller, installation
from tests.graph.fleets import connection_to

pytestmark = pytest.mark.controlplane

ALICE = caller("alice@example.com", "developers")
RBAC = "rbac.authorization.k8s.io"


def listed(cluster: Cluster, path: str, household: Household) -> list[JsonObject]:
    """Returns the objects of this installation in a cluster."""
    selector = ",".join(f"{key}={value}" for key, value in household.labels.items())
    items: list[JsonObject] = json.loads(ask(cluster, "GET", f"{path}?labelSelector={selector}"))["items"]
    return items


def accounts(cluster: Cluster, household: Household) -> list[str]:
    path = f"/api/v1/namespaces/{household.namespace}/serviceaccounts"
    return [each["metadata"]["name"] for each in listed(cluster, path, household)]  # type: ignore[index, call-overload, misc]  # JSON


def bindings(cluster: Cluster, household: Household) -> set[tuple[str, str, str | None]]:
    """Returns kind and name of each bound role, and its namespace."""
    found = [
        *listed(cluster, f"/apis/{RBAC}/v1/clusterrolebindings", household),
        *listed(cluster, f"/apis/{RBAC}/v1/rolebindings", household),
    ]
    return {(each["roleRef"]["kind"], each["roleRef"]["name"], each["metadata"].get("namespace")) for each in found}  # type: ignore[index, call-overload, union-attr, misc]  # JSON


def namespace(cluster: Cluster, name: str) -> None:
    ask(cluster, "POST", "/api/v1/namespaces", {"metadata": {"name": name}})


@pytest.fixture
def household(house: Installation) -> Household:
    return house.policy.household


async def test_a_caller_is_an_account_with_just_the_granted_role(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    mark = alpha.audit.mark()

    assert await house.statuses(ALICE) == {"alpha": "OK"}
    assert await house.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}

    (name,) = accounts(alpha, household)
    seen = alpha.audit.requests_since(mark)
    theirs = [each for each in seen if each.user != "admin"]
    assert {seen.user for seen in theirs} == {f"system:serviceaccount:{household.namespace}:{name}"}
    assert [(each.resource, each.status) for each in theirs if each.resource in {"pods", "secrets"}] == [
        ("pods", 200),
        ("secrets", 403),
    ]
    assert bindings(alpha, household) == {("ClusterRole", "view", None)}
    assert not any(each.resource in {"pods", "secrets"} for each in seen if each.user == "admin")


async def test_only_our_namespace_and_our_names_are_asked_for(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user="../../kube-system/serviceaccounts/x")
    mark = alpha.audit.mark()

    assert await house.statuses(caller("../../kube-system/serviceaccounts/x")) == {"alpha": "OK"}

    about = [each for each in alpha.audit.requests_since(mark) if each.resource == "serviceaccounts"]
    assert {each.namespace for each in about} == {household.namespace}
    assert {each.name for each in about} - {""} == set(accounts(alpha, household))
    assert [each.subresource for each in about if each.subresource] == ["token"]


async def test_a_thousand_queries_at_once_cost_one_token(house: Installation, alpha: Cluster) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    clusters = [(await house.fleet.clusters(ALICE))[0] for _ in range(1000)]  # one for each, as operations have
    mark = alpha.audit.mark()

    counts = await asyncio.gather(*(one.reader.count(_pods(), deadline=Deadline(120), limit=1) for one in clusters))

    assert len(set(counts)) == 1
    seen = alpha.audit.requests_since(mark)
    assert [each.verb for each in seen if each.subresource == "token"] == ["create"]
    assert len([each for each in seen if each.resource == "pods"]) == 1000


async def test_members_of_a_group_are_one_account_and_others_are_another(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", group="developers")
    await house.grant("edit", "alpha", user="carol")
    for name in ("alice", "bob", "carol"):
        assert await house.statuses(caller(name, "developers")) == {"alpha": "OK"}

    assert len(accounts(alpha, household)) == 2
    assert await house.statuses(caller("bob", "developers"), SECRETS) == {"alpha": "FORBIDDEN"}
    assert await house.statuses(caller("carol", "developers"), SECRETS) == {"alpha": "OK"}


async def test_a_removed_grant_takes_account_bindings_and_token_along(
    house: Installation, household: Household, alpha: Cluster, beta: Cluster
) -> None:
    grant = await house.grant("view", "alpha", "beta", user=ALICE.name)
    await house.statuses(ALICE)
    (cluster, _) = await house.fleet.clusters(ALICE)

    removed = await house.granting.remove(OPERATOR, grant.id)

    assert [(each.cluster, each.removed, each.error) for each in removed.reconciled] == [
        ("alpha", 1, None),
        ("beta", 1, None),
    ]
    assert await house.statuses(ALICE) == {}
    for each in (alpha, beta):
        assert (accounts(each, household), bindings(each, household)) == ([], set())
    with pytest.raises(Exception, match=r"does not (accept|allow)"):
        await cluster.reader.count(_pods(), deadline=Deadline(5), limit=1)


async def test_roles_in_namespaces_reach_no_further(house: Installation, household: Household, alpha: Cluster) -> None:
    place = f"{household.namespace}-shop"
    namespace(alpha, place)
    role = {"metadata": {"name": "reader"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]}
    ask(alpha, "POST", f"/apis/{RBAC}/v1/namespaces/{place}/roles", role)  # type: ignore[arg-type]  # JSON
    await house.grant("reader", "alpha", user="dave", namespaces=[place], kind=RoleKind.ROLE)
    await house.grant("view", "alpha", user="erin", namespaces=[place, "not-there"])
    here = f'{{ pods(namespaces: ["{place}"]) {{ totalCount clusters {{ cluster {{ name }} status }} }} }}'
    elsewhere = '{ pods(namespaces: ["default"]) { totalCount clusters { cluster { name } status } } }'

    for name in ("dave", "erin"):
        assert await house.statuses(caller(name), here) == {"alpha": "OK"}
        assert await house.statuses(caller(name), elsewhere) == {"alpha": "FORBIDDEN"}

    assert bindings(alpha, household) == {("Role", "reader", place), ("ClusterRole", "view", place)}
    namespace(alpha, f"{place}-2")
    await house.grant("view", "alpha", user="erin", namespaces=[f"{place}-2"])
    (reconciled,) = await house.granting.reconcile(frozenset({"alpha"}))
    assert (reconciled.changed, [each.namespace for each in reconciled.missing]) == (1, ["not-there"])


async def test_a_grant_that_is_taken_back_takes_its_right_along_at_the_next_query(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    edit = await house.grant("edit", "alpha", user=ALICE.name)
    assert await house.statuses(ALICE, SECRETS) == {"alpha": "OK"}

    await house.registry.grants.remove(edit.id)  # as another replica does, which nobody here is told of

    assert await house.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}
    assert await house.statuses(ALICE, PODS) == {"alpha": "OK"}
    assert bindings(alpha, household) == {("ClusterRole", "view", None)}


async def test_reconciling_removes_what_is_not_granted_and_makes_what_is_missing(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    await house.grant("edit", "alpha", user="bob")
    for name in (ALICE.name, "bob"):
        await house.statuses(caller(name))
    connection = connection_to(alpha)
    deadline = Deadline(10)
    (alices,) = [
        account
        for account in (await find_accounts(connection, household, deadline)).values()
        if account is not None and ALICE.name in account.subjects[0]
    ]
    (binding,) = (await find_bindings(connection, alices.labels, deadline)).items
    ask(alpha, "DELETE", f"/apis/{RBAC}/v1/clusterrolebindings/{binding.name}")
    await reconcile_account(
        connection, Account(household, ("user:mallory",)), [BoundRole("ClusterRole", "admin")], deadline
    )
    for name, role, account in (("extra", "cluster-admin", alices.name), ("orphan", "admin", "fleetgraph-gone")):
        body = {
            "metadata": {
                "name": f"{household.namespace}-{name}",
                "labels": {**household.labels, "fleetgraph.dev/account": account},
            },
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": household.namespace}],
        }
        ask(alpha, "POST", f"/apis/{RBAC}/v1/clusterrolebindings", body)  # type: ignore[arg-type]  # JSON

    (reconciled,) = await house.granting.reconcile(frozenset({"alpha"}))
    (again,) = await house.granting.reconcile(frozenset({"alpha"}))

    assert (reconciled.removed, reconciled.changed, reconciled.error) == (1, 2, None)
    assert (again.removed, again.changed) == (0, 0)
    assert bindings(alpha, household) == {("ClusterRole", "view", None), ("ClusterRole", "edit", None)}
    assert len(accounts(alpha, household)) == 2
    await connection.close()


async def test_two_installations_do_not_touch_each_other(
    house: Installation, engine: Engine, tmp_path: Path, alpha: Cluster, beta: Cluster, account_namespace: str
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    async with installation(engine, folder, (alpha, beta), namespace=account_namespace) as other:
        for each in (house, other):
            await each.grant("view", "alpha", group="developers")
            assert await each.statuses(ALICE) == {"alpha": "OK"}
        (grant,) = await house.registry.grants.all()

        await house.granting.remove(OPERATOR, grant.id)

        assert accounts(alpha, house.policy.household) == []
        assert len(accounts(alpha, other.policy.household)) == 1
        assert await other.statuses(ALICE) == {"alpha": "OK"}


async def test_a_cluster_that_turns_to_impersonation_keeps_no_account(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    await house.statuses(ALICE)

    await house.tell_apart_by(IdentityMode.IMPERSONATION, "alpha")
    (reconciled,) = await house.granting.reconcile(frozenset({"alpha"}))

    assert reconciled.removed == 1
    assert (accounts(alpha, household), bindings(alpha, household)) == ([], set())


async def test_an_account_that_somebody_removed_is_made_again(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    await house.grant("view", "alpha", user=ALICE.name)
    await house.statuses(ALICE)
    (name,) = accounts(alpha, household)
    ask(alpha, "DELETE", f"/api/v1/namespaces/{household.namespace}/serviceaccounts/{name}")
    house.fleet._pool.retain([])  # as after a restart

    assert await house.statuses(ALICE) == {"alpha": "OK"}

    assert accounts(alpha, household) == [name]


async def test_im_12_a_service_account_of_that_name_which_is_not_ours(
    house: Installation, household: Household, alpha: Cluster
) -> None:
    account = Account(household, (f"user:{ALICE.name}",))
    path = f"/api/v1/namespaces/{household.namespace}/serviceaccounts"
    ask(alpha, "POST", path, {"metadata": {"name": account.name}})
    await house.grant("view", "alpha", user=ALICE.name)
    mark = alpha.audit.mark()

    answer = await house.ask(ALICE, PODS)

    assert "was not created by fleetgraph" in answer["errors"][0]["message"]
    assert {each.verb for each in alpha.audit.requests_since(mark)} == {"get"}


async def test_a_token_ends_soon_and_says_when(house: Installation, household: Household, alpha: Cluster) -> None:
    connection: Connection = connection_to(alpha)
    account = Account(household, ("user:frank",))
    await reconcile_account(connection, account, [], Deadline(10))

    issued = await request_token(connection, account, Deadline(10))

    assert issued.expires_at is not None
    assert "Secret(...)" in repr(issued)
    await connection.close()


def _pods() -> ListRequest:
    return ListRequest(kind=POD, structure="Pod", selection=LEAF)
