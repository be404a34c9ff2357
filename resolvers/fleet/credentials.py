"""What administrators see of clusters' credentials: what they are, and when they end; never anything of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from k8s.credentials.credential import CredentialInvalid, load_credential
from k8s.credentials.expiry import CredentialFacts, CredentialKind, facts_of
from resolvers.fleet.connectionpool import Version, version_of
from resolvers.kinds.leaves import Time
from store.clusters.cluster import OpenedCluster, SnapshotOrigin
from store.errors import CredentialUnreadable


class ClusterCredential(Struct, frozen=True):
    """The stored credential of a cluster, without anything that is secret."""

    kind: Annotated[CredentialKind, Meta(description="What it is.")]
    expiresAt: Annotated[  # noqa: N815  as the API calls it
        Time | None,
        Meta(description="When it ends; null if it does not, does not say, or is renewed by itself."),
    ]
    isExpiring: Annotated[  # noqa: N815  likewise
        bool, Meta(description="Whether it has ended, or will within 14 days.")
    ]


def shown(facts: CredentialFacts | None) -> ClusterCredential | None:
    """Facts as the API tells them now."""
    if facts is None:
        return None
    expires_at = None if facts.expires_at is None else Time(facts.expires_at.isoformat())
    return ClusterCredential(facts.kind, expires_at, facts.is_expiring(datetime.now(UTC)))


def stored_facts(cluster: OpenedCluster) -> CredentialFacts | None:
    """What may be shown of a stored credential; None for a snapshot, and for one that cannot be read."""
    if isinstance(cluster.record.connection, SnapshotOrigin) or isinstance(cluster.credential, CredentialUnreadable):
        return None
    try:
        return facts_of(load_credential(cluster.credential))
    except CredentialInvalid:
        return None


class KnownFacts:
    """Facts of credentials, found out once for each registration: parsing certificates is not for every operation."""

    def __init__(self) -> None:
        self._known: dict[Version, CredentialFacts | None] = {}

    def of(self, cluster: OpenedCluster) -> CredentialFacts | None:
        """As `stored_facts`."""
        version = version_of(cluster)
        if version not in self._known:
            self._known[version] = stored_facts(cluster)
        return self._known[version]

    def keep_only(self, clusters: Iterable[OpenedCluster]) -> None:
        """Forgets those of all other registrations."""
        versions = set(map(version_of, clusters))
        for version in self._known.keys() - versions:
            del self._known[version]
