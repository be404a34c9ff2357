"""`where` and `orderBy` of the list of clusters: over their own fields and their totals."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds.builtin import NODE, POD
from k8s.kinds.kind import Kind
from resolvers.caller import OPERATOR
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import CURSOR_KEY, Asking, fleet_of
from tests.graph.senders import DownSender, ObjectsSender

Ask = Callable[..., Asking]
FULL = 'where: [{path: "requestedRatio.memory", op: GT, value: 0.5}]'


def sender(name: str, requested: str) -> ObjectsSender:
    """Returns a cluster with 8 Gi, and one pod."""

    def objects(kind: Kind) -> Sequence[JsonObject]:
        if kind == NODE:
            return [{"metadata": {"name": "n"}, "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}}}]
        container: JsonObject = {"name": "app", "resources": {"requests": {"memory": requested}}}
        pod: JsonObject = {
            "metadata": {"namespace": "shop", "name": f"p-{name}"},
            "spec": {"nodeName": "n", "containers": [container]},
            "status": {"phase": "Running"},
        }
        return [pod] if kind == POD else []

    return ObjectsSender(name, objects)


FLEET = {"one": "1Gi", "two": "7Gi", "three": "5Gi"}


async def asked(ask: Ask, arguments: str, *, is_ordinary: bool = False) -> tuple[list[str], Any]:
    asking = ask(*(sender(name, requested) for name, requested in FLEET.items()), DownSender("down"))
    answer = await asking(f"{{ clusters({arguments}) {{ name podCount }} }}", is_ordinary=is_ordinary)
    return [cluster["name"] for cluster in answer.to_builtins()["data"]["clusters"]], answer


@pytest.mark.parametrize("is_ordinary", [False, True])
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (FULL, ["three", "two"]),
        (f'{FULL}, orderBy: [{{path: "requestedRatio.memory", direction: DESC}}]', ["two", "three"]),
        ('orderBy: [{path: "requested.memory"}]', ["one", "three", "two", "down"]),
        ('where: [{path: "name", op: STARTS_WITH, value: "t"}]', ["three", "two"]),
        ('names: ["one", "two"], where: [{path: "podCount", op: GE, value: 1}]', ["one", "two"]),
        ('where: [{path: "pods", some: [{path: "name", value: "p-two"}]}]', ["two"]),
        ('where: [{not: [{path: "pods", some: [{path: "name", value: "p-two"}]}]}]', ["one", "three"]),
        ('where: [{path: "podCount", op: NOT_EXISTS}]', []),
    ],
)
async def test_clusters_are_filtered_and_ordered(
    ask: Ask, arguments: str, names: list[str], *, is_ordinary: bool
) -> None:
    found, _ = await asked(ask, arguments, is_ordinary=is_ordinary)

    assert found == names


async def test_totals_of_a_path_are_read_once_for_it_and_the_answer(engine: Engine) -> None:
    senders = [sender(name, requested) for name, requested in FLEET.items()]
    operation = Operation(fleet_of(senders), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=Explanation())

    query = f"{{ clusters({FULL}) {{ name requestedRatio {{ memory }} podCount }} }}"
    answer = await engine.execute(GraphqlRequest(query, None), operation)

    cost = json.loads(answer.to_json())["extensions"]["explain"]["cost"]
    assert sum(len(one.calls) for one in senders) == 2 * len(FLEET)
    assert cost["estimatedRequests"] >= 2 * len(FLEET)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('where: [{path: "requestRatio.memory", op: GT, value: 1}]', "Cluster has no field requestRatio; did you mean"),
        ('where: [{path: "podCount", value: "many"}]', 'where: podCount EQ: "many" is not a number'),
        ('orderBy: [{path: "pods.name"}]', "orderBy: pods.name leads through a list"),
    ],
)
async def test_a_wrong_path_is_refused_before_anything_is_sent(ask: Ask, arguments: str, message: str) -> None:
    one = sender("one", "1Gi")

    (error,) = (await ask(one)(f"{{ clusters({arguments}) {{ name }} }}")).to_builtins()["errors"]

    assert message in error["message"]
    assert (error["path"], one.calls) == (["clusters"], [])
