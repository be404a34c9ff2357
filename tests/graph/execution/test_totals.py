"""Totals of requests: one list of pods for each cluster, for all fields and paths of an operation."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds.builtin import NAMESPACE, NODE, POD
from k8s.kinds.kind import Kind
from resolvers.caller import OPERATOR
from resolvers.limits import MIB
from resolvers.memory.budget import MemoryBudget
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import CURSOR_KEY, Asking, fleet_of
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import DownSender, ObjectsSender

Ask = Callable[..., Asking]
FIELDS = "requested { cpu memory pods } limits { memory } free { cpu memory pods } requestedRatio { memory } podCount"


def _pod(name: str, namespace: str, node: str | None, memory: str, phase: str = "Running") -> JsonObject:
    resources: JsonObject = {"requests": {"cpu": "500m", "memory": memory}, "limits": {"memory": memory}}
    spec: JsonObject = {"containers": [{"name": "app", "resources": resources}]}
    metadata: JsonObject = {"name": name, "namespace": namespace}
    return {"metadata": metadata, "spec": spec | ({"nodeName": node} if node else {}), "status": {"phase": phase}}


def _node(name: str, **offered: JsonValue) -> JsonObject:
    resources: JsonObject = {"cpu": "4", "memory": "8Gi", "pods": "10", **offered}
    return {"metadata": {"name": name}, "status": {"allocatable": resources, "capacity": resources | {"cpu": "5"}}}


def _objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns two nodes, of which the first is nearly full, and pods in two namespaces."""
    if kind == NODE:
        return [_node("n1"), _node("n2")]
    if kind == NAMESPACE:
        return [{"metadata": {"name": name}} for name in ("dark", "empty", "shop")]
    if kind != POD:
        return []
    return [
        _pod("a", "shop", "n1", "4Gi"),
        _pod("b", "dark", "n1", "3584Mi", "Pending"),
        _pod("c", "shop", "n2", "1Gi"),
        _pod("done", "shop", "n1", "6Gi", "Succeeded"),
        _pod("failed", "dark", "n2", "6Gi", "Failed"),
        _pod("waiting", "shop", None, "2Gi", "Pending"),
    ]


def _sender(name: str = "one") -> ObjectsSender:
    return ObjectsSender(name, _objects)


def _lists(sender: ObjectsSender | LimitedSender) -> list[tuple[str, str]]:
    """Returns the paths of the pods' lists that were sent, each with its field selector."""
    calls = [call for call in sender.calls if call.path.endswith("/pods")]
    return [(call.path, dict(call.query).get("fieldSelector", "")) for call in calls]


async def _answer(asking: Asking, query: str, *, is_ordinary: bool = False) -> Any:
    return json.loads((await asking(query, is_ordinary=is_ordinary)).to_json())


async def test_pods_that_have_not_ended_are_requested_of_their_nodes(ask: Ask) -> None:
    found = await _answer(ask(_sender()), f"{{ nodes {{ nodes {{ name {FIELDS} }} }} }}")

    assert found == {
        "data": {
            "nodes": {
                "nodes": [
                    {
                        "name": "n1",
                        "requested": {"cpu": "1", "memory": "7680Mi", "pods": "2"},
                        "limits": {"memory": "7680Mi"},
                        "free": {"cpu": "3", "memory": "512Mi", "pods": "8"},
                        "requestedRatio": {"memory": 0.9375},
                        "podCount": 2,
                    },
                    {
                        "name": "n2",
                        "requested": {"cpu": "500m", "memory": "1Gi", "pods": "1"},
                        "limits": {"memory": "1Gi"},
                        "free": {"cpu": "3500m", "memory": "7Gi", "pods": "9"},
                        "requestedRatio": {"memory": 0.125},
                        "podCount": 1,
                    },
                ]
            }
        }
    }


async def test_one_list_of_pods_serves_all_fields_and_paths(ask: Ask) -> None:
    senders = (_sender("one"), _sender("two"))

    found = await _answer(
        ask(*senders),
        f"""{{
          nodes(where: [{{path: "requestedRatio.memory", op: GT, value: 0.9}}],
                orderBy: [{{path: "requested.memory", direction: DESC}}, {{path: "free.cpu"}}]) {{
            nodes {{ name cluster {{ name {FIELDS} }} {FIELDS} }}
            groups(by: ["cluster.name"]) {{ key count sum(path: "requested.memory") max(path: "podCount") }}
          }}
          namespaces {{ nodes {{ name requested {{ memory }} podCount }} }}
        }}""",
    )

    assert "errors" not in found
    assert [node["name"] for node in found["data"]["nodes"]["nodes"]] == ["n1", "n1"]
    assert found["data"]["nodes"]["groups"] == [
        {"key": ["one"], "count": 1, "sum": "7680Mi", "max": 2},
        {"key": ["two"], "count": 1, "sum": "7680Mi", "max": 2},
    ]
    for sender in senders:
        assert _lists(sender) == [("/api/v1/pods", "status.phase!=Succeeded,status.phase!=Failed")]


async def test_a_sum_has_the_format_of_its_first_amount_that_is_not_zero(ask: Ask) -> None:
    def idle(kind: Kind) -> Sequence[JsonObject]:
        return [_node("n0"), *_objects(kind)] if kind == NODE else _objects(kind)

    found = await _answer(
        ask(ObjectsSender("one", idle)),
        """{ nodes { groups(by: ["cluster.name"]) {
          sum(path: "requested.memory") min(path: "requested.memory") } } }""",
    )

    assert found["data"]["nodes"]["groups"] == [{"sum": "8704Mi", "min": "0"}]


async def test_clusters_add_their_nodes_and_all_pods_that_have_not_ended(ask: Ask) -> None:
    sender = _sender()

    found = await _answer(
        ask(sender), f"{{ clusters {{ {FIELDS} capacity {{ cpu pods }} allocatable {{ cpu memory all }} }} }}"
    )

    assert found == {
        "data": {
            "clusters": [
                {
                    "requested": {"cpu": "2", "memory": "10752Mi", "pods": "4"},
                    "limits": {"memory": "10752Mi"},
                    "free": {"cpu": "6", "memory": "5632Mi", "pods": "16"},
                    "requestedRatio": {"memory": 0.65625},
                    "podCount": 4,
                    "capacity": {"cpu": "10", "pods": "20"},
                    "allocatable": {
                        "cpu": "8",
                        "memory": "16Gi",
                        "all": {"cpu": "8", "memory": "16Gi", "pods": "20"},
                    },
                }
            ]
        }
    }
    assert [call.path for call in sender.calls if call.path.endswith("/nodes")] == ["/api/v1/nodes"]


async def test_a_single_node_or_namespace_is_read_alone(ask: Ask) -> None:
    of_node, of_namespace = _sender(), _sender()

    node = await _answer(
        ask(of_node), '{ node(cluster: "one", name: "n1") { requested { memory } free { memory } podCount } }'
    )
    namespace = await _answer(
        ask(of_namespace), '{ namespace(cluster: "one", name: "shop") { requested { memory } podCount } }'
    )

    not_ended = "status.phase!=Succeeded,status.phase!=Failed"
    assert node["data"]["node"] == {"requested": {"memory": "7680Mi"}, "free": {"memory": "512Mi"}, "podCount": 2}
    assert _lists(of_node) == [("/api/v1/pods", f"{not_ended},spec.nodeName=n1")]
    assert namespace["data"]["namespace"] == {"requested": {"memory": "7Gi"}, "podCount": 3}
    assert _lists(of_namespace) == [("/api/v1/namespaces/shop/pods", not_ended)]


async def test_without_rights_totals_are_null_and_one_error_names_the_cluster(ask: Ask) -> None:
    sender = LimitedSender(_sender(), {POD: ()})

    found = await _answer(ask(sender), "{ nodes { nodes { name requested { cpu } } } clusters { podCount } }")

    assert [node["requested"] for node in found["data"]["nodes"]["nodes"]] == [None, None]
    assert found["data"]["clusters"] == [{"podCount": None}]
    assert sorted((error["path"], error["extensions"]["code"]) for error in found["errors"]) == [
        (["clusters", 0, "podCount"], "FORBIDDEN"),
        (["nodes", "nodes", 0, "requested"], "FORBIDDEN"),
    ]
    assert _lists(sender) == [("/api/v1/pods", "status.phase!=Succeeded,status.phase!=Failed")]


async def test_totals_of_nodes_keep_the_known_namespaces_of_the_caller(ask: Ask) -> None:
    sender = LimitedSender(_sender(), {POD: ("shop",)})
    asking = ask(sender)
    pods = "{ pods { totalCount } }"
    await _answer(asking, pods)
    first = sender.take_requests()

    for _ in range(2):
        await _answer(asking, "{ nodes { nodes { requested { cpu } } } }")
        sender.take_requests()
        assert await _answer(asking, pods) == {"data": {"pods": {"totalCount": 4}}}

        assert sender.take_requests() == ["/api/v1/namespaces/shop/pods"]

    assert len(first) > 1


async def test_without_rights_on_nodes_only_what_needs_them_is_null(ask: Ask) -> None:
    sender = LimitedSender(_sender(), {NODE: ()})

    found = await _answer(ask(sender), "{ clusters { podCount requested { cpu } capacity { cpu } free { cpu } } }")

    assert found["data"]["clusters"] == [{"podCount": 4, "requested": {"cpu": "2"}, "capacity": None, "free": None}]
    assert [error["extensions"]["code"] for error in found["errors"]] == ["FORBIDDEN"]


async def test_rights_in_a_namespace_give_its_totals_and_no_others(ask: Ask) -> None:
    sender = LimitedSender(_sender(), {POD: ("shop", "empty")})

    found = await _answer(
        ask(sender), "{ namespaces { nodes { name requested { memory } podCount } } nodes { nodes { podCount } } }"
    )

    assert found["data"]["namespaces"]["nodes"] == [
        {"name": "dark", "requested": None, "podCount": None},
        {"name": "empty", "requested": {"memory": "0"}, "podCount": 0},
        {"name": "shop", "requested": {"memory": "7Gi"}, "podCount": 3},
    ]
    assert found["data"]["nodes"]["nodes"] == [{"podCount": None}, {"podCount": None}]
    assert [error["extensions"]["code"] for error in found["errors"]] == ["FORBIDDEN"] * 2


async def test_a_cluster_that_is_down_costs_its_own_totals(ask: Ask) -> None:
    found = await _answer(ask(_sender("one"), DownSender("two")), "{ clusters { name podCount free { cpu } } }")

    assert found["data"]["clusters"] == [
        {"name": "one", "podCount": 4, "free": {"cpu": "6"}},
        {"name": "two", "podCount": None, "free": None},
    ]
    (error,) = found["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["clusters", 1, "podCount"], "CLUSTER_UNREACHABLE")


@pytest.mark.parametrize("root", ["nodes", "namespaces"])
async def test_the_ordinary_execution_gives_the_same(ask: Ask, root: str) -> None:
    query = f"{{ {root} {{ nodes {{ name requested {{ cpu memory all }} limits {{ all }} podCount }} }} }}"

    assert await _answer(ask(_sender()), query) == await _answer(ask(_sender()), query, is_ordinary=True)


async def test_amounts_that_are_no_quantities_cost_their_resource_of_their_node(ask: Ask) -> None:
    def hostile(kind: Kind) -> Sequence[JsonObject]:
        if kind == NODE:
            return [_node("n1"), _node("n2", memory="lots"), {"metadata": {"name": "n3"}}]
        return [_pod("x", "shop", "n1", "-" * 99), _pod("y", "shop", "n2", "1Gi")] if kind == POD else []

    found = await _answer(ask(ObjectsSender("one", hostile)), f"{{ nodes {{ nodes {{ {FIELDS} }} }} }}")

    first, second, third = found["data"]["nodes"]["nodes"]
    assert "errors" not in found
    assert first["requested"] == {"cpu": "500m", "memory": None, "pods": "1"}
    assert (first["free"]["memory"], first["requestedRatio"]) == (None, {"memory": None})
    assert (second["requested"]["memory"], second["free"]["memory"]) == ("1Gi", None)
    assert third["free"] == {"cpu": None, "memory": None, "pods": None}


async def test_pods_are_not_held_for_their_sums(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def many(kind: Kind) -> Sequence[JsonObject]:
        if kind == NODE:
            return [_node("n1"), _node("n2")]
        return [_pod(f"p-{number:04}", "shop", "n1", "1Mi") for number in range(6000)] if kind == POD else []

    most, add = [0], MemoryBudget.add

    def noting(self: MemoryBudget, caller: str, size_bytes: int) -> None:
        add(self, caller, size_bytes)
        most.append(max(most[-1], self.held_bytes))

    monkeypatch.setattr(MemoryBudget, "add", noting)
    memory = MemoryBudget().share(OPERATOR.name)
    fleet = fleet_of([ObjectsSender("one", many)])
    operation = Operation(fleet, caller=OPERATOR, cursor_key=CURSOR_KEY, memory=memory)

    answer = await engine.execute(GraphqlRequest("{ nodes { nodes { requested { memory } podCount } } }"), operation)

    nodes = json.loads(answer.to_json())["data"]["nodes"]["nodes"]
    assert nodes[0] == {"requested": {"memory": "6000Mi"}, "podCount": 6000}
    assert most[-1] < 6.5 * MIB  # a page; all pods are 10 MiB


ALL = "requested { cpu } limits { cpu } free { cpu } requestedRatio { cpu } podCount"


@pytest.mark.parametrize(
    ("query", "lists"),
    [
        (f"{{ clusters {{ {ALL} capacity {{ cpu }} allocatable {{ cpu }} }} }}", 2),
        ("{ clusters { requested { cpu } podCount } }", 1),
        (f"{{ nodes {{ nodes {{ {ALL} }} }} }}", 2),
        (f'{{ nodes(where: [{{path: "requestedRatio.memory", op: GT, value: 0.9}}]) {{ nodes {{ {ALL} }} }} }}', 2),
        ("{ namespaces { nodes { requested { cpu } limits { cpu } podCount } } }", 2),
        ("{ deployments { nodes { requested { cpu } limits { cpu } } } }", 3),
        ("{ statefulSets { nodes { requested { cpu } limits { cpu } } } }", 2),
    ],
)
async def test_the_estimate_is_what_is_sent(engine: Engine, query: str, lists: int) -> None:
    workload: JsonObject = {"metadata": {"name": "web", "namespace": "shop", "uid": "web"}}
    senders = [ObjectsSender(name, lambda kind: [*_objects(kind)] or [workload]) for name in ("one", "two")]
    operation = Operation(fleet_of(senders), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=Explanation())

    answer = await engine.execute(GraphqlRequest(query, None), operation)

    assert answer.errors == []
    cost = json.loads(answer.to_json())["extensions"]["explain"]["cost"]
    sent = sum(len(sender.calls) for sender in senders)
    assert (cost["estimatedRequests"], sent) == (2 * lists, 2 * lists)


@pytest.mark.parametrize(
    ("query", "lists"),
    [
        ("{ clusters { usage { cpu } usageRatio { cpu } capacity { cpu } } }", 2),
        ("{ nodes { nodes { usage { cpu } usageRatio { cpu } requested { cpu } } } }", 3),
        ("{ pods { nodes { usage { cpu } containers { usage { cpu } usageRatio { requests { cpu } } } } } }", 2),
        ("{ deployments { nodes { requested { cpu } usage { cpu } usageRatio { requests { cpu } } } } }", 4),
    ],
)
async def test_usage_is_estimated_once(engine: Engine, query: str, lists: int) -> None:
    operation = Operation(fleet_of([_sender()]), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=Explanation())

    answer = await engine.execute(GraphqlRequest(query, None), operation)

    assert json.loads(answer.to_json())["extensions"]["explain"]["cost"]["estimatedRequests"] == lists
