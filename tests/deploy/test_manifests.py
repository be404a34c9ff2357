"""The manifests on a real API server: strict validation, pod security, and a rollout with controllers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.settings.settings import Settings
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.deploy.kubectl import ROOT, Kubectl, overlay

NAMESPACE = "fleetgraph"
_TIMEOUT_S = 50


@pytest.fixture(scope="module")
def kubectl(control_planes: ControlPlanes, living: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    kubeconfig = write_kubeconfig(tmp_path_factory.mktemp("deploy") / "kubeconfig", [living])
    return Kubectl(control_planes.kubectl, kubeconfig, living.name)


@pytest.fixture(scope="module")
def namespace(kubectl: Kubectl) -> Iterator[str]:
    """Returns the namespace of the manifests, with the account and the secret for pods."""
    base = ROOT / "deploy" / "kubernetes" / "base"
    kubectl("apply", "-f", str(base / "namespace.yaml"))
    kubectl("-n", NAMESPACE, "apply", "-f", str(base / "serviceaccount.yaml"))
    yield NAMESPACE
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.mark.controlplane
@pytest.mark.parametrize("components", [[], ["tls"], ["sqlite"], ["sqlite", "tls"]], ids=lambda names: "+".join(names))
def test_the_api_server_accepts_every_field(
    components: list[str], kubectl: Kubectl, namespace: str, tmp_path: Path
) -> None:
    applied = kubectl(
        "apply", "--kustomize", str(overlay(tmp_path, components)), "--dry-run=server", "--validate=strict", "-o=name"
    )

    expected = {
        "namespace/fleetgraph",
        "serviceaccount/fleetgraph",
        "service/fleetgraph",
        "deployment.apps/fleetgraph",
        "poddisruptionbudget.policy/fleetgraph",
        "networkpolicy.networking.k8s.io/fleetgraph",
    }
    assert set(applied.split()) == expected | (
        {"persistentvolumeclaim/fleetgraph"} if "sqlite" in components else set()
    )


@pytest.mark.controlplane
@pytest.mark.parametrize("components", [[], ["sqlite", "tls"]], ids=lambda names: "+".join(names))
def test_pods_satisfy_the_restricted_standard(
    components: list[str], kubectl: Kubectl, namespace: str, tmp_path: Path
) -> None:
    pod = _pod(kubectl, overlay(tmp_path, components))

    allowed = kubectl.attempt("create", "--dry-run=server", "-f=-", stdin=json.dumps(pod))
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    refused = kubectl.attempt("create", "--dry-run=server", "-f=-", stdin=json.dumps(pod))

    assert allowed.returncode == 0, allowed.stderr
    assert 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation' in refused.stderr


@pytest.mark.controlplane
def test_it_rolls_out_and_every_selector_finds_its_pods(kubectl: Kubectl, namespace: str) -> None:
    kubectl("apply", "--kustomize", str(ROOT / "deploy" / "kubernetes" / "base"))

    kubectl("-n", namespace, "rollout", "status", "deployment/fleetgraph", f"--timeout={_TIMEOUT_S}s")

    healthy = "--for=jsonpath={.status.currentHealthy}=2"
    kubectl("-n", namespace, "wait", healthy, "poddisruptionbudget/fleetgraph", f"--timeout={_TIMEOUT_S}s")
    budget = json.loads(kubectl("-n", namespace, "get", "poddisruptionbudget/fleetgraph", "-o=json"))["status"]
    assert (budget["expectedPods"], budget["desiredHealthy"], budget["disruptionsAllowed"]) == (2, 1, 1)
    policy = json.loads(kubectl("-n", namespace, "get", "networkpolicy/fleetgraph", "-o=json"))["spec"]
    service = json.loads(kubectl("-n", namespace, "get", "service/fleetgraph", "-o=json"))["spec"]
    for labels in (policy["podSelector"]["matchLabels"], service["selector"]):
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        assert len(kubectl("-n", namespace, "get", "pods", f"--selector={selector}", "-o=name").split()) == 2


@pytest.mark.parametrize("components", [[], ["sqlite"], ["tls"]], ids=lambda names: "+".join(names))
def test_settings_that_are_set_exist(components: list[str]) -> None:
    files = [ROOT / "deploy" / "kubernetes" / "base" / "deployment.yaml"]
    files += [ROOT / "deploy" / "kubernetes" / name / "kustomization.yaml" for name in components]

    named = {word.strip(",") for file in files for word in file.read_text().split() if word.startswith("FLEETGRAPH_")}

    assert named
    assert named <= {f"FLEETGRAPH_{name.upper()}" for name in Settings.model_fields}


def test_the_image_starts_as_the_manifest_does() -> None:
    containerfile = (ROOT / "deploy" / "Containerfile").read_text()
    deployment = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "base" / "deployment.yaml").read_text())
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    user = deployment["spec"]["template"]["spec"]["securityContext"]["runAsUser"]

    assert f"CMD {json.dumps(container['args'])}\n" in containerfile
    assert f"EXPOSE {container['ports'][0]['containerPort']}\n" in containerfile
    assert f"USER {user}:{user}\n" in containerfile


def _pod(kubectl: Kubectl, folder: Path) -> dict[str, Any]:
    """Returns the pod of the deployment."""
    [deployment] = [
        item for item in yaml.safe_load_all(kubectl("kustomize", str(folder))) if item["kind"] == "Deployment"
    ]
    template = deployment["spec"]["template"]
    metadata = {"name": "candidate", "namespace": NAMESPACE, "labels": template["metadata"]["labels"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
