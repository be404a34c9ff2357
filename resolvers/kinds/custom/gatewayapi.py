"""Links of the Gateway API and of the Multi-Cluster Services API.

Source: the API references of sigs.k8s.io/gateway-api, whose defaults a reference without a group or a kind has, and of
sigs.k8s.io/mcs-api: a service, its export and its import have one name and one namespace.
"""

from itertools import chain
from typing import Final

from resolvers.kinds.custom.customlink import By, CustomLink, GroupKind

_GROUP: Final = "gateway.networking.k8s.io"
_GATEWAY: Final = GroupKind(_GROUP, "Gateway")
_SERVICE: Final = GroupKind("", "Service")
_SECRET: Final = GroupKind("", "Secret")
_CONFIG_MAP: Final = GroupKind("", "ConfigMap")
_LISTENERS: Final = GroupKind(_GROUP, "ListenerSet")
_IMPORT: Final = GroupKind("multicluster.x-k8s.io", "ServiceImport")
_EXPORT: Final = GroupKind("multicluster.x-k8s.io", "ServiceExport")
_CERTIFICATES: Final = "spec.listeners.tls.certificateRefs"
_ROUTES: Final = {
    "HTTPRoute": "httpRoutes",
    "GRPCRoute": "grpcRoutes",
    "TLSRoute": "tlsRoutes",
    "TCPRoute": "tcpRoutes",
    "UDPRoute": "udpRoutes",
}
"""The kinds of routes, with the fields that lead to them."""


def _references(of: str, to: GroupKind, name: str, back: str, path: str, *, is_default: bool = True) -> CustomLink:
    kind = GroupKind(_GROUP, of)
    return CustomLink(kind, to, name, back, path, by=By.REFERENCE, is_list=True, is_default=is_default)


GATEWAY_API: Final = (
    CustomLink(_GATEWAY, GroupKind(_GROUP, "GatewayClass"), "gatewayClass", "gateways", "spec.gatewayClassName"),
    _references("Gateway", _SECRET, "certificateSecrets", "gateways", _CERTIFICATES),
    CustomLink(_LISTENERS, _GATEWAY, "gateway", "listenerSets", "spec.parentRef", by=By.REFERENCE, is_default=True),
    _references("ListenerSet", _SECRET, "certificateSecrets", "listenerSets", _CERTIFICATES),
    *chain.from_iterable(
        (
            _references(kind, _GATEWAY, "gateways", routes, "spec.parentRefs"),
            _references(kind, _LISTENERS, "listenerSets", routes, "spec.parentRefs", is_default=False),
            _references(kind, _SERVICE, "services", routes, "spec.rules.backendRefs"),
            _references(kind, _IMPORT, "serviceImports", routes, "spec.rules.backendRefs", is_default=False),
        )
        for kind, routes in _ROUTES.items()
    ),
    _references("BackendTLSPolicy", _SERVICE, "services", "backendTLSPolicies", "spec.targetRefs"),
    _references(
        "BackendTLSPolicy",
        _CONFIG_MAP,
        "authorityConfigMaps",
        "backendTLSPolicies",
        "spec.validation.caCertificateRefs",
        is_default=False,
    ),
)
"""Gateways with their classes, certificates and listeners; routes with their gateways and services."""

MULTI_CLUSTER: Final = (
    CustomLink(_EXPORT, _SERVICE, "service", "serviceExports", "metadata.name"),
    CustomLink(_IMPORT, _SERVICE, "service", "serviceImports", "metadata.name"),
)
"""Exports and imports with the service of the same cluster."""
