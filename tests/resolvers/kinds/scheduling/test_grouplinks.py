"""Links of workloads, pod groups and composite pod groups, in both directions, and their requests."""

import json
from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.kinds.scheduling.podgroup import COMPOSITE_POD_GROUPS
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender
from tests.resolvers.kinds.derivedfields import conditions, derived


def _item(name: str, namespace: str = "train", **parts: JsonValue) -> JsonObject:
    return {"metadata": {"name": name, "namespace": namespace}, **parts}


def _group(name: str, workload: str | None, parent: str | None = None, namespace: str = "train") -> JsonObject:
    reference: JsonObject = {"workloadRef": {"workloadName": workload, "templateName": "t"}} if workload else {}
    return _item(name, namespace, spec={**reference, **({"parentCompositePodGroupName": parent} if parent else {})})


def _pod(name: str, group: str | None, namespace: str = "train") -> JsonObject:
    return _item(name, namespace, spec={"schedulingGroup": {"podGroupName": group}} if group else {})


_CONTROLLER: Final[JsonObject] = {"apiGroup": "batch", "kind": "Job", "name": "learn"}
OBJECTS: Final[dict[Kind, list[JsonObject]]] = {
    kinds.WORKLOAD: [
        _item("learn", spec={"controllerRef": _CONTROLLER}),
        _item("lost", spec={"controllerRef": {**_CONTROLLER, "name": "gone"}}),
        _item("same-name", spec={"controllerRef": {"apiGroup": "apps", "kind": "Deployment", "name": "learn"}}),
        _item("learn", "other"),
    ],
    kinds.JOB: [_item("learn"), _item("idle"), _item("learn", "other")],
    kinds.DEPLOYMENT: [_item("learn")],
    kinds.POD_GROUP: [
        _group("one", "learn", "all"),
        _group("two", "learn"),
        _group("lone", None),
        _group("bad", "gone"),
    ],
    kinds.COMPOSITE_POD_GROUP: [
        _group("all", "learn"),
        _group("inner", "learn", "all"),
        _group("self", "lost", "self"),
    ],
    kinds.POD: [_pod("a", "one"), _pod("b", "one"), _pod("c", "two"), _pod("d", None), _pod("e", "one", "other")],
}
QUERY: Final = """{
  workloads { nodes { name namespace podGroups { nodes { name } } compositePodGroups { nodes { name } }
    pods { nodes { name } } controller { kind name } } }
  podGroups { nodes { name workload { name } parent { name } pods { nodes { name } } } }
  compositePodGroups { nodes { name workload { name } parent { name } podGroups { nodes { name } }
    compositePodGroups { nodes { name } } } }
  pods { nodes { name podGroup { name } } }
  jobs { nodes { name workloads { nodes { name } } } }
  deployments { nodes { name workloads { nodes { name } } } }
}"""


@pytest.mark.parametrize("broken", [(), (kinds.POD_GROUP,)], ids=["working", "broken"])
async def test_groups_and_their_workloads(engine: Engine, broken: tuple[Kind, ...]) -> None:
    sender = ObjectsSender("groups", lambda kind: OBJECTS.get(kind, ()), broken=broken)

    answer = json.loads((await Asking(engine, fleet_of([sender]))(QUERY)).to_json())

    if broken:
        assert {error["extensions"]["cluster"] for error in answer["errors"]} == {"groups"}
        assert all(one["podGroups"] is None and one["pods"] is None for one in answer["data"]["workloads"]["nodes"])
        return
    assert "errors" not in answer
    found = {
        plural: [
            [one["name"], *(_short(value) for key, value in one.items() if key not in {"name", "namespace"})]
            for one in listed["nodes"]
        ]
        for plural, listed in answer["data"].items()
    }
    assert found == {
        "workloads": [
            ["learn", [], [], [], None],
            ["learn", ["one", "two"], ["all", "inner"], ["a", "b", "c"], "learn"],
            ["lost", [], ["self"], [], None],
            ["same-name", [], [], [], "learn"],
        ],
        "podGroups": [
            ["bad", None, None, []],
            ["lone", None, None, []],
            ["one", "learn", "all", ["a", "b"]],
            ["two", "learn", None, ["c"]],
        ],
        "compositePodGroups": [
            ["all", "learn", None, ["one"], ["inner"]],
            ["inner", "learn", "all", [], []],
            ["self", "lost", "self", [], ["self"]],
        ],
        "jobs": [["learn", []], ["idle", []], ["learn", ["learn"]]],
        "deployments": [["learn", ["same-name"]]],
        "pods": [["e", None], ["a", "one"], ["b", "one"], ["c", "two"], ["d", None]],
    }


@pytest.mark.parametrize(
    ("listed", "state"),
    [
        ((), "Pending"),
        ((("PodGroupInitiallyScheduled", "True"),), "Pending"),
        ((("CompositePodGroupInitiallyScheduled", "True"),), "Scheduled"),
        ((("CompositePodGroupInitiallyScheduled", "False"),), "Unschedulable"),
        ((("CompositePodGroupInitiallyScheduled", "True"), ("DisruptionTarget", "True")), "PreemptionByScheduler"),
    ],
)
def test_the_state_of_a_composite_pod_group(listed: tuple[tuple[str, str], ...], state: str) -> None:
    status = conditions(*listed, reason="PreemptionByScheduler")

    assert derived(COMPOSITE_POD_GROUPS, "state", status=status) == state
    assert derived(COMPOSITE_POD_GROUPS, "state") == "Pending"


def _short(value: Any) -> Any:
    if isinstance(value, dict) and "nodes" in value:
        return [one["name"] for one in value["nodes"]]
    return value["name"] if value is not None else None
