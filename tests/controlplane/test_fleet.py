"""The behaviour of clusters that tests rely on."""

import asyncio
import json
import subprocess
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.living import LOG_LINES
from tests.controlplane.writer import create_objects

pytestmark = pytest.mark.controlplane

DEPLOYMENTS = "/apis/apps/v1/namespaces/rollout/deployments"


async def test_three_clusters_hold_their_own_objects(control_planes: ControlPlanes) -> None:
    for cluster in control_planes.clusters:
        await create_objects(cluster, [config_map(f"only-{cluster.name}")])

    names = {cluster.name: await config_map_names(cluster) for cluster in control_planes.clusters}

    assert {name: {f"only-{name}"} for name in ("alpha", "beta", "living")} == names


@pytest.mark.parametrize(
    ("user", "pods", "secrets"), [("admin", 200, 200), ("viewer", 200, 403), ("alice", 403, 403), ("nobody", 403, 403)]
)
async def test_users_may_what_their_name_says(alpha: Cluster, user: str, pods: int, secrets: int) -> None:
    async with connect(alpha, user) as session:
        statuses = [await status_of(session, f"/api/v1/{plural}") for plural in ("pods", "secrets")]

    assert statuses == [pods, secrets]


async def test_a_wrong_token_is_refused(alpha: Cluster) -> None:
    stranger = replace(alpha, tokens={"stranger": "wrong"})

    async with connect(stranger, "stranger") as session:
        assert await status_of(session, "/api/v1/pods") == HTTPStatus.UNAUTHORIZED


async def test_a_deployment_rolls_out_and_its_pods_log_and_execute(
    control_planes: ControlPlanes, living: Cluster, tmp_path: Path
) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", [living])
    await create_objects(living, [namespace("rollout"), deployment("web", replicas=6)])

    await rolled_out(living, "web", replicas=6)

    pods = await items(living, "/api/v1/namespaces/rollout/pods")
    assert {pod["status"]["phase"] for pod in pods} == {"Running"}
    kubectl: list[str | Path] = [control_planes.kubectl, "--kubeconfig", kubeconfig, "--namespace", "rollout"]
    assert run([*kubectl, "logs", "deploy/web", "--follow=false"]) == [*LOG_LINES]
    assert run([*kubectl, "exec", "deploy/web", "--", "echo", "hello"]) == ["hello"]


async def test_kubectl_reads_every_context_of_a_kubeconfig(control_planes: ControlPlanes, tmp_path: Path) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", control_planes.clusters)

    contexts = run([control_planes.kubectl, "--kubeconfig", kubeconfig, "config", "get-contexts", "--output=name"])

    assert contexts == ["alpha", "beta", "living"]
    assert kubeconfig.stat().st_mode & 0o777 == 0o600


async def rolled_out(cluster: Cluster, name: str, *, replicas: int) -> None:
    """Follows the deployment's watch until its status reports the rollout."""
    async with connect(cluster) as session, asyncio.timeout(20):
        query = {"watch": "true", "fieldSelector": f"metadata.name={name}"}
        async with session.get(DEPLOYMENTS, params=query) as response:
            async for line in response.content:
                if json.loads(line)["object"]["status"].get("availableReplicas") == replicas:
                    return


async def status_of(session: aiohttp.ClientSession, path: str) -> int:
    async with session.get(path) as response:
        return response.status


async def items(cluster: Cluster, path: str) -> list[dict[str, dict[str, str]]]:
    async with connect(cluster) as session, session.get(path) as response:
        listed: list[dict[str, dict[str, str]]] = (await response.json())["items"]
        return listed


async def config_map_names(cluster: Cluster) -> set[str]:
    listed = await items(cluster, "/api/v1/namespaces/default/configmaps?labelSelector=of%3Dtest-fleet")
    return {item["metadata"]["name"] for item in listed}


def run(argv: list[str | Path]) -> list[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30).stdout.split("\n")[:-1]


def config_map(name: str) -> JsonObject:
    metadata: JsonObject = {"name": name, "namespace": "default", "labels": {"of": "test-fleet"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def namespace(name: str) -> JsonObject:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def deployment(name: str, *, replicas: int) -> JsonObject:
    labels: JsonObject = {"app": name}
    containers: JsonObject = {"containers": [{"name": "app", "image": "registry.example.com/web:1"}]}
    template: JsonObject = {"metadata": {"labels": labels}, "spec": containers}
    spec: JsonObject = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    metadata: JsonObject = {"name": name, "namespace": "rollout"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
