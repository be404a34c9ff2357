"""Grants in GraphQL: for administrators, without a request to any cluster."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.accounts.account import AccountOwner
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.transport.limits import ConnectionLimits
from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.accountpolicy import AccountPolicy
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from resolvers.fleet.stored import new_cluster
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.operation.operation import Operation
from store.audit.event import AuditAction, AuditFilter, AuditOutcome
from store.registry import Registry

NOBODY = Caller(name="nobody", groups=frozenset({"sre"}))
CREATE = """mutation Grant($grant: GrantInput!) {
  createGrant(grant: $grant) {
    id subjectKind subjectName clusterNames clusterLabels roleKind roleName namespaces createdBy
  }
}"""
DELETE = "mutation End($id: ID!) { deleteGrant(id: $id) { grant { id } clusters { cluster code } } }"
LIST = "{ grants { id subjectName createdAt } }"
GRANT = {"group": "sre", "clusterLabels": "env=prod", "clusterRole": "view", "namespaces": ["shop", "pay"]}


class Asking:
    """A client with a caller's identity."""

    def __init__(self, engine: Engine, registry: Registry) -> None:
        self.registry = registry
        self.auditor = Auditor(registry.audit)
        self._engine = engine
        policy = AccountPolicy(AccountOwner("fleetgraph", "test"))
        network = Network(ConnectionLimits(), policy)
        self._fleet = Fleet(registry.registered, grants=registry.grants, connect=network)
        self._grants = ManagedGrants(
            registry.grants, registry.clusters, connect=network, policy=policy, auditor=self.auditor
        )

    async def __call__(
        self, query: str, variables: Mapping[str, object] | None = None, *, caller: Caller = OPERATOR
    ) -> Any:
        operation = Operation(self._fleet, caller=caller, cursor_key=b"k" * 32, grants=self._grants)
        return json.loads((await self._engine.execute(GraphqlRequest(query, variables), operation)).to_json())


@pytest.fixture
async def ask(engine: Engine, tmp_path: Path) -> AsyncIterator[Asking]:
    async with await Registry.open(f"sqlite:///{tmp_path}/fleetgraph.db") as registry:
        yield Asking(engine, registry)


def code(answer: Any) -> str:
    (error,) = answer["errors"]
    found: str = error["extensions"]["code"]
    return found


@pytest.mark.parametrize(
    ("query", "variables", "verb"),
    [(LIST, {}, "list"), (CREATE, {"grant": GRANT}, "create"), (DELETE, {"id": "grant-0"}, "delete")],
)
async def test_au_1_who_may_not_see_or_change_grants_and_tries_to_is_on_record(
    ask: Asking, query: str, variables: Mapping[str, object], verb: str
) -> None:
    await ask(query, variables, caller=NOBODY)

    await ask.auditor.flush()
    (event,) = await ask.registry.audit.page(first=10, before=None, matching=AuditFilter())
    assert (event.action, event.outcome, event.code) == (AuditAction.DENIAL, AuditOutcome.DENIED, "FORBIDDEN")
    assert (event.actor, event.verb, event.resource) == ("nobody", verb, "grants")


async def test_an_administrator_grants_lists_and_ends(ask: Asking) -> None:
    created = (await ask(CREATE, {"grant": GRANT}))["data"]["createGrant"]
    listed = (await ask(LIST))["data"]["grants"]
    deleted = await ask(DELETE, {"id": created["id"]})

    assert created == {
        "id": created["id"],
        "subjectKind": "GROUP",
        "subjectName": "sre",
        "clusterNames": None,
        "clusterLabels": {"env": "prod"},
        "roleKind": "CLUSTER_ROLE",
        "roleName": "view",
        "namespaces": ["pay", "shop"],
        "createdBy": "operator",
    }
    assert [(item["id"], item["subjectName"]) for item in listed] == [(created["id"], "sre")]
    assert deleted == {"data": {"deleteGrant": {"grant": {"id": created["id"]}, "clusters": []}}}
    assert (await ask(LIST))["data"]["grants"] == []


async def test_everybody_else_is_refused_and_nothing_changes(ask: Asking) -> None:
    created = (await ask(CREATE, {"grant": GRANT}))["data"]["createGrant"]

    for query, variables in (
        (LIST, None),
        (CREATE, {"grant": {**GRANT, "group": "others"}}),
        (CREATE, {"grant": {}}),
        (DELETE, {"id": created["id"]}),
        (DELETE, {"id": "grant-0"}),
    ):
        answer = await ask(query, variables, caller=NOBODY)
        assert code(answer) == "FORBIDDEN"
        assert list(answer["data"].values()) == [None]

    assert [grant.id for grant in await ask.registry.grants.all()] == [created["id"]]


async def test_the_same_again_and_what_is_not_there(ask: Asking) -> None:
    await ask(CREATE, {"grant": GRANT})

    assert code(await ask(CREATE, {"grant": GRANT})) == "CONFLICT"
    assert code(await ask(DELETE, {"id": "grant-0"})) == "NOT_FOUND"


@pytest.mark.parametrize(
    "changed",
    [
        {"group": None},
        {"user": "alice"},
        {"group": "system:masters"},
        {"clusterLabels": None},
        {"clusterLabels": ""},
        {"clusterLabels": "env in (prod)"},
        {"clusterNames": []},
        {"clusterLabels": None, "clusterNames": ["No"]},
        {"allClusters": True},
        {"clusterRole": None},
        {"role": "fix"},
        {"clusterRole": "../x"},
        {"namespaces": []},
        {"namespaces": [".."]},
        {"clusterRole": None, "role": "fix", "namespaces": None},
    ],
)
async def test_what_cannot_be_granted(ask: Asking, changed: dict[str, object]) -> None:
    answer = await ask(CREATE, {"grant": {**GRANT, **changed}})

    assert code(answer) == "BAD_USER_INPUT"
    assert await ask.registry.grants.all() == ()


@pytest.mark.parametrize(("name", "hint"), [("tow", "did you mean two?"), ("qqqqq", "`clusters` lists all")])
async def test_a_cluster_that_is_not_registered_is_not_granted(ask: Asking, name: str, hint: str) -> None:
    endpoint = Endpoint("https://two.example")
    await ask.registry.clusters.add(new_cluster("two", endpoint, credential=BearerToken(Secret("t")), labels={}))
    grant = {"group": "sre", "clusterRole": "view"}

    refused = await ask(CREATE, {"grant": {**grant, "clusterNames": ["two", name]}})
    granted = await ask(CREATE, {"grant": {**grant, "clusterNames": ["two"]}})

    assert code(refused) == "NOT_FOUND"
    assert hint in refused["errors"][0]["message"]
    assert [record.id for record in await ask.registry.grants.all()] == [granted["data"]["createGrant"]["id"]]


async def test_mutations_of_one_document_happen_in_their_order(ask: Asking) -> None:
    both = """mutation { a: createGrant(grant: {user: "a", allClusters: true, clusterRole: "view"}) { createdAt }
        b: createGrant(grant: {user: "a", allClusters: true, clusterRole: "view"}) { id } }"""

    answer = await ask(both)

    assert answer["data"]["a"] is not None
    assert answer["data"]["b"] is None
    assert code(answer) == "CONFLICT"


async def test_who_granted_is_on_record(ask: Asking) -> None:
    root = Caller(name="root@example.com", is_administrator=True)

    created = (await ask(CREATE, {"grant": GRANT}, caller=root))["data"]["createGrant"]
    await ask(DELETE, {"id": created["id"]}, caller=root)

    assert created["createdBy"] == root.name
    answer = await ask("{ __typename }")
    assert answer == {"data": {"__typename": "Query"}}
