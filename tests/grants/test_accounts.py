"""Callers as service accounts: their identity on real API servers, and created and removed objects there."""

import asyncio
import json
from pathlib import Path

import pytest

from graph.engine import Engine
from k8s.accounts.account import Account, AccountOwner
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
from tests.grants.installations import PODS, SECRETS, Installation, caller, opened_installation
from tests.graph.fleets import connection_to

pytestmark = pytest.mark.controlplane

ALICE = caller("alice@example.com", "developers")
RBAC = "rbac.authorization.k8s.io"


def listed(cluster: Cluster, path: str, owner: AccountOwner) -> list[JsonObject]:
    """Returns the objects of this installation in a cluster."""
    selector = ",".join(f"{key}={value}" for key, value in owner.labels.items())
    items: list[JsonObject] = json.loads(ask(cluster, "GET", f"{path}?labelSelector={selector}"))["items"]
    return items


def accounts(cluster: Cluster, owner: AccountOwner) -> list[str]:
    path = f"/api/v1/namespaces/{owner.namespace}/serviceaccounts"
    return [item["metadata"]["name"] for item in listed(cluster, path, owner)]  # type: ignore[index, call-overload, misc]  # JSON


def bindings(cluster: Cluster, owner: AccountOwner) -> set[tuple[str, str, str | None]]:
    """Returns kind and name of each bound role, and its namespace."""
    found = [
        *listed(cluster, f"/apis/{RBAC}/v1/clusterrolebindings", owner),
        *listed(cluster, f"/apis/{RBAC}/v1/rolebindings", owner),
    ]
    return {(item["roleRef"]["kind"], item["roleRef"]["name"], item["metadata"].get("namespace")) for item in found}  # type: ignore[index, call-overload, union-attr, misc]  # JSON


def namespace(cluster: Cluster, name: str) -> None:
    ask(cluster, "POST", "/api/v1/namespaces", {"metadata": {"name": name}})


@pytest.fixture
def owner(installation: Installation) -> AccountOwner:
    return installation.policy.owner


async def test_a_caller_is_an_account_with_just_the_granted_role(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    mark = alpha.audit.mark()

    assert await installation.statuses(ALICE) == {"alpha": "OK"}
    assert await installation.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}

    (name,) = accounts(alpha, owner)
    seen = alpha.audit.requests_since(mark)
    theirs = [request for request in seen if request.user != "admin"]
    assert {seen.user for seen in theirs} == {f"system:serviceaccount:{owner.namespace}:{name}"}
    assert [(item.resource, item.status) for item in theirs if item.resource in {"pods", "secrets"}] == [
        ("pods", 200),
        ("secrets", 403),
    ]
    assert bindings(alpha, owner) == {("ClusterRole", "view", None)}
    assert not any(request.resource in {"pods", "secrets"} for request in seen if request.user == "admin")


async def test_only_our_namespace_and_our_names_are_asked_for(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user="../../kube-system/serviceaccounts/x")
    mark = alpha.audit.mark()

    assert await installation.statuses(caller("../../kube-system/serviceaccounts/x")) == {"alpha": "OK"}

    about = [request for request in alpha.audit.requests_since(mark) if request.resource == "serviceaccounts"]
    assert {request.namespace for request in about} == {owner.namespace}
    assert {request.name for request in about} - {""} == set(accounts(alpha, owner))
    assert [request.subresource for request in about if request.subresource] == ["token"]


async def test_a_thousand_queries_at_once_cost_one_token(installation: Installation, alpha: Cluster) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    clusters = [(await installation.fleet.clusters(ALICE))[0] for _ in range(1000)]  # one for each, as operations have
    mark = alpha.audit.mark()

    counts = await asyncio.gather(*(one.reader.count(_pods(), deadline=Deadline(120), limit=1) for one in clusters))

    assert len(set(counts)) == 1
    seen = alpha.audit.requests_since(mark)
    assert [request.verb for request in seen if request.subresource == "token"] == ["create"]
    assert len([request for request in seen if request.resource == "pods"]) == 1000


async def test_members_of_a_group_are_one_account_and_others_are_another(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", group="developers")
    await installation.grant("edit", "alpha", user="carol")
    for name in ("alice", "bob", "carol"):
        assert await installation.statuses(caller(name, "developers")) == {"alpha": "OK"}

    assert len(accounts(alpha, owner)) == 2
    assert await installation.statuses(caller("bob", "developers"), SECRETS) == {"alpha": "FORBIDDEN"}
    assert await installation.statuses(caller("carol", "developers"), SECRETS) == {"alpha": "OK"}


async def test_a_removed_grant_takes_account_bindings_and_token_along(
    installation: Installation, owner: AccountOwner, alpha: Cluster, beta: Cluster
) -> None:
    grant = await installation.grant("view", "alpha", "beta", user=ALICE.name)
    await installation.statuses(ALICE)
    (cluster, _) = await installation.fleet.clusters(ALICE)

    removed = await installation.grants.remove(OPERATOR, grant.id)

    assert [(result.cluster, result.removed, result.error) for result in removed.reconciled] == [
        ("alpha", 1, None),
        ("beta", 1, None),
    ]
    assert await installation.statuses(ALICE) == {}
    for item in (alpha, beta):
        assert (accounts(item, owner), bindings(item, owner)) == ([], set())
    with pytest.raises(Exception, match=r"does not (accept|allow)"):
        await cluster.reader.count(_pods(), deadline=Deadline(5), limit=1)


async def test_roles_in_namespaces_reach_no_further(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    place = f"{owner.namespace}-shop"
    namespace(alpha, place)
    role = {"metadata": {"name": "reader"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]}
    ask(alpha, "POST", f"/apis/{RBAC}/v1/namespaces/{place}/roles", role)  # type: ignore[arg-type]  # JSON
    await installation.grant("reader", "alpha", user="dave", namespaces=[place], kind=RoleKind.ROLE)
    await installation.grant("view", "alpha", user="erin", namespaces=[place, "not-there"])
    here = f'{{ pods(namespaces: ["{place}"]) {{ totalCount clusters {{ cluster {{ name }} status }} }} }}'
    elsewhere = '{ pods(namespaces: ["default"]) { totalCount clusters { cluster { name } status } } }'

    for name in ("dave", "erin"):
        assert await installation.statuses(caller(name), here) == {"alpha": "OK"}
        assert await installation.statuses(caller(name), elsewhere) == {"alpha": "FORBIDDEN"}

    assert bindings(alpha, owner) == {("Role", "reader", place), ("ClusterRole", "view", place)}
    namespace(alpha, f"{place}-2")
    await installation.grant("view", "alpha", user="erin", namespaces=[f"{place}-2"])
    (reconciled,) = await installation.grants.reconcile(frozenset({"alpha"}))
    assert (reconciled.changed, [item.namespace for item in reconciled.missing]) == (1, ["not-there"])


async def test_a_grant_that_is_taken_back_takes_its_right_along_at_the_next_query(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    edit = await installation.grant("edit", "alpha", user=ALICE.name)
    assert await installation.statuses(ALICE, SECRETS) == {"alpha": "OK"}

    await installation.registry.grants.remove(edit.id)  # as another replica does, which nobody here is told of

    assert await installation.statuses(ALICE, SECRETS) == {"alpha": "FORBIDDEN"}
    assert await installation.statuses(ALICE, PODS) == {"alpha": "OK"}
    assert bindings(alpha, owner) == {("ClusterRole", "view", None)}


async def test_reconciling_removes_what_is_not_granted_and_makes_what_is_missing(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    await installation.grant("edit", "alpha", user="bob")
    for name in (ALICE.name, "bob"):
        await installation.statuses(caller(name))
    connection = connection_to(alpha)
    deadline = Deadline(10)
    (alices,) = [
        account
        for account in (await find_accounts(connection, owner, deadline)).values()
        if account is not None and ALICE.name in account.subjects[0]
    ]
    (binding,) = (await find_bindings(connection, alices.labels, deadline)).items
    ask(alpha, "DELETE", f"/apis/{RBAC}/v1/clusterrolebindings/{binding.name}")
    await reconcile_account(
        connection, Account(owner, ("user:mallory",)), [BoundRole("ClusterRole", "admin")], deadline
    )
    for name, role, account in (("extra", "cluster-admin", alices.name), ("orphan", "admin", "fleetgraph-gone")):
        body = {
            "metadata": {
                "name": f"{owner.namespace}-{name}",
                "labels": {**owner.labels, "fleetgraph.dev/account": account},
            },
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": owner.namespace}],
        }
        ask(alpha, "POST", f"/apis/{RBAC}/v1/clusterrolebindings", body)  # type: ignore[arg-type]  # JSON

    (reconciled,) = await installation.grants.reconcile(frozenset({"alpha"}))
    (again,) = await installation.grants.reconcile(frozenset({"alpha"}))

    assert (reconciled.removed, reconciled.changed, reconciled.error) == (1, 2, None)
    assert (again.removed, again.changed) == (0, 0)
    assert bindings(alpha, owner) == {("ClusterRole", "view", None), ("ClusterRole", "edit", None)}
    assert len(accounts(alpha, owner)) == 2
    await connection.close()


async def test_two_installations_do_not_touch_each_other(
    installation: Installation, engine: Engine, tmp_path: Path, alpha: Cluster, beta: Cluster, account_namespace: str
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    async with opened_installation(engine, folder, (alpha, beta), namespace=account_namespace) as other:
        for item in (installation, other):
            await item.grant("view", "alpha", group="developers")
            assert await item.statuses(ALICE) == {"alpha": "OK"}
        (grant,) = await installation.registry.grants.all()

        await installation.grants.remove(OPERATOR, grant.id)

        assert accounts(alpha, installation.policy.owner) == []
        assert len(accounts(alpha, other.policy.owner)) == 1
        assert await other.statuses(ALICE) == {"alpha": "OK"}


async def test_a_cluster_that_turns_to_impersonation_keeps_no_account(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    await installation.statuses(ALICE)

    await installation.tell_apart_by(IdentityMode.IMPERSONATION, "alpha")
    (reconciled,) = await installation.grants.reconcile(frozenset({"alpha"}))

    assert reconciled.removed == 1
    assert (accounts(alpha, owner), bindings(alpha, owner)) == ([], set())


async def test_an_account_that_somebody_removed_is_made_again(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    await installation.grant("view", "alpha", user=ALICE.name)
    await installation.statuses(ALICE)
    (name,) = accounts(alpha, owner)
    ask(alpha, "DELETE", f"/api/v1/namespaces/{owner.namespace}/serviceaccounts/{name}")
    installation.fleet._pool.retain([])  # as after a restart

    assert await installation.statuses(ALICE) == {"alpha": "OK"}

    assert accounts(alpha, owner) == [name]


async def test_im_12_a_service_account_of_that_name_which_is_not_ours(
    installation: Installation, owner: AccountOwner, alpha: Cluster
) -> None:
    account = Account(owner, (f"user:{ALICE.name}",))
    path = f"/api/v1/namespaces/{owner.namespace}/serviceaccounts"
    ask(alpha, "POST", path, {"metadata": {"name": account.name}})
    await installation.grant("view", "alpha", user=ALICE.name)
    mark = alpha.audit.mark()

    answer = await installation.ask(ALICE, PODS)

    assert "was not created by fleetgraph" in answer["errors"][0]["message"]
    assert {request.verb for request in alpha.audit.requests_since(mark)} == {"get"}


async def test_a_token_ends_soon_and_says_when(installation: Installation, owner: AccountOwner, alpha: Cluster) -> None:
    connection: Connection = connection_to(alpha)
    account = Account(owner, ("user:frank",))
    await reconcile_account(connection, account, [], Deadline(10))

    issued = await request_token(connection, account, Deadline(10))

    assert issued.expires_at is not None
    assert "Secret(...)" in repr(issued)
    await connection.close()


def _pods() -> ListRequest:
    return ListRequest(kind=POD, structure="Pod", selection=LEAF)
