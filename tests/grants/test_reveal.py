"""Secrets on a real API server: masked for everybody, revealed to those whom the setting and the RBAC allow."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from graph.request import GraphqlRequest
from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.fleet import Fleet
from resolvers.limits import OperationLimits, Revealers
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from store.audit.event import AuditAction, AuditFilter
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.grants.installations import Installation, caller

pytestmark = pytest.mark.controlplane

ALICE = caller("alice@example.com")
CANARY = "s3cr3t-canary"
ROLE = "reveal-one"


async def _asked(
    installation: Installation, asked_by: Caller, query: str, revealers: Revealers = Revealers.EVERYONE
) -> Mapping[str, Any]:
    """Returns the answer to a query of an audited fleet."""
    registry = installation.registry
    auditor = Auditor(registry.audit)
    fleet = Fleet(registry.registered, grants=registry.grants, connect=installation.network, auditor=auditor)
    operation = Operation(fleet, caller=asked_by, cursor_key=b"k" * 32, limits=OperationLimits(revealers=revealers))
    try:
        answer: Mapping[str, Any] = json.loads(
            (await installation.engine.execute(GraphqlRequest(query), operation)).to_json()
        )
        await auditor.flush()
    finally:
        await operation.close()
        await fleet.close()
    return answer


@pytest.fixture
def namespace(alpha: Cluster, account_namespace: str) -> str:
    """Returns a namespace with two applied Secrets, and a role that may list both and get one."""
    copy: JsonObject = {
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"stringData": {"password": CANARY}})
    }
    for name in ("api", "db"):
        metadata: JsonObject = {"name": name, "annotations": copy}
        body: JsonObject = {"metadata": metadata, "stringData": {"password": CANARY, "empty": ""}}
        ask(alpha, "POST", f"/api/v1/namespaces/{account_namespace}/secrets", body)
    rules: list[JsonValue] = [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"], "verbs": ["get"]},
    ]
    role: JsonObject = {"metadata": {"name": f"{ROLE}-{account_namespace}"}, "rules": rules}
    ask(alpha, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", role)
    return account_namespace


async def test_the_cluster_decides_for_each_secret(installation: Installation, alpha: Cluster, namespace: str) -> None:
    await installation.grant(f"{ROLE}-{namespace}", "alpha", user=ALICE.name, namespaces=[namespace])
    query = (
        f'{{ secrets(namespaces: ["{namespace}"], where: {{path: "type", value: "Opaque"}}) {{ nodes {{ name data '
        'metadata { annotations } reveal(keys: ["password", "empty", "none"]) { key value text } } } }'
    )
    mark = alpha.audit.mark()

    answer = await _asked(installation, ALICE, query)

    api, db = answer["data"]["secrets"]["nodes"]
    assert (api["data"], db["data"]) == ({"empty": None, "password": None}, {"empty": None, "password": None})
    assert set(db["metadata"]["annotations"].values()) == {None}
    assert api["reveal"] is None
    assert db["reveal"] == [
        {"key": "password", "value": b64encode(CANARY.encode()).decode(), "text": CANARY},
        {"key": "empty", "value": "", "text": ""},
        {"key": "none", "value": None, "text": None},
    ]
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["message"] == (
        f"cluster 'alpha': its RBAC does not allow to get secrets api in namespace {namespace}."
    )
    gets = [request for request in alpha.audit.requests_since(mark) if request.resource == "secrets"]
    assert sorted((request.verb, request.status) for request in gets) == [("get", 200), ("get", 403), ("list", 200)]
    assert all(request.user.startswith("system:serviceaccount:") for request in gets)


async def test_a_reveal_is_on_record_with_the_identity_that_the_cluster_saw(
    installation: Installation, alpha: Cluster, namespace: str
) -> None:
    await installation.grant(f"{ROLE}-{namespace}", "alpha", user=ALICE.name, namespaces=[namespace])
    query = f'{{ secrets(namespaces: ["{namespace}"]) {{ nodes {{ reveal(keys: ["password"]) {{ key }} }} }} }}'

    await _asked(installation, ALICE, query)

    events = await installation.registry.audit.page(
        first=100, before=None, matching=AuditFilter(action=AuditAction.SECRET_REVEAL)
    )
    found = {event.name: event for event in events}
    assert {name: event.outcome.value for name, event in found.items() if not name.startswith("default")} == {
        "api[password]": "DENIED",
        "db[password]": "SUCCEEDED",
    }
    event = found["db[password]"]
    assert (event.actor, event.cluster, event.namespace) == (ALICE.name, "alpha", namespace)
    assert event.identity.startswith("system:serviceaccount:") or "account" in event.identity
    assert len(event.audit_ids) == 1


@pytest.mark.parametrize(("asked_by", "is_allowed"), [(OPERATOR, True), (ALICE, False)])
async def test_by_default_administrators_only(
    installation: Installation, namespace: str, asked_by: Caller, is_allowed: bool
) -> None:
    await installation.grant(f"{ROLE}-{namespace}", "alpha", user=ALICE.name, namespaces=[namespace])
    place = f'cluster: "alpha", namespace: "{namespace}", name: "db"'
    query = f'{{ secret({place}) {{ reveal(keys: ["password"]) {{ text }} }} }}'

    answer = await _asked(installation, asked_by, query, OperationLimits().revealers)

    assert answer["data"]["secret"]["reveal"] == ([{"text": CANARY}] if is_allowed else None)
    assert [error["extensions"]["code"] for error in answer.get("errors", [])] == ([] if is_allowed else ["FORBIDDEN"])


async def test_names_and_types_are_listed_without_values(
    installation: Installation, alpha: Cluster, namespace: str
) -> None:
    typed: JsonObject = {
        "metadata": {"name": "typed"},
        "type": "kubernetes.io/basic-auth",
        "stringData": {"username": "u", "password": CANARY},
    }
    ask(alpha, "POST", f"/api/v1/namespaces/{namespace}/secrets", typed)
    place = f'(namespaces: ["{namespace}"], orderBy: {{path: "name"}})'
    registry = installation.registry
    fleet = Fleet(registry.registered, connect=installation.network)
    operation = Operation(fleet, caller=OPERATOR, cursor_key=b"k" * 32, explanation=Explanation())

    answer = json.loads(
        (
            await installation.engine.execute(
                GraphqlRequest(f"{{ secrets{place} {{ nodes {{ name type metadata {{ uid }} }} }} }}"), operation
            )
        ).to_json()
    )
    await operation.close()
    await fleet.close()

    nodes = answer["data"]["secrets"]["nodes"]
    assert [(node["name"], node["type"]) for node in nodes if not node["name"].startswith("default")] == [
        ("api", "Opaque"),
        ("db", "Opaque"),
        ("typed", "kubernetes.io/basic-auth"),
    ]
    assert all(node["metadata"]["uid"] for node in nodes)
    requests = {request["cluster"]: request for request in answer["extensions"]["explain"]["requests"]}
    assert requests["alpha"]["objects"] == len(nodes)
    assert "includeObject=Metadata" in requests["alpha"]["path"]
    assert CANARY not in str(answer)
