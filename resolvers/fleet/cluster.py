"""One registered cluster within an operation."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from k8s.credentials.expiry import CredentialFacts
from k8s.masking.masking import STANDARD, Masking
from k8s.prometheus.prometheus import Prometheus
from k8s.reading.listing import ObjectSizes
from k8s.reading.reader import Reader
from k8s.transport.sender import Sender
from k8s.watches.sharedwatches import SharedWatches
from resolvers.fleet.listable import Listable
from resolvers.fleet.servedkinds import ServedCache, ServedKinds
from resolvers.fleet.versionedreader import BestVersions


def no_facts() -> CredentialFacts | None:
    """Returns None: the facts of a credential that is not for the caller to see."""
    return None


@dataclass(frozen=True, slots=True, eq=False)
class FleetCluster:
    """A cluster as it exists for one caller; every request to it has that caller's identity.

    Attributes:
        id: stable for as long as the cluster is registered.
        name: unique; a DNS label.
        labels: labels that the operator gave it.
        reader: reads its objects.
        sender: sends it any other call.
        taken_at: time of the snapshot; None for a live cluster.
        roles: the caller's roles there: `ADMINISTRATOR_ROLE` alone, or the granted ones: the name of a ClusterRole, or
            `namespace/name` for a role in one namespace (names of roles contain no slash).
        listable: cache of the namespaces and kinds that the identity may list.
        served_cache: cache of the kinds that the cluster serves to the identity; see `served`.
        namespaces_hint: namespaces with a grant, for an identity that may not list namespaces.
        read_facts: reads the facts of the stored credential; see `credential`.
        watches: returns the watches of the identity; None for a cluster that cannot be watched.
        rights: equal for callers whose requests have the same identity with the same rights; None if that is unknown.
        prometheus: reads what its Prometheus recorded; None if no address is set.
        masking: the values of its objects that are never shown, whoever reads them; `reader` masks them already.
        sizes: the known sizes of its objects, by which `reader` requests pages.
    """

    id: str
    name: str
    labels: Mapping[str, str]
    description: str
    created_at: datetime
    updated_at: datetime
    reader: Reader
    sender: Sender
    taken_at: datetime | None = None
    roles: tuple[str, ...] = ()
    listable: Listable = field(default_factory=Listable, repr=False)
    served_cache: ServedCache = field(default_factory=ServedCache, repr=False)
    namespaces_hint: tuple[str, ...] = ()
    read_facts: Callable[[], CredentialFacts | None] = field(default=no_facts, repr=False)
    prometheus: Prometheus | None = None
    masking: Masking = field(default=STANDARD, repr=False)
    watches: Callable[[], SharedWatches] | None = field(default=None, repr=False)
    rights: Hashable = field(default=None, repr=False)
    sizes: ObjectSizes = field(default_factory=ObjectSizes, repr=False, compare=False)

    @property
    def cluster(self) -> "FleetCluster":
        """The cluster itself, as every row in a list of rows has its cluster."""
        return self

    @property
    def served(self) -> ServedKinds:
        """The kinds that the cluster serves to the identity."""
        return ServedKinds(self.sender, self.served_cache)

    @property
    def versions(self) -> BestVersions:
        """The versions in which kinds are requested; `reader` uses them already."""
        return BestVersions(self.served)

    @property
    def credential(self) -> CredentialFacts | None:
        """The facts of the stored credential for administrators, read from it at the first use.

        None for others, for snapshots, and if it is unreadable.
        """
        return self.read_facts()

    def __repr__(self) -> str:
        return f"FleetCluster({self.name!r})"

    @property
    def standing(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The caller's rights there; equal for as long as no grant of the caller has changed."""
        return self.roles, self.namespaces_hint


def has_lost_rights(before: Iterable[FleetCluster], now: Iterable[FleetCluster]) -> bool:
    """Returns whether a caller's rights in any cluster of `before` are no longer the same."""
    if before is now:
        return False
    standing = {cluster.id: cluster.standing for cluster in now}
    return any(standing.get(cluster.id) != cluster.standing for cluster in before)
