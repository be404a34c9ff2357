"""Clients of clusters: senders of one identity that can be closed.

The client of an API server is a `k8s.transport.connection.Connection`; that of a snapshot answers in the process. The
fleet does not distinguish them: it is composed with a function that returns the client of a registered cluster.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeAlias, runtime_checkable

from k8s.transport.sender import Sender
from resolvers.authorization import Identity
from store.clusters.cluster import OpenedCluster


class ClusterClient(Sender, Protocol):
    """A sender that can be closed. It supports weak references, for caches that live as long as it."""

    async def close(self) -> None:
        """Closes it at once; requests under way may fail."""
        ...

    async def retire(self) -> None:
        """Closes it as soon as no request is under way, because another client took over."""
        ...


@runtime_checkable
class ShowsCertificate(Protocol):
    """A client of an API server that presents a certificate."""

    @property
    def server_certificate_expires_at(self) -> datetime | None:
        """The expiry of the certificate that was presented last; None before the first connection."""
        ...


@runtime_checkable
class KeepsWatches(Protocol):
    """A client with watches, which keep it in use without requests of callers."""

    @property
    def is_watching(self) -> bool:
        """True if anybody needs any of its watches."""
        ...


Connect: TypeAlias = Callable[[OpenedCluster, Identity], ClusterClient]
"""Returns the client of one identity for a registered cluster, not connected yet.

Raises CredentialUnusable if the stored credential is unusable, and IdentityRefused if the cluster cannot be asked under
that identity."""
