"""`managedBy`: the tool that keeps an object as it is, from its labels, annotations and field managers.

The marks in the order in which they decide:

1. an object with a controller: none. Controllers copy labels and annotations of an object to those that they make for
   it, so the marks there are the owner's.
2. Argo CD: the annotation `argocd.argoproj.io/tracking-id`, else the label `argocd.argoproj.io/instance`.
3. Flux: the labels `helm.toolkit.fluxcd.io/name`, else `kustomize.toolkit.fluxcd.io/name`.
4. Helm: the label `app.kubernetes.io/managed-by: Helm` with the annotation `meta.helm.sh/release-name`.
5. the label `app.kubernetes.io/managed-by` with another value; `kustomize-v5.0.0` is kustomize, `argocd` is Argo CD.
6. field managers of the tools above, and of Terraform.
7. kustomize: the annotation `config.kubernetes.io/origin`.
8. kubectl: the annotation `kubectl.kubernetes.io/last-applied-configuration`, else the field managers of its commands
   that create or apply objects.

Tools that render charts and apply them leave Helm's label, so those come before Helm, and Helm needs both marks.

Sources: the tools' documentation on resource tracking; `pkg/action/validate.go` of helm.sh/helm;
`pkg/cmd/apply/apply.go` of k8s.io/kubectl.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import ANY_KIND, Family
from resolvers.links.owners import controller

MANAGED_BY = Family(ANY_KIND)

_TRACKING_ID: Final = "argocd.argoproj.io/tracking-id"
_INSTANCE: Final = "argocd.argoproj.io/instance"
_FLUX: Final = ("helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io")
_MANAGED_BY: Final = "app.kubernetes.io/managed-by"
_RELEASE: Final = "meta.helm.sh/release-name"
_RELEASE_NAMESPACE: Final = "meta.helm.sh/release-namespace"
_ORIGIN: Final = "config.kubernetes.io/origin"
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"

_ARGO: Final = "Argo CD"
_HELM: Final = "Helm"
_KUSTOMIZE: Final = "kustomize"
_KUBECTL: Final = "kubectl"
_MANAGERS: Final = {
    "argocd-controller": _ARGO,
    "argocd-application-controller": _ARGO,
    "helm-controller": "Flux",
    "kustomize-controller": "Flux",
    "helm": _HELM,
    "Terraform": "Terraform",
    "HashiCorp": "Terraform",
}
"""Tools by the name of their field manager."""
_LABELS: Final = {
    "argocd": _ARGO,
    "argo-cd": _ARGO,
    "flux": "Flux",
    "fluxcd": "Flux",
    "helm": _HELM,
    "kustomize": _KUSTOMIZE,
    "kubectl": _KUBECTL,
    "terraform": "Terraform",
}
"""The same tools by the value of the label `app.kubernetes.io/managed-by`, in lower case: people write it by hand."""
_OF_KUBECTL: Final = frozenset(
    {
        "kubectl",
        "kubectl-client-side-apply",
        "kubectl-create",
        "kubectl-replace",
        "kubectl-run",
        "kubectl-expose",
        "kubectl-autoscale",
    }
)
"""Field managers of kubectl's commands for whole objects; others, such as `kubectl-edit`, change what another made."""


class ObjectManager(Struct, frozen=True):
    """The tool that keeps an object as it is."""

    tool: Annotated[
        str,
        Meta(
            description="Argo CD, Flux, Helm, kustomize, kubectl or Terraform; another one as the label "
            "`app.kubernetes.io/managed-by` names it."
        ),
    ]
    name: Annotated[
        str | None,
        Meta(description="The Application of Argo CD, the HelmRelease or Kustomization of Flux, the release of Helm."),
    ] = None
    namespace: Annotated[str | None, Meta(description="The namespace of that one, if the object names it.")] = None


@MANAGED_BY.derived(
    "metadata.labels",
    "metadata.annotations",
    "metadata.managedFields.manager",
    "metadata.ownerReferences.controller",
    description="The tool that keeps it as it is, by its labels, annotations and field managers: of Argo CD, Flux, "
    "Helm, kustomize and kubectl the first that left its mark. Null without a mark, and for objects that a controller "
    "made: those carry the marks of their `owner`.",
)
def managed_by(row: Row) -> ObjectManager | None:
    """Returns the tool of the first mark."""
    if controller(row) is not None:
        return None
    labels, annotations = row.metadata.labels or {}, row.metadata.annotations or {}
    return _named(labels, annotations) or _unnamed(row, annotations)


def _named(labels: Mapping[str, str | None], annotations: Mapping[str, str | None]) -> ObjectManager | None:
    """Returns the tool that labels or annotations name, with the name of what it applied."""
    if tracking := annotations.get(_TRACKING_ID):
        return _of_argo(tracking.partition(":")[0])
    if instance := labels.get(_INSTANCE):
        return _of_argo(instance)
    for domain in _FLUX:
        if name := labels.get(f"{domain}/name"):
            return ObjectManager("Flux", name, labels.get(f"{domain}/namespace"))
    label, release = labels.get(_MANAGED_BY), annotations.get(_RELEASE)
    if not label:
        return None
    tool = _KUSTOMIZE if label.startswith(f"{_KUSTOMIZE}-") else _LABELS.get(label.lower(), label)
    if tool == _HELM:
        return ObjectManager(_HELM, release, annotations.get(_RELEASE_NAMESPACE)) if release else None
    return ObjectManager(tool)


def _of_argo(application: str) -> ObjectManager:
    """Returns Argo CD with an Application; one outside of Argo CD's namespace is written `namespace_name`."""
    namespace, separator, name = application.rpartition("_")
    return ObjectManager(_ARGO, name, namespace) if separator else ObjectManager(_ARGO, application)


def _unnamed(row: Row, annotations: Mapping[str, str | None]) -> ObjectManager | None:
    """Returns the tool by the field managers, or by annotations that name nothing."""
    managers = {entry.manager for entry in items_of(row.metadata.managedFields)}
    for manager, tool in _MANAGERS.items():
        if manager in managers:
            return ObjectManager(tool)
    if _ORIGIN in annotations:
        return ObjectManager(_KUSTOMIZE)
    return ObjectManager(_KUBECTL) if _LAST_APPLIED in annotations or managers & _OF_KUBECTL else None
