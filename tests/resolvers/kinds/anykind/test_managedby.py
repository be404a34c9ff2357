"""`managedBy`: the marks of tools, in the order in which they decide."""

from __future__ import annotations

import pytest

from k8s.kinds import builtin as kinds
from resolvers.kinds.anykind.managedby import MANAGED_BY, ObjectManager
from resolvers.links.members import Derived
from tests.controlplane.json_object import JsonObject
from tests.resolvers.decoded import row

HELM: JsonObject = {"app.kubernetes.io/managed-by": "Helm"}
RELEASE: JsonObject = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "prod"}
KUSTOMIZATION: JsonObject = {
    "kustomize.toolkit.fluxcd.io/name": "apps",
    "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
}
HELM_RELEASE: JsonObject = {
    "helm.toolkit.fluxcd.io/name": "podinfo",
    "helm.toolkit.fluxcd.io/namespace": "apps",
}
TRACKING: JsonObject = {"argocd.argoproj.io/tracking-id": "guestbook:apps/Deployment:shop/web"}
APPLIED: JsonObject = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}


def manager(
    labels: JsonObject | None = None,
    annotations: JsonObject | None = None,
    managers: tuple[str, ...] = (),
    owners: list[JsonObject] | None = None,
) -> ObjectManager | None:
    """Returns `managedBy` of a Deployment with these marks."""
    member = MANAGED_BY.members["managedBy"]
    assert isinstance(member, Derived)
    metadata: JsonObject = {
        "labels": labels,
        "annotations": annotations,
        "managedFields": [{"manager": manager} for manager in managers],
        "ownerReferences": [*owners] if owners else None,
    }
    value = member.function(row(kinds.DEPLOYMENT, *member.reads, metadata=metadata))
    assert isinstance(value, ObjectManager | None)
    return value


@pytest.mark.parametrize(
    ("labels", "annotations", "expected"),
    [
        ({}, {}, None),
        (HELM, RELEASE, ObjectManager("Helm", "shop", "prod")),
        (KUSTOMIZATION, {}, ObjectManager("Flux", "apps", "flux-system")),
        (HELM_RELEASE, {}, ObjectManager("Flux", "podinfo", "apps")),
        ({}, TRACKING, ObjectManager("Argo CD", "guestbook")),
        ({"argocd.argoproj.io/instance": "shop"}, {}, ObjectManager("Argo CD", "shop")),
        (
            {},
            {"argocd.argoproj.io/tracking-id": "team-a_shop:/Service:shop/web"},
            ObjectManager("Argo CD", "shop", "team-a"),
        ),
        ({"app.kubernetes.io/managed-by": "kustomize-v5.4.2"}, {}, ObjectManager("kustomize")),
        ({"app.kubernetes.io/managed-by": "Kapp"}, {}, ObjectManager("Kapp")),
        ({"app.kubernetes.io/managed-by": "argocd"}, {}, ObjectManager("Argo CD")),
        ({"app.kubernetes.io/managed-by": "Kustomize"}, {}, ObjectManager("kustomize")),
        ({"app.kubernetes.io/managed-by": "terraform"}, {}, ObjectManager("Terraform")),
        ({"app.kubernetes.io/managed-by": "helm"}, {}, None),
        ({}, {"config.kubernetes.io/origin": "path: web.yaml"}, ObjectManager("kustomize")),
        ({}, APPLIED, ObjectManager("kubectl")),
    ],
)
def test_each_tool_has_its_marks(labels: JsonObject, annotations: JsonObject, expected: ObjectManager | None) -> None:
    assert manager(labels, annotations) == expected


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("argocd-controller", "Argo CD"),
        ("kustomize-controller", "Flux"),
        ("helm-controller", "Flux"),
        ("helm", "Helm"),
        ("HashiCorp", "Terraform"),
        ("kubectl", "kubectl"),
        ("kubectl-create", "kubectl"),
        ("kubectl-edit", None),
        ("kube-controller-manager", None),
    ],
)
def test_field_managers_are_marks_of_objects_without_others(name: str, tool: str | None) -> None:
    assert manager(managers=("kubelet", name)) == (tool and ObjectManager(tool))


def test_argo_cd_comes_before_flux_helm_and_kubectl() -> None:
    assert manager(HELM | HELM_RELEASE, TRACKING | RELEASE | APPLIED, ("kubectl",)) == ObjectManager(
        "Argo CD", "guestbook"
    )


def test_flux_comes_before_helm_that_it_uses() -> None:
    assert manager(HELM | HELM_RELEASE, RELEASE) == ObjectManager("Flux", "podinfo", "apps")


def test_a_helm_release_of_flux_comes_before_its_kustomization() -> None:
    assert manager(HELM_RELEASE | KUSTOMIZATION) == ObjectManager("Flux", "podinfo", "apps")


def test_a_rendered_chart_is_managed_by_what_applied_it() -> None:
    assert manager(HELM, APPLIED) == ObjectManager("kubectl")


def test_an_object_of_a_controller_has_the_marks_of_its_owner() -> None:
    owner: JsonObject = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1", "controller": True}

    assert manager(HELM, RELEASE, owners=[owner]) is None
    assert manager(HELM, RELEASE, owners=[owner | {"controller": False}]) == ObjectManager("Helm", "shop", "prod")
