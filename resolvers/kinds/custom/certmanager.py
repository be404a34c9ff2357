"""Links of cert-manager.

Source: the API reference of cert-manager.
"""

from typing import Final

from resolvers.kinds.custom.customlink import By, CustomLink, GroupKind

_GROUP: Final = "cert-manager.io"
_ACME: Final = "acme.cert-manager.io"
_CERTIFICATE: Final = GroupKind(_GROUP, "Certificate")
_REQUEST: Final = GroupKind(_GROUP, "CertificateRequest")
_ISSUER: Final = GroupKind(_GROUP, "Issuer")
_CLUSTER_ISSUER: Final = GroupKind(_GROUP, "ClusterIssuer")
_ORDER: Final = GroupKind(_ACME, "Order")
_CHALLENGE: Final = GroupKind(_ACME, "Challenge")
_SECRET: Final = GroupKind("", "Secret")


def _issued(of: GroupKind, back: str) -> tuple[CustomLink, ...]:
    path = "spec.issuerRef"
    return (
        CustomLink(of, _ISSUER, "issuer", back, path, by=By.REFERENCE, is_default=True),
        CustomLink(of, _CLUSTER_ISSUER, "clusterIssuer", back, path, by=By.REFERENCE),
    )


CERT_MANAGER: Final = (
    CustomLink(_CERTIFICATE, _SECRET, "secret", "certificates", "spec.secretName"),
    *_issued(_CERTIFICATE, "certificates"),
    *_issued(_REQUEST, "certificateRequests"),
    *_issued(_ORDER, "orders"),
    *_issued(_CHALLENGE, "challenges"),
    CustomLink(_ISSUER, _SECRET, "accountSecret", "issuers", "spec.acme.privateKeySecretRef.name"),
    CustomLink(_CERTIFICATE, GroupKind("networking.k8s.io", "Ingress"), "ingress", "certificates", by=By.CONTROLLER),
    CustomLink(_REQUEST, _CERTIFICATE, "certificate", "certificateRequests", by=By.CONTROLLER),
    CustomLink(_ORDER, _REQUEST, "certificateRequest", "orders", by=By.CONTROLLER),
    CustomLink(_CHALLENGE, _ORDER, "order", "challenges", by=By.CONTROLLER),
)
"""Certificates with their secrets, issuers and requests."""
