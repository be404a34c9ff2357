"""Links of the Multi-Cluster Services API: a service, its export and its import have one name and one namespace.

Source: the API reference of sigs.k8s.io/mcs-api, and KEP-1645.
"""

from typing import Final

from resolvers.kinds.custom.customlink import CustomLink, GroupKind

_GROUP: Final = "multicluster.x-k8s.io"
_SERVICE: Final = GroupKind("", "Service")

MULTI_CLUSTER: Final = (
    CustomLink(GroupKind(_GROUP, "ServiceExport"), _SERVICE, "service", "serviceExports", "metadata.name"),
    CustomLink(GroupKind(_GROUP, "ServiceImport"), _SERVICE, "service", "serviceImports", "metadata.name"),
)
"""Exports and imports with the service of the same cluster."""
