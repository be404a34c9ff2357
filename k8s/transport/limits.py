"""Limits of the connections to one cluster."""

from dataclasses import dataclass, field, replace

from k8s.credentials.sources import CredentialSources
from k8s.network.addresses import AddressPolicy
from k8s.transport.bodymemory import BodyMemory


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of one connection; each is a setting (docs/settings.md).

    Attributes:
        connect_timeout_s: Seconds for TCP and TLS together.
        connections: Open connections to one API server.
        body_bytes: Decoded bytes of one answer.
        addresses: The allowed addresses.
        sources: The sources of credentials that are not stored themselves.
        share_bytes: Bytes of one cluster's answers that are being read, beyond one answer of any size. The limit of all
            clusters is four times as much. None: the limit of one answer.
        bodies: The memory of all answers that are being read, shared by all connections with these limits.
    """

    connect_timeout_s: float = 3.0
    connections: int = 16
    body_bytes: int = 32 * 1024 * 1024
    addresses: AddressPolicy = field(default_factory=AddressPolicy)
    sources: CredentialSources = field(default_factory=CredentialSources)
    share_bytes: int | None = None
    bodies: BodyMemory = field(init=False, repr=False, compare=False)

    @property
    def too_large(self) -> str:
        """Returns the cause of the error about a larger answer."""
        return f"one answer is larger than {self.body_bytes / 2**20:g} MiB (FLEETGRAPH_MAX_ANSWER_BYTES)."

    def with_connections(self, connections: int) -> "ConnectionLimits":
        """Returns the same limits with another number of connections; the memory of answers is the same."""
        limits = replace(self, connections=connections)
        object.__setattr__(limits, "bodies", self.bodies)
        return limits

    def __post_init__(self) -> None:
        object.__setattr__(self, "bodies", BodyMemory(self.share_bytes or self.body_bytes))
