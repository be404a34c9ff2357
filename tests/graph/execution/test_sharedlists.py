"""Lists that a condition and the answer share: no more are sent than are estimated."""

from collections.abc import Sequence
from typing import Any

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.caller import OPERATOR
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import CURSOR_KEY, fleet_of
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import ObjectsSender
from tests.graph.usage.measured import measured_cluster

CPU = {"a": "4", "b": "100m", "c": "100m"}
"""The requests of the only pod of each namespace."""
LARGE = 'where: [{path: "requested.cpu", op: GT, value: 1}]'


def _objects(kind: Kind) -> Sequence[JsonObject]:
    if kind == kinds.NAMESPACE:
        return [{"metadata": {"name": home}} for home in CPU]
    return [_object(kind, home) for home in CPU] if kind in {kinds.DEPLOYMENT, kinds.REPLICA_SET, kinds.POD} else []


def _object(kind: Kind, home: str) -> JsonObject:
    metadata: JsonObject = {"namespace": home, "name": home, "uid": f"{kind}-{home}"}
    above = {kinds.REPLICA_SET: kinds.DEPLOYMENT, kinds.POD: kinds.REPLICA_SET}.get(kind)
    if above is not None:
        owner: JsonObject = {"apiVersion": "apps/v1", "kind": above.name, "name": home, "uid": f"{above}-{home}"}
        metadata["ownerReferences"] = [owner | {"controller": True}]
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": CPU[home]}}}]},
    }


async def _explained(engine: Engine, sender: Any, query: str) -> tuple[Any, int, int]:
    """Returns the data, the number of requests that were estimated, and of those that were sent."""
    operation = Operation(fleet_of([sender]), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=Explanation())
    answer = (await engine.execute(GraphqlRequest(query, None), operation)).to_builtins()
    sent = [call for call in sender.calls if call.path not in {"/api", "/apis"}]
    return answer["data"], answer["extensions"]["explain"]["cost"]["estimatedRequests"], len(sent)


@pytest.mark.parametrize(
    "query",
    [
        f"{{ deployments({LARGE}) {{ nodes {{ name limits {{ cpu }} }} }} }}",
        f"{{ deployments({LARGE}) {{ nodes {{ name usage {{ cpu }} }} }} }}",
        f"{{ deployments({LARGE}, first: 1) {{ nodes {{ name requested {{ cpu }} limits {{ cpu }} }} }} }}",
        f"{{ replicaSets({LARGE}) {{ nodes {{ name limits {{ cpu }} }} }} }}",
        f"{{ namespaces({LARGE}) {{ nodes {{ name limits {{ cpu }} }} }} }}",
    ],
)
async def test_a_list_of_one_namespace_is_part_of_the_list_that_a_condition_read(engine: Engine, query: str) -> None:
    data, estimated, sent = await _explained(engine, ObjectsSender("one", _objects), query)

    (rows,) = (page["nodes"] for page in data.values())
    assert [row["name"] for row in rows] == ["a"]
    assert sent == estimated


@pytest.mark.parametrize(
    "query",
    [
        '{ pods(where: [{path: "usage.cpu", op: GE, value: 0}], first: 1, orderBy: [{path: "usage.cpu"}]) '
        "{ nodes { usageRatio { requests { cpu } } } } }",
        '{ namespaces(where: [{path: "usage.cpu", op: GT, value: 0}], first: 1, orderBy: [{path: "usage.cpu"}]) '
        "{ nodes { usageRatio { requests { cpu } } } } }",
    ],
)
async def test_metrics_of_one_namespace_are_part_of_those_that_a_condition_read(engine: Engine, query: str) -> None:
    data, estimated, sent = await _explained(engine, measured_cluster("a"), query)

    (rows,) = (page["nodes"] for page in data.values())
    assert len(rows) == 1
    assert rows[0]["usageRatio"] is not None
    assert sent <= estimated


async def test_namespaces_that_may_not_be_listed_stay_errors(engine: Engine) -> None:
    limited = LimitedSender(ObjectsSender("one", _objects), {kinds.REPLICA_SET: ("a", "b"), kinds.POD: ("a", "c")})
    operation = Operation(fleet_of([limited]), caller=OPERATOR, cursor_key=CURSOR_KEY)
    query = GraphqlRequest("{ deployments { nodes { requested { cpu } } } }", None)

    answer = (await engine.execute(query, operation)).to_builtins()

    assert [row["requested"] for row in answer["data"]["deployments"]["nodes"]] == [{"cpu": "4"}, None, None]
    assert sorted(error["message"] for error in answer["errors"]) == [
        "cluster 'one': its RBAC does not allow to list pods in namespace b.",
        "cluster 'one': its RBAC does not allow to list replicasets.apps in namespace c.",
    ]
