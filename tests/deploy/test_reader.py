"""The service account for reads of a cluster: every known kind, but no Secret, and no write."""

from pathlib import Path
from typing import Final

import pytest
import yaml

from k8s.kinds.builtin import BUILT_IN, SECRET
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.deploy.kubectl import ROOT, Kubectl

READER: Final = "system:serviceaccount:fleetgraph-reader:reader"


def test_it_may_read_every_kind_but_secrets() -> None:
    documents = yaml.safe_load_all((ROOT / "deploy" / "reader" / "reader.yaml").read_text())
    [role] = [document for document in documents if document["kind"] == "ClusterRole"]

    granted = {(group, plural) for rule in role["rules"] for group in rule["apiGroups"] for plural in rule["resources"]}

    assert granted == {(kind.group, kind.plural) for kind in BUILT_IN if kind is not SECRET}
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}


@pytest.mark.controlplane
def test_a_real_api_server_grants_just_that(control_planes: ControlPlanes, beta: Cluster, tmp_path: Path) -> None:
    kubectl = Kubectl(control_planes.kubectl, write_kubeconfig(tmp_path / "kubeconfig", [beta]), beta.name)
    kubectl("apply", "--kustomize", str(ROOT / "deploy" / "reader"), "--validate=strict")

    def may(verb: str, resource: str) -> str:
        return kubectl.attempt("auth", "can-i", verb, resource, "-A", f"--as={READER}").stdout.strip()

    assert [may("list", kind) for kind in ("pods", "deployments.apps", "nodes", "events")] == ["yes"] * 4
    assert [may("list", "secrets"), may("get", "secrets"), may("delete", "pods"), may("create", "pods/exec")] == [
        "no"
    ] * 4
