"""Prices of the links of workloads: for many parents, at most as many lists as they declare."""

import json
import re
from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.kinds.families import FAMILIES
from resolvers.links.members import Link, Shape
from resolvers.names import list_name
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import FAR, Asking, fleet_of
from tests.graph.senders import ObjectsSender

PARENTS: Final = 12
KINDS: Final = (
    *(kinds.DEPLOYMENT, kinds.REPLICA_SET, kinds.REPLICATION_CONTROLLER, kinds.STATEFUL_SET, kinds.DAEMON_SET),
    *(kinds.JOB, kinds.CRON_JOB, kinds.HORIZONTAL_POD_AUTOSCALER, kinds.POD_DISRUPTION_BUDGET),
    *(kinds.WORKLOAD, kinds.POD_GROUP, kinds.COMPOSITE_POD_GROUP),
)
LINKS: Final = sorted(
    {
        (list_name(family.owner), name)
        for family in FAMILIES
        if isinstance(family.owner, Kind) and family.owner in KINDS
        for name, member in family.members.items()
        if isinstance(member, Link) and member.arguments is None
    }
)
_MEMBERS: Final = {
    (list_name(family.owner), name): member
    for family in FAMILIES
    if isinstance(family.owner, Kind)
    for name, member in family.members.items()
}
_LIST: Final = re.compile(r"/(api|apis/[^/]+)/v[^/]+/.+")


def _objects(kind: Kind) -> list[JsonObject]:
    return [_object(kind, number) for number in range(PARENTS)]


def _object(kind: Kind, number: int) -> JsonObject:
    labels: JsonObject = {"app": f"app-{number}"}
    environment: JsonObject = {"configMapRef": {"name": f"it-{number}"}, "secretRef": {"name": f"it-{number}"}}
    container: JsonObject = {"name": "app", "image": "app", "envFrom": [environment]}
    reference: JsonObject = {"apiVersion": "apps/v1", "kind": "Deployment", "name": f"it-{number}"}
    group: JsonObject = {"podGroupName": f"it-{number}"}
    spec: JsonObject = {
        "selector": labels if kind in {kinds.REPLICATION_CONTROLLER, kinds.SERVICE} else {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        "serviceName": f"it-{number}",
        "scaleTargetRef": reference,
        "controllerRef": {"apiGroup": "apps", "kind": "Deployment", "name": f"it-{number}"},
        "workloadRef": {"workloadName": f"it-{number}"},
        "parentCompositePodGroupName": f"it-{number}",
        "nodeName": f"it-{number}",
        "schedulingGroup": group,
    }
    metadata: JsonObject = {"name": f"it-{number}", "uid": f"uid-{kind.name}-{number}", "labels": labels}
    if kind.namespaced:
        metadata["namespace"] = f"home-{number % 3}"
    known = {"selector", "template"} if kind in {kinds.CRON_JOB, kinds.CONFIG_MAP, kinds.SECRET, kinds.NODE} else set()
    return {"metadata": metadata, "spec": {key: value for key, value in spec.items() if key not in known}}


@pytest.mark.parametrize(("plural", "name"), LINKS, ids=[".".join(one) for one in LINKS])
async def test_a_link_costs_the_lists_that_it_declares(engine: Engine, plural: str, name: str) -> None:
    sender = ObjectsSender("prices", _objects)
    member: Any = _MEMBERS[plural, name]
    fields = "nodes { metadata { uid } }" if member.shape is Shape.MANY else "metadata { uid }"

    query = f"{{ {plural} {{ nodes {{ name {name} {{ {fields} }} }} }} }}"
    answer = json.loads((await Asking(engine, fleet_of([sender]))(query, limits=FAR)).to_json())

    assert "errors" not in answer
    assert len(answer["data"][plural]["nodes"]) == PARENTS
    lists = [call.path for call in sender.calls if call.method == "GET" and _LIST.fullmatch(call.path)]
    assert 0 < len(lists) <= 1 + member.lists(None)
