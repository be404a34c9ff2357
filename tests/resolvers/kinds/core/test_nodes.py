"""Members of nodes, compared with `kubectl get nodes -o wide`."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.builtin import NODE
from resolvers.kinds.core.node import (
    allocatable,
    capacity,
    external_ip,
    internal_ip,
    pressures,
    ready,
    roles,
    state,
    taints,
    version,
)
from resolvers.kinds.leaves import Quantity, QuantityMap
from resolvers.kinds.resources import NodeResources
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import LIVING_NODES, ControlPlanes
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.decoded import row
from tests.resolvers.links.owning import answered, cluster_with, object_of, reference

Json = Any

ADDRESSES = ("status.addresses.type", "status.addresses.address")
_INFO: JsonObject = {
    **dict.fromkeys(("architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion"), "v1"),
    **dict.fromkeys(("kubeletVersion", "machineID", "operatingSystem", "osImage", "systemUUID"), "v1"),
}
CONDITIONS = ("status.conditions.type", "status.conditions.status")


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ({}, []),
        ({"node-role.kubernetes.io/worker": ""}, ["worker"]),
        (
            {"node-role.kubernetes.io/b": "x", "node-role.kubernetes.io/a": "", "kubernetes.io/role": "c"},
            [*"abc"],
        ),
        ({"node-role.kubernetes.io/a": "", "kubernetes.io/role": "a"}, ["a"]),
        ({"node-role.kubernetes.io/": "", "kubernetes.io/role": ""}, []),
        ({"example.com/role": "a"}, []),
    ],
)
def test_roles(labels: JsonObject, wanted: list[str]) -> None:
    assert roles(row(NODE, "metadata.labels", metadata={"labels": labels})) == wanted
    assert roles(row(NODE, "metadata.labels")) == []


def test_addresses() -> None:
    found = [("Hostname", "n1"), ("InternalIP", "10.0.0.1"), ("InternalIP", "fd00::1"), ("ExternalIP", "203.0.113.7")]
    status: JsonObject = {"addresses": [{"type": kind, "address": address} for kind, address in found]}

    node = row(NODE, *ADDRESSES, status=status)

    assert (internal_ip(node), external_ip(node)) == ("10.0.0.1", "203.0.113.7")


@pytest.mark.parametrize("parts", [{}, {"status": {}}, {"status": {"addresses": [], "conditions": []}}])
def test_a_node_that_says_nothing(parts: dict[str, JsonObject]) -> None:
    node = row(NODE, *ADDRESSES, *CONDITIONS, "status.capacity", "status.allocatable", **parts)

    assert (internal_ip(node), external_ip(node), ready(node)) == (None, None, False)
    assert capacity(node) == allocatable(node) == NodeResources(None, None, None, None, QuantityMap({}))


@pytest.mark.parametrize(("status", "wanted"), [("True", True), ("False", False), ("Unknown", False)])
def test_readiness(status: str, *, wanted: bool) -> None:
    conditions: list[JsonValue] = [{"type": "DiskPressure", "status": "True"}, {"type": "Ready", "status": status}]

    assert ready(row(NODE, *CONDITIONS, status={"conditions": conditions})) is wanted


def test_resources_are_quantities() -> None:
    stated: JsonObject = {"cpu": "7910m", "memory": "31482Mi", "ephemeral-storage": "1e9", "pods": 110, "a.io/gpu": "2"}

    found = capacity(row(NODE, "status.capacity", status={"capacity": stated}))

    every = QuantityMap({name: Quantity(str(value)) for name, value in stated.items()})
    assert found == NodeResources(
        Quantity("7910m"), Quantity("31482Mi"), Quantity("1e9"), pods=Quantity("110"), all=every
    )


@pytest.mark.parametrize(
    ("statuses", "is_cordoned", "wanted"),
    [
        (["True"], False, "Ready"),
        (["False"], False, "NotReady"),
        (["Unknown"], True, "NotReady,SchedulingDisabled"),
        ([], False, "Unknown"),
        ([], True, "Unknown,SchedulingDisabled"),
        (["True", "False"], False, "NotReady"),
        (["False", "True"], True, "Ready,SchedulingDisabled"),
    ],
)
def test_state_is_kubectls_status(statuses: list[str], *, is_cordoned: bool, wanted: str) -> None:
    conditions: list[JsonValue] = [{"type": "Ready", "status": status} for status in statuses]
    status: JsonObject = {"conditions": [{"type": "DiskPressure", "status": "True"}, *conditions]}

    node = row(NODE, *CONDITIONS, "spec.unschedulable", spec={"unschedulable": is_cordoned}, status=status)

    assert state(node) == wanted


def test_pressures_are_the_other_conditions_that_are_true() -> None:
    found = [("Ready", "True"), ("MemoryPressure", "True"), ("DiskPressure", "False"), ("KernelDeadlock", "True")]
    conditions: list[JsonValue] = [{"type": kind, "status": status} for kind, status in found]

    assert pressures(row(NODE, *CONDITIONS, status={"conditions": conditions})) == ["MemoryPressure", "KernelDeadlock"]
    assert pressures(row(NODE, *CONDITIONS)) == []


def test_taints_are_written_as_kubectl_writes_them() -> None:
    reads = ("spec.taints.key", "spec.taints.value", "spec.taints.effect")
    given: list[JsonValue] = [
        {"key": "gpu", "value": "a100", "effect": "NoSchedule"},
        {"key": "lost", "effect": "NoExecute"},
        {"key": "half", "value": "x"},
        {"key": "bare"},
    ]

    node = row(NODE, *reads, spec={"taints": given})

    assert taints(node) == ["gpu=a100:NoSchedule", "lost:NoExecute", "half=x:", "bare"]
    assert taints(row(NODE, *reads)) == []


def test_version_is_that_of_the_kubelet() -> None:
    assert version(row(NODE, "status.nodeInfo.kubeletVersion", status={"nodeInfo": _INFO})) == "v1"
    assert version(row(NODE, "status.nodeInfo.kubeletVersion", status={"nodeInfo": {}})) is None
    assert version(row(NODE, "status.nodeInfo.kubeletVersion")) is None


@pytest.mark.controlplane
async def test_kubectl_shows_the_same(
    control_planes: ControlPlanes, alpha: Cluster, living: Cluster, real_fleet: TestFleet, tmp_path: Path
) -> None:
    await create_objects(alpha, _nodes())
    kubeconfig = write_kubeconfig(tmp_path / "k", [alpha, living])

    reply = await real_fleet.ask("{ nodes { nodes { cluster { name } name ready roles internalIP externalIP } } }")

    for cluster, mine in (("alpha", ("wide-1", "wide-2", "wide-3")), ("living", LIVING_NODES)):
        shown = await asyncio.to_thread(_kubectl, control_planes.kubectl, kubeconfig, cluster)
        ours = [node for node in reply.data["nodes"]["nodes"] if node["cluster"]["name"] == cluster]
        assert [_as_kubectl(node) for node in ours if node["name"] in mine] == [row for row in shown if row[0] in mine]


def _as_kubectl(node: dict[str, object]) -> tuple[object, ...]:
    named = node["roles"]
    assert isinstance(named, list)
    state = "Ready" if node["ready"] else "NotReady"
    addresses = [node["internalIP"] or "<none>", node["externalIP"] or "<none>"]
    return (node["name"], state, ",".join(named) or "<none>", *addresses)


def _kubectl(kubectl: Path, kubeconfig: Path, cluster: str) -> list[tuple[str, ...]]:
    command = [str(kubectl), f"--kubeconfig={kubeconfig}", f"--context={cluster}", "get", "nodes", "-o", "wide"]
    lines = subprocess.run([*command, "--no-headers"], capture_output=True, text=True, check=True).stdout.splitlines()
    found = [line.split()[:7] for line in lines]
    states = {"Ready": "Ready", "NotReady": "NotReady", "Unknown": "NotReady"}
    return [
        (name, states[state.partition(",")[0]], role, *addresses)
        for name, state, role, _age, _version, *addresses in found
    ]


def _nodes() -> list[JsonObject]:
    return [
        _node("wide-1", {"node-role.kubernetes.io/control-plane": "", "node-role.kubernetes.io/etcd": ""}, "True"),
        _node("wide-2", {"kubernetes.io/role": "gpu"}, "False"),
        _node("wide-3", {}, "Unknown"),
    ]


def _node(name: str, labels: JsonObject, status: str) -> JsonObject:
    addresses = [
        ("InternalIP", "10.9.8.7"),
        ("InternalIP", "fd00::7"),
        ("ExternalIP", "203.0.113.9"),
        ("Hostname", name),
    ]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"taints": []},
        "status": {
            "addresses": [{"type": kind, "address": address} for kind, address in addresses],
            "conditions": [{"type": "Ready", "status": status}],
            "nodeInfo": _INFO,
        },
    }


async def test_links_back_from_daemon_sets_and_endpoints(engine: Engine) -> None:
    def on(node: str, name: str, daemon_set: str) -> Json:
        pod: Json = object_of(kinds.POD, name, reference(kinds.DAEMON_SET, daemon_set))
        return pod | {"spec": {"nodeName": node}}

    address = {"ip": "10.0.0.1", "nodeName": "n1", "targetRef": {"kind": "Pod", "namespace": "shop", "name": "a"}}
    objects = [
        *(object_of(kinds.NODE, name) for name in ("n1", "n2")),
        *(object_of(kinds.DAEMON_SET, name) for name in ("agent", "log", "none")),
        *(on("n1", "a", "agent"), on("n1", "b", "agent"), on("n1", "c", "log"), on("n2", "d", "agent")),
        on("n2", "e", "gone"),
        object_of(kinds.ENDPOINTS, "web") | {"subsets": [{"notReadyAddresses": [address]}]},
        object_of(kinds.ENDPOINTS, "other"),
    ]
    sender = cluster_with(objects, serves=(kinds.NODE, kinds.POD, kinds.DAEMON_SET, kinds.ENDPOINTS))
    endpoints = "endpoints { nodes { name } }"

    of_nodes = f"daemonSets {{ nodes {{ name }} }} {endpoints}"
    query = f"{{ nodes {{ nodes {{ {of_nodes} }} }} pods {{ nodes {{ {endpoints} }} }} }}"
    answer = await answered(engine, query, sender)

    def names(row: Json, link: str) -> list[str]:
        return [one["name"] for one in row[link]["nodes"]]

    assert "errors" not in answer
    nodes, pods = (answer["data"][root]["nodes"] for root in ("nodes", "pods"))
    assert [names(node, "daemonSets") for node in nodes] == [["agent", "log"], ["agent"]]
    assert [names(node, "endpoints") for node in nodes] == [["web"], []]
    assert [names(pod, "endpoints") for pod in pods] == [["web"], [], [], [], []]
