"""`env` of containers on a real API server: its requests in the audit log, and a caller without rights to Secrets."""

import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from graph.answer import Answer
from graph.engine import Engine
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.users import ADMIN, VIEWER
from tests.controlplane.writer import create_objects
from tests.graph.fleets import CURSOR_KEY, Asking, connection_to, fleet_of

pytestmark = pytest.mark.controlplane

CANARY: Final = "s3cr3t-canary-of-variables"
NAMESPACE: Final = "environment-tests"
ENV: Final = "containers { env { name value source { kind name key } error } }"
QUERY: Final = f'{{ pods(namespaces: ["{NAMESPACE}"]) {{ nodes {{ name {ENV} }} }} }}'
PODS: Final = 24


def _reference(kind: str, name: str, key: str, *, is_optional: bool = False) -> JsonObject:
    return {"valueFrom": {f"{kind}KeyRef": {"name": name, "key": key, "optional": is_optional}}}


VARIABLES: Final[list[JsonValue]] = [
    {"name": "MODE", **_reference("configMap", "settings", "mode")},
    {"name": "PASSWORD", **_reference("secret", "db", "password")},
    {"name": "DSN", "value": "app:$(PASSWORD)@$(prefix.host)"},
    {"name": "SELF", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
    {"name": "MEMORY", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}},
    {"name": "GONE", **_reference("configMap", "settings", "gone", is_optional=True)},
]


def _objects() -> list[JsonObject]:
    container: JsonObject = {
        "name": "app",
        "image": "app",
        "env": VARIABLES,
        "envFrom": [
            {"prefix": "prefix.", "configMapRef": {"name": "settings"}},
            {"secretRef": {"name": "db"}},
            {"configMapRef": {"name": "gone", "optional": True}},
        ],
        "resources": {"limits": {"memory": "64Mi"}},
    }
    value = b64encode(CANARY.encode()).decode()
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        _of("ConfigMap", "settings", data={"mode": "fast", "host": "db:5432"}),
        _of("Secret", "db", data={"password": value, "user": value}),
        *(_of("Pod", f"web-{place}", spec={"containers": [container]}) for place in range(PODS)),
    ]


def _of(kind: str, name: str, **parts: JsonValue) -> JsonObject:
    metadata: JsonObject = {"namespace": NAMESPACE, "name": name, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **parts}


@pytest.fixture(scope="module")
async def filled(alpha: Cluster) -> Cluster:
    """Returns a cluster with pods and the objects that their variables name."""
    await create_objects(alpha, _objects())
    return alpha


@pytest.fixture
async def asking(engine: Engine, filled: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[Asking]:
    """Yields the cluster as one of its users sees it."""
    connection = connection_to(filled, request.param)
    yield Asking(engine, fleet_of([connection]))
    await connection.close()


def _pods(answer: Answer) -> list[dict[str | None, Any]]:
    nodes = answer.to_builtins()["data"]["pods"]["nodes"]
    return [{one["name"]: one for one in pod["containers"][0]["env"]} for pod in nodes]


@pytest.mark.parametrize("asking", [ADMIN], indirect=True)
async def test_environments_of_many_pods_cost_two_requests_more(asking: Asking, filled: Cluster) -> None:
    mark = filled.audit.mark()
    answer = await asking(QUERY)
    requests = filled.audit.requests_since(mark, user_agent="fleetgraph")

    assert answer.errors == []
    assert sorted(request.resource for request in requests) == ["configmaps", "pods", "secrets"]
    pods = _pods(answer)
    assert len(pods) == PODS
    first = {name: one["value"] for name, one in pods[0].items()}
    assert first == {
        "prefix.host": "db:5432",
        "prefix.mode": "fast",
        "password": None,
        "user": None,
        "MODE": "fast",
        "PASSWORD": None,
        "DSN": None,
        "SELF": "web-0",
        "MEMORY": "64",
    }
    assert {one["error"] for pod in pods for one in pod.values()} == {None}
    assert pods[0]["DSN"]["source"] == {"kind": "Secret", "name": "db", "key": "password"}


@pytest.mark.parametrize("asking", [VIEWER], indirect=True)
async def test_a_caller_who_may_not_list_secrets_lacks_only_their_keys(asking: Asking) -> None:
    answer = await asking(QUERY)

    (error,) = answer.to_builtins()["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    for pod in _pods(answer):
        assert pod["MODE"]["value"] == "fast"
        assert pod["MEMORY"]["value"] == "64"
        for name in (None, "PASSWORD", "DSN"):
            assert pod[name]["value"] is None
            assert "secrets" in pod[name]["error"]


@pytest.mark.parametrize("asking", [ADMIN], indirect=True)
@pytest.mark.parametrize(
    "query",
    [
        QUERY,
        f'{{ pods(where: [{{path: "containers.env.value", value: "{CANARY[:-1]}"}}]) {{ totalCount }} }}',
        '{ pods(orderBy: [{path: "containers.env.value"}]) { groups(by: ["containers.env.value"]) { key } } }',
        "{ pods { nodes { containers { env { value(first: 1) } } } } }",
    ],
)
async def test_a_secrets_value_is_in_no_answer_log_or_explanation(
    asking: Asking, query: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    explanation = Explanation()
    operation = Operation(asking.fleet, caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=explanation)
    answer = await asking.engine.execute(GraphqlRequest(query, None), operation)

    text = answer.to_json().decode() + caplog.text + str(explanation.to_builtins())
    for hidden in (CANARY, b64encode(CANARY.encode()).decode()):
        assert hidden not in text
