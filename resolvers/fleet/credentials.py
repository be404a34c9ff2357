"""Facts of clusters' credentials for administrators: their kind and expiry, and nothing secret."""

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

    kind: Annotated[CredentialKind, Meta(description="The kind of credential.")]
    expiresAt: Annotated[  # noqa: N815  as the API calls it
        Time | None,
        Meta(description="Its expiry; null if it has none, does not tell, or is renewed automatically."),
    ]
    isExpiring: Annotated[  # noqa: N815  likewise
        bool, Meta(description="True if it has expired or expires within 14 days.")
    ]


def cluster_credential(facts: CredentialFacts | None) -> ClusterCredential | None:
    """Returns facts in the form of the API."""
    if facts is None:
        return None
    expires_at = None if facts.expires_at is None else Time(facts.expires_at.isoformat())
    return ClusterCredential(facts.kind, expires_at, facts.is_expiring(datetime.now(UTC)))


def stored_facts(cluster: OpenedCluster) -> CredentialFacts | None:
    """Returns the facts of a stored credential; None for a snapshot, and if the credential is unreadable."""
    if isinstance(cluster.record.connection, SnapshotOrigin):
        return None
    try:
        return facts_of(load_credential(cluster.open_credential()))
    except (CredentialInvalid, CredentialUnreadable):
        return None


class FactsCache:
    """A cache of facts by registration, because parsing certificates takes too long for every operation."""

    def __init__(self) -> None:
        self._facts: dict[Version, CredentialFacts | None] = {}

    def of(self, cluster: OpenedCluster) -> CredentialFacts | None:
        """Returns the facts of a stored credential, as `stored_facts` does."""
        version = version_of(cluster)
        if version not in self._facts:
            self._facts[version] = stored_facts(cluster)
        return self._facts[version]

    def retain(self, clusters: Iterable[OpenedCluster]) -> None:
        """Removes the facts of all other registrations."""
        versions = set(map(version_of, clusters))
        for version in self._facts.keys() - versions:
            del self._facts[version]
