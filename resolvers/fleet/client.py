"""What the fleet holds of a cluster: a way to ask it as one identity, that can be given up.

An API server is reached by a `k8s.transport.connection.Connection`; a snapshot answers in the process. The fleet does
not know which is which: whoever composes it says how a registered cluster is connected to.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeAlias, runtime_checkable

from k8s.transport.sender import Sender
from resolvers.identity import Identity
from store.clusters.cluster import OpenedCluster


class ClusterClient(Sender, Protocol):
    """A sender that can be let go of; it can be weakly referred to, for what is kept only as long as it lives."""

    async def close(self) -> None:
        """Ends it at once; what is under way may fail."""
        ...

    async def retire(self) -> None:
        """Ends it as soon as nothing is under way, because another one took over."""
        ...


@runtime_checkable
class ShowsCertificate(Protocol):
    """What reaches an API server that shows a certificate."""

    @property
    def server_certificate_expires_at(self) -> datetime | None:
        """When the certificate ends that was shown last; None before there was a connection."""
        ...


Connect: TypeAlias = Callable[[OpenedCluster, Identity], ClusterClient]
"""Makes the sender of one identity to a registered cluster, not opened yet.

CredentialUnusable if what is stored is of no use; IdentityRefused if the identity is none that it can be asked as."""
