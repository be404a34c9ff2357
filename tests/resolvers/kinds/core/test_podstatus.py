"""STATUS and RESTARTS: the cases of kubectl's own tests, and kubectl's output for the same pods."""

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from k8s.kinds.builtin import POD
from resolvers.kinds.core.podstatus import READS, restarts_column, status_column
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.decoded import row
from tests.resolvers.podstates import STATES, PodState

NAMESPACE = "podstates"
_DELETED = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_columns(state: PodState) -> None:
    metadata: JsonObject = {"deletionTimestamp": _DELETED} if state.is_deleted else {}

    pod = row(POD, *READS, metadata=metadata, spec=state.spec, status=state.pod_status)

    assert status_column(pod) == state.status
    assert restarts_column(pod) == state.restarts


def test_a_pod_without_status() -> None:
    assert status_column(row(POD, *READS)) == "Unknown"
    assert restarts_column(row(POD, *READS)) == 0


@pytest.mark.controlplane
async def test_kubectl_shows_the_same(
    control_planes: ControlPlanes, alpha: Cluster, real_fleet: TestFleet, tmp_path: Path
) -> None:
    await create_objects(alpha, _objects())
    async with connect(alpha) as session:
        for name in (name for name, state in STATES.items() if state.is_deleted):
            response = await session.delete(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}")
            assert response.ok

    try:
        kubeconfig = write_kubeconfig(tmp_path / "k", [alpha])
        shown = await asyncio.to_thread(_kubectl_columns, control_planes.kubectl, kubeconfig)
        reply = await real_fleet.ask('{ pods(namespaces: ["podstates"]) { nodes { name reason restarts } } }')
    finally:
        await _remove_pods(alpha)

    ours = {pod["name"]: (pod["reason"], str(pod["restarts"])) for pod in reply.data["pods"]["nodes"]}
    assert ours == shown
    assert len(ours) == len(STATES)


async def _remove_pods(cluster: Cluster) -> None:
    """Removes the pods, whose node does not exist, from the cluster that all tests share."""
    async with connect(cluster) as session:
        for name, state in STATES.items():
            path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}"
            if state.is_deleted:
                merge_patch = {"Content-Type": "application/merge-patch+json"}
                await session.patch(path, data='{"metadata": {"finalizers": null}}', headers=merge_patch)
            await session.delete(path, params={"gracePeriodSeconds": "0"})


def _kubectl_columns(kubectl: Path, kubeconfig: Path) -> Mapping[str, tuple[str, str]]:
    command = [str(kubectl), f"--kubeconfig={kubeconfig}", "--context=alpha", "get", "pods", "-A", "--no-headers"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [line.split() for line in lines]
    return {name: (status, restarts) for namespace, name, _, status, restarts, *_ in found if namespace == NAMESPACE}


def _objects() -> list[JsonObject]:
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [namespace, *(_pod(name, state) for name, state in STATES.items())]


def _pod(name: str, state: PodState) -> JsonObject:
    metadata: JsonObject = {"name": name, "namespace": NAMESPACE}
    if state.is_deleted:
        metadata["finalizers"] = ["example.com/stays"]
    # Only a pod on a node is deleted with time to end.
    spec = state.spec if state.gates else state.spec | {"nodeName": "podstates-node"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": state.pod_status}
