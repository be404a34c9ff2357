"""Bounds of what one cluster may cost."""

from dataclasses import dataclass, field

from k8s.credentials.sources import CredentialSources
from k8s.network.addresses import AddressPolicy
from k8s.transport.bodymemory import BodyMemory


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of one connection; each is a setting (docs/settings.md).

    Attributes:
        connect_timeout_s: seconds for TCP and TLS together.
        connections: open connections to one API server.
        body_bytes: decoded bytes of one answer.
        addresses: where may be connected to.
        sources: how credentials are got that are not stored themselves.
        share_bytes: what answers of one cluster that are on their way take, beyond one of any size, and those of all
            clusters four times as much; None: as much as one answer may have.
        bodies: the memory of all answers that are on their way; shared by all connections with these bounds.
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
        """The cause of an error about an answer that has more bytes."""
        return f"one answer is larger than {self.body_bytes / 2**20:g} MiB (FLEETGRAPH_MAX_ANSWER_BYTES)."

    def __post_init__(self) -> None:
        object.__setattr__(self, "bodies", BodyMemory(self.share_bytes or self.body_bytes))
