"""The cost of a query upstream, in `extensions.explain`; and the limit on its estimate."""

import json
from typing import Any

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds import builtin as kinds
from resolvers.arguments.globalids import object_id
from resolvers.caller import OPERATOR
from resolvers.limits import OperationLimits
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.controlplane.cluster import Cluster
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import CURSOR_KEY, Asking, connection_to, fleet_of
from tests.graph.senders import DownSender, ObjectsSender

QUERY = """{ pods(where: [{path: "status.phase", value: "Running"}, {path: "node.ready", value: true}]) {
  nodes { name node { name } } clusters { cluster { name } }
} }"""


async def explained(engine: Engine, senders: list[Any], query: str) -> Any:
    operation = Operation(fleet_of(senders), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=Explanation())
    answer = await engine.execute(GraphqlRequest(query, None), operation)
    return json.loads(answer.to_json())["extensions"]["explain"]


@pytest.mark.controlplane
async def test_requests_are_those_of_the_audit_log(engine: Engine, alpha: Cluster) -> None:
    await populate(alpha, FleetSize(namespaces=1, nodes=2, deployments=2, pods=10), prefix="explain")
    connection = connection_to(alpha)
    mark = alpha.audit.mark()

    told = await explained(engine, [connection], QUERY)
    await connection.close()

    audited = alpha.audit.requests_since(mark, user_agent="fleetgraph")
    assert len(told["requests"]) == len(audited) == told["cost"]["requests"]
    assert {request["path"].split("?")[0] for request in told["requests"]} == {"/api/v1/pods", "/api/v1/nodes"}
    (pods,) = [request for request in told["requests"] if request["path"].startswith("/api/v1/pods")]
    assert (pods["verb"], pods["isMetadataOnly"], pods["error"]) == ("list", False, None)
    assert "fieldSelector=status.phase=Running" in pods["path"]
    assert pods["objects"] > 5
    assert pods["bytes"] > 1000 * pods["objects"]


async def test_what_was_pushed_down_and_what_was_looked_at_here(engine: Engine) -> None:
    told = await explained(engine, [ObjectsSender("one", MadeObjects(1))], QUERY)

    assert told["lists"] == [
        {"kind": "pods", "pushed": ["fieldSelector=status.phase=Running"], "residual": ["node.ready"]}
    ]


async def test_a_cluster_that_fails_has_its_reason(engine: Engine) -> None:
    told = await explained(
        engine, [DownSender("dead"), ObjectsSender("one", MadeObjects(1))], "{ pods { totalCount } }"
    )

    assert [(request["cluster"], request["error"], request["bytes"] > 0) for request in told["requests"]] == [
        ("dead", "CLUSTER_UNREACHABLE: Unreachable", False),
        ("one", None, True),
    ]


async def test_nobody_who_did_not_ask_is_told(engine: Engine) -> None:
    answer = await Asking(engine, fleet_of([ObjectsSender("one", MadeObjects(1))]))(QUERY)

    assert "extensions" not in json.loads(answer.to_json())


async def test_the_estimate_counts_lists_and_links_for_each_cluster(engine: Engine) -> None:
    senders = [ObjectsSender(name, MadeObjects(1)) for name in ("one", "two", "three")]

    told = await explained(
        engine, senders, "{ pods { nodes { node { name } deployment { name } } } nodes { totalCount } }"
    )

    assert told["cost"]["estimatedRequests"] == (1 + 1 + 2 + 1) * 3  # a deployment is reached by two lists


async def test_the_estimate_of_objects_is_the_one_that_is_limited(engine: Engine) -> None:
    senders = [ObjectsSender(name, MadeObjects(1)) for name in ("one", "two")]
    query = "{ pods(first: 2) { nodes { name node { name } } } }"
    told = await explained(engine, senders, query)
    estimated = told["cost"]["estimatedObjects"]

    asking = Asking(engine, fleet_of(senders))
    refused = await asking(query, limits=OperationLimits(cost=estimated - 1))
    allowed = await asking(query, limits=OperationLimits(cost=estimated))

    assert told["cost"]["objects"] > 0
    assert not refused.executed
    assert allowed.executed


async def test_a_query_that_needs_too_many_requests_is_refused_before_the_first(engine: Engine) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    many = " ".join(f'a{index}: configMaps(labelSelector: "a={index}") {{ totalCount }}' for index in range(11))

    answer = await Asking(engine, fleet_of([sender]))(
        f"{{ clusters {{ {many} }} }}", limits=OperationLimits(requests=10)
    )

    error: Any
    (error,) = answer.errors
    assert error["message"].startswith("The query needs about 11 requests to clusters, and may make 10;")
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert sender.calls == []


FOUR = "pods { nodes { name } } owner { name }"  # the object itself, replica sets and pods, the owner
FIELDS = {
    "single": '{ deployment(cluster: "one", namespace: "made", name: "x") { FOUR } }',
    "object": "query ($id: ID!) { object(id: $id) { name ... on Deployment { FOUR } } }",
    "entities": "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Deployment { FOUR } } }",
    "cluster": '{ cluster(name: "one") { pods { totalCount } jobs { totalCount } nodes { totalCount } version } }',
}


@pytest.mark.parametrize("field", FIELDS)
async def test_single_objects_entities_and_a_cluster_are_counted_before_the_first_request(
    engine: Engine, field: str
) -> None:
    senders = [ObjectsSender(name, MadeObjects(1)) for name in ("one", "two", "three")]
    asking = Asking(engine, fleet_of(senders))
    key = object_id("id-one", kinds.DEPLOYMENT, "made", "x")
    variables = {"id": key, "of": [{"__typename": "Deployment", "id": key}]}
    query = FIELDS[field].replace("FOUR", FOUR)

    refused = await asking(query, variables, limits=OperationLimits(requests=3))
    sent_if_refused = [call for sender in senders for call in sender.calls]
    allowed = await asking(query, variables, limits=OperationLimits(requests=4))

    error: Any
    (error,) = refused.errors
    assert error["message"].startswith("The query needs about 4 requests to clusters, and may make 3;")
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert sent_if_refused == []
    assert not any("The query needs" in str(item["message"]) for item in allowed.errors)
