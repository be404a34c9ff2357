"""Rollouts as in `kubectl rollout status`, and replicas of deployments."""

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from k8s.kinds.builtin import DEPLOYMENT
from resolvers.kinds.apps.deployment import DeploymentReplicas, DeploymentRollout, replicas, rollout
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.decoded import row

READS = (
    "metadata.generation",
    "spec.replicas",
    *(f"status.{name}" for name in ("observedGeneration", "replicas", "updatedReplicas", "availableReplicas")),
    *("status.readyReplicas", "status.conditions.type", "status.conditions.reason", "status.terminatingReplicas"),
)
NAMESPACE = "rollouts"
SETTLED: JsonObject = {
    "observedGeneration": 1,
    "replicas": 3,
    "readyReplicas": 3,
    "updatedReplicas": 3,
    "availableReplicas": 3,
}
QUERY = '{ deployments(namespaces: ["rollouts"]) { nodes { cluster { name } name rollout { complete reason } } } }'
LATE: JsonObject = {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}

CASES: Mapping[str, tuple[JsonObject, str]] = {
    "done": (SETTLED, "Successfully rolled out."),
    "unobserved": (SETTLED | {"observedGeneration": 0}, "Waiting for the deployment's spec to be observed."),
    "late": (SETTLED | LATE | {"updatedReplicas": 1}, "It exceeded its progress deadline."),
    "updating": (SETTLED | {"updatedReplicas": 2}, "2 of 3 new replicas have been updated."),
    "old": (SETTLED | {"replicas": 5}, "2 old replicas are pending termination."),
    "unavailable": (SETTLED | {"availableReplicas": 1}, "1 of 3 updated replicas are available."),
    "new": ({"observedGeneration": 1}, "0 of 3 new replicas have been updated."),
}
_KUBECTL_WORDS = {
    "done": "successfully rolled out",
    "unobserved": "Waiting for deployment spec update to be observed",
    "late": "exceeded its progress deadline",
    "updating": "2 out of 3 new replicas have been updated",
    "old": "2 old replicas are pending termination",
    "unavailable": "1 of 3 updated replicas are available",
    "new": "0 out of 3 new replicas have been updated",
}


@pytest.mark.parametrize(("status", "reason"), CASES.values(), ids=CASES)
def test_rollouts(status: JsonObject, reason: str) -> None:
    deployment = row(DEPLOYMENT, *READS, metadata={"generation": 1}, spec={"replicas": 3}, status=status)

    assert rollout(deployment) == DeploymentRollout(reason == "Successfully rolled out.", reason)


def test_a_deployment_of_nothing_is_rolled_out() -> None:
    status: JsonObject = {"observedGeneration": 1}
    deployment = row(DEPLOYMENT, *READS, metadata={"generation": 1}, spec={"replicas": 0}, status=status)

    assert rollout(deployment).complete


def test_replicas() -> None:
    status: JsonObject = {"readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 1}

    assert replicas(row(DEPLOYMENT, *READS, spec={"replicas": 4}, status=status)) == DeploymentReplicas(4, 2, 3, 1)
    assert replicas(row(DEPLOYMENT, *READS, spec={"replicas": 0}, status={})) == DeploymentReplicas(0, 0, 0, 0)
    assert replicas(row(DEPLOYMENT, *READS)) == DeploymentReplicas(1, 0, 0, 0)


@pytest.mark.controlplane
async def test_kubectl_says_the_same(
    control_planes: ControlPlanes, alpha: Cluster, real_fleet: TestFleet, tmp_path: Path
) -> None:
    await create_objects(alpha, [_namespace(), *(_deployment(name, status) for name, (status, _) in CASES.items())])
    kubeconfig = write_kubeconfig(tmp_path / "k", [alpha])

    said = await asyncio.gather(
        *(asyncio.to_thread(_kubectl, control_planes.kubectl, kubeconfig, name) for name in CASES)
    )
    reply = await real_fleet.ask(QUERY)

    found = [node for node in reply.data["deployments"]["nodes"] if node["cluster"]["name"] == "alpha"]
    rollouts = {item["name"]: item["rollout"] for item in found}
    assert {name: item["reason"] for name, item in rollouts.items()} == {
        name: reason for name, (_, reason) in CASES.items()
    }
    for name, words in zip(CASES, said, strict=True):
        assert _KUBECTL_WORDS[name] in words
        assert rollouts[name]["complete"] == (name == "done")


@pytest.mark.controlplane
async def test_a_living_deployment_rolls_out(living: Cluster, real_fleet: TestFleet) -> None:
    await create_objects(living, [_namespace(), _deployment("web", {})])
    query = """{ deployment(cluster: "living", namespace: "rollouts", name: "web") {
      replicas { desired ready updated available } rollout { complete reason }
    } }"""
    found: JsonObject = {}

    async with asyncio.timeout(30):
        while not found or found["rollout"] != {"complete": True, "reason": "Successfully rolled out."}:
            found = (await real_fleet.ask(query)).data["deployment"]
            await asyncio.sleep(0.1)

    assert found["replicas"] == {"desired": 3, "ready": 3, "updated": 3, "available": 3}


def _kubectl(kubectl: Path, kubeconfig: Path, name: str) -> str:
    where = [f"--kubeconfig={kubeconfig}", "--context=alpha", f"--namespace={NAMESPACE}"]
    command = [str(kubectl), *where, "rollout", "status", "--watch=false", f"deployment/{name}"]
    answered = subprocess.run(command, capture_output=True, text=True, check=False)
    return answered.stdout + answered.stderr


def _namespace() -> JsonObject:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def _deployment(name: str, status: JsonObject) -> JsonObject:
    labels: JsonObject = {"app": name}
    containers: JsonObject = {"containers": [{"name": "app", "image": "registry.example.com/app:1"}]}
    template: JsonObject = {"metadata": {"labels": labels}, "spec": containers}
    spec: JsonObject = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
    metadata: JsonObject = {"name": name, "namespace": NAMESPACE}
    made: JsonObject = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    return made | ({"status": status} if status else {})
