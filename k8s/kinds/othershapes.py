"""Versions of built-in kinds whose objects have another shape than those of the kind's own version.

Values are at other paths there, as API servers convert them, so an object would have null where it has a value. All
other versions of a built-in kind that Kubernetes has served have the same paths and types, except that some lack
fields. Sources: the API reference, and the conversions of the API server; a test compares the table with the OpenAPI
documents of two servers.
"""

from collections.abc import Mapping
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind

_RESOURCE: Final = frozenset({"v1alpha1", "v1alpha2", "v1alpha3", "v1beta1"})
_OTHER_SHAPES: Final[Mapping[Kind, frozenset[str]]] = {
    kinds.CUSTOM_RESOURCE_DEFINITION: frozenset({"v1beta1"}),
    kinds.ENDPOINT_SLICE: frozenset({"v1alpha1", "v1beta1"}),
    kinds.HORIZONTAL_POD_AUTOSCALER: frozenset({"v1", "v2beta1"}),
    kinds.INGRESS: frozenset({"v1beta1"}),
    kinds.LEASE_CANDIDATE: frozenset({"v1alpha1"}),
    kinds.PRIORITY_LEVEL_CONFIGURATION: frozenset({"v1alpha1", "v1beta1", "v1beta2"}),
    kinds.RESOURCE_CLAIM: _RESOURCE,
    kinds.RESOURCE_CLAIM_TEMPLATE: _RESOURCE,
    kinds.RESOURCE_SLICE: _RESOURCE,
}


def has_shape_of(kind: Kind, version: str) -> bool:
    """Returns True unless objects of another version are known to have another shape than those of `kind`."""
    return version not in _OTHER_SHAPES.get(kind, ())
