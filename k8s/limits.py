"""Bounds of what one cluster may cost."""

from dataclasses import dataclass, field

from k8s.addresses import AddressPolicy
from k8s.credentialsources import CredentialSources


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of one connection; each is a setting (docs/settings.md).

    Attributes:
        connect_timeout_s: seconds for TCP and TLS together.
        connections: open connections to one API server.
        body_bytes: decoded bytes of one answer.
        addresses: where may be connected to.
        sources: how credentials are got that are not stored themselves.
    """

    connect_timeout_s: float = 3.0
    connections: int = 16
    body_bytes: int = 256 * 1024 * 1024
    addresses: AddressPolicy = field(default_factory=AddressPolicy)
    sources: CredentialSources = field(default_factory=CredentialSources)
