"""Links of the Gateway API.

Source: the API reference of sigs.k8s.io/gateway-api; a reference without a group or a kind has the defaults there.
"""

from itertools import chain
from typing import Final

from resolvers.kinds.custom.customlink import By, CustomLink, GroupKind

_GROUP: Final = "gateway.networking.k8s.io"
_GATEWAY: Final = GroupKind(_GROUP, "Gateway")
_SERVICE: Final = GroupKind("", "Service")
_SECRET: Final = GroupKind("", "Secret")
_ROUTES: Final = {
    "HTTPRoute": "httpRoutes",
    "GRPCRoute": "grpcRoutes",
    "TLSRoute": "tlsRoutes",
    "TCPRoute": "tcpRoutes",
    "UDPRoute": "udpRoutes",
}
"""The kinds of routes, with the fields that lead to them."""


def _references(of: str, to: GroupKind, name: str, back: str, path: str) -> CustomLink:
    kind = GroupKind(_GROUP, of)
    return CustomLink(kind, to, name, back, path, by=By.REFERENCE, is_list=True, is_default=True)


GATEWAY_API: Final = (
    CustomLink(_GATEWAY, GroupKind(_GROUP, "GatewayClass"), "gatewayClass", "gateways", "spec.gatewayClassName"),
    _references("Gateway", _SECRET, "certificateSecrets", "gateways", "spec.listeners.tls.certificateRefs"),
    *chain.from_iterable(
        (
            _references(kind, _GATEWAY, "gateways", routes, "spec.parentRefs"),
            _references(kind, _SERVICE, "services", routes, "spec.rules.backendRefs"),
        )
        for kind, routes in _ROUTES.items()
    ),
    _references("BackendTLSPolicy", _SERVICE, "services", "backendTLSPolicies", "spec.targetRefs"),
)
"""Gateways with their classes and certificates, and routes with their gateways and services."""
