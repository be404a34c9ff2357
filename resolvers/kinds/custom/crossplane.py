"""Links of Crossplane between its own kinds, and to what its packages install.

Composite resources and what they are composed of are of any kind: their `owner` and `owned` lead to each other.

Source: the API reference of Crossplane, and the controller references that its package manager sets.
"""

from itertools import chain
from typing import Final

from resolvers.kinds.custom.customlink import By, CustomLink, GroupKind

_EXTENSIONS: Final = "apiextensions.crossplane.io"
_PACKAGES: Final = "pkg.crossplane.io"
_COMPOSITION: Final = GroupKind(_EXTENSIONS, "Composition")
_DEFINITION: Final = GroupKind(_EXTENSIONS, "CompositeResourceDefinition")
_FUNCTION: Final = GroupKind(_PACKAGES, "Function")
_RUNTIME: Final = GroupKind(_PACKAGES, "DeploymentRuntimeConfig")
_DEPLOYMENT: Final = GroupKind("apps", "Deployment")
_CRD: Final = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")


def _controlled(of: GroupKind, to: GroupKind, name: str, back: str) -> CustomLink:
    return CustomLink(of, to, name, back, by=By.CONTROLLER)


def _package(name: str, field: str) -> tuple[CustomLink, ...]:
    """Returns the links of a kind of package with a runtime, of its revisions and their deployments."""
    package, revision = GroupKind(_PACKAGES, name), GroupKind(_PACKAGES, f"{name}Revision")
    runtime = "spec.runtimeConfigRef"
    return (
        _controlled(revision, package, field, "revisions"),
        _controlled(_DEPLOYMENT, revision, f"{field}Revision", "deployments"),
        CustomLink(package, _RUNTIME, "runtimeConfig", f"{field}s", runtime, by=By.REFERENCE, is_default=True),
    )


CROSSPLANE: Final = (
    _controlled(GroupKind(_EXTENSIONS, "CompositionRevision"), _COMPOSITION, "composition", "revisions"),
    CustomLink(_COMPOSITION, _FUNCTION, "functions", "compositions", "spec.pipeline.functionRef.name", is_list=True),
    CustomLink(_DEFINITION, _COMPOSITION, "defaultComposition", "defaultFor", "spec.defaultCompositionRef.name"),
    _controlled(_CRD, _DEFINITION, "compositeResourceDefinition", "customResourceDefinitions"),
    *chain(_package("Provider", "provider"), _package("Function", "function")),
    _controlled(
        GroupKind(_PACKAGES, "ConfigurationRevision"),
        GroupKind(_PACKAGES, "Configuration"),
        "configuration",
        "revisions",
    ),
)
"""Compositions with their functions and revisions; packages with their revisions and deployments."""
