"""Links of Argo CD and Flux.

Source: the API references of argo-cd, and of Flux's kustomize and helm controllers.
"""

from typing import Final

from resolvers.kinds.custom.customlink import By, CustomLink, GroupKind

_ARGO: Final = "argoproj.io"
_APPLICATION: Final = GroupKind(_ARGO, "Application")
_KUSTOMIZATION: Final = GroupKind("kustomize.toolkit.fluxcd.io", "Kustomization")
_RELEASE: Final = GroupKind("helm.toolkit.fluxcd.io", "HelmRelease")
_SOURCES: Final = {"GitRepository": "gitRepository", "OCIRepository": "ociRepository", "Bucket": "bucket"}


def _source(name: str) -> GroupKind:
    return GroupKind("source.toolkit.fluxcd.io", name)


GITOPS: Final = (
    CustomLink(_APPLICATION, GroupKind(_ARGO, "AppProject"), "project", "applications", "spec.project"),
    CustomLink(_APPLICATION, GroupKind(_ARGO, "ApplicationSet"), "applicationSet", "applications", by=By.CONTROLLER),
    *(
        CustomLink(_KUSTOMIZATION, _source(kind), name, "kustomizations", "spec.sourceRef", by=By.REFERENCE)
        for kind, name in _SOURCES.items()
    ),
    CustomLink(
        _KUSTOMIZATION,
        _KUSTOMIZATION,
        "dependencies",
        "dependents",
        "spec.dependsOn",
        by=By.REFERENCE,
        is_list=True,
        is_default=True,
    ),
    CustomLink(
        _RELEASE,
        _source("HelmRepository"),
        "helmRepository",
        "helmReleases",
        "spec.chart.spec.sourceRef",
        by=By.REFERENCE,
    ),
)
"""Applications with their projects and sets; Kustomizations and Helm releases with their sources."""
