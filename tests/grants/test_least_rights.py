"""The manifests of deploy/grants: everything in docs/grants.md works with exactly these rights."""

from pathlib import Path
from typing import Final

import pytest
import yaml

from graph.engine import Engine
from k8s.credentials.credential import BearerToken, Secret
from resolvers.caller import OPERATOR
from store.clusters.cluster import IdentityMode
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.deploy.kubectl import ROOT, Kubectl
from tests.grants.installations import SECRETS, caller, opened_installation
from tests.grants.test_impersonation import bind

pytestmark = pytest.mark.controlplane

MANIFESTS: Final = ROOT / "deploy" / "grants"
ALICE: Final = caller("alice-least", "least")


@pytest.fixture
def kubectl(control_planes: ControlPlanes, beta: Cluster, tmp_path: Path) -> Kubectl:
    return Kubectl(control_planes.kubectl, write_kubeconfig(tmp_path / "kubeconfig", [beta]), beta.name)


def own_credential(kubectl: Kubectl, manifest: str) -> BearerToken:
    """Returns a token of the account of a manifest."""
    kubectl("apply", "-f", str(MANIFESTS / manifest), "--validate=strict")
    return BearerToken(Secret(kubectl("create", "token", "fleetgraph", "-n", "fleetgraph").strip()))


async def test_service_accounts_with_the_least_rights(
    engine: Engine, tmp_path: Path, beta: Cluster, kubectl: Kubectl
) -> None:
    credentials = {"beta": own_credential(kubectl, "service-accounts.yaml")}
    async with opened_installation(
        engine, tmp_path, [beta], namespace="fleetgraph", credentials=credentials
    ) as installation:
        grant = await installation.grant("view", "beta", group="least")

        assert await installation.statuses(ALICE) == {"beta": "OK"}
        assert await installation.statuses(ALICE, SECRETS) == {"beta": "FORBIDDEN"}
        assert await installation.statuses(OPERATOR) == {"beta": "FORBIDDEN"}
        removed = await installation.grants.remove(OPERATOR, grant.id)
        assert [(result.removed, result.error) for result in removed.reconciled] == [(1, None)]


async def test_a_role_that_the_cluster_does_not_let_us_bind(
    engine: Engine, tmp_path: Path, beta: Cluster, kubectl: Kubectl
) -> None:
    credentials = {"beta": own_credential(kubectl, "service-accounts.yaml")}
    async with opened_installation(
        engine, tmp_path, [beta], namespace="fleetgraph", credentials=credentials
    ) as installation:
        await installation.grant("cluster-admin", "beta", user="mallory")

        answer = await installation.ask(caller("mallory"), SECRETS)

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert "grant ClusterRole 'cluster-admin': it needs the verb bind (docs/grants.md)" in error["message"]


async def test_impersonation_with_the_least_rights(
    engine: Engine, tmp_path: Path, beta: Cluster, kubectl: Kubectl
) -> None:
    credentials = {"beta": own_credential(kubectl, "impersonation.yaml")}
    bind(beta, "least-view", {"kind": "Group", "name": "least"})
    async with opened_installation(
        engine, tmp_path, [beta], namespace="fleetgraph", credentials=credentials
    ) as installation:
        await installation.tell_apart_by(IdentityMode.IMPERSONATION, "beta")
        await installation.grant("view", "beta", group="least")
        mark = beta.audit.mark()

        assert await installation.statuses(ALICE) == {"beta": "OK"}
        assert await installation.statuses(ALICE, SECRETS) == {"beta": "FORBIDDEN"}

        seen = beta.audit.requests_since(mark)
        assert {(request.user, request.impersonated_user) for request in seen} == {
            ("system:serviceaccount:fleetgraph:fleetgraph", ALICE.name)
        }


def test_no_manifest_gives_more_than_its_verbs() -> None:
    given = {
        (manifest.name, resource, verb)
        for manifest in MANIFESTS.glob("*.yaml")
        for document in yaml.safe_load_all(manifest.read_text())
        for rule in document.get("rules") or ()
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }

    assert not any("*" in (resource, verb) or resource == "secrets" for _name, resource, verb in given)
    assert {verb for name, _resource, verb in given if name == "impersonation.yaml"} == {"impersonate"}
