"""All registered clusters as they exist for a caller, for the life of the process.

Every operation asks whether the registry or the grants have changed, so a cluster or a grant that is added, changed or
removed anywhere is so here at once. If they have not, a recent caller has the same clusters as in the operation before.
A cluster costs next to nothing until it is asked: with the first request, its client is made, which belongs to one
identity (`resolvers.fleet.connectionpool`), and its credential is decrypted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Final, Protocol
from weakref import WeakValueDictionary

from k8s.apiserver.limits import DiscoveryLimits
from k8s.masking.masking import STANDARD, Masking
from k8s.prometheus.address import is_direct
from k8s.prometheus.prometheus import Prometheus
from k8s.reading.listing import ObjectSizes
from k8s.reading.reader import ClusterReader
from k8s.transport.sender import Sender
from k8s.turns.turns import Pace
from resolvers.audit.auditedsender import AuditedSender
from resolvers.audit.auditor import Auditor
from resolvers.authorization import NOBODY, Authorization, Identity, authorization_of, in_words, role_names, subjects_of
from resolvers.caller import ADMINISTRATOR_ROLE, OPERATOR, Caller
from resolvers.fleet.accountpolicy import GrantReader, NoGrants
from resolvers.fleet.callerclusters import CallerClusters
from resolvers.fleet.client import Connect
from resolvers.fleet.cluster import FleetCluster, no_facts
from resolvers.fleet.connectionpool import MAX_CONNECTIONS, ConnectionPool, Version, rights_of, version_of
from resolvers.fleet.credentials import FactsCache
from resolvers.fleet.listable import Listable
from resolvers.fleet.pooledsender import FleetState, PooledSender
from resolvers.fleet.servedkinds import ServedCaches, ServedKinds
from resolvers.fleet.slots import FairSender, FairSlots
from resolvers.fleet.versionedreader import BestVersions, VersionedReader
from store.clusters.cluster import OpenedCluster, SnapshotOrigin

REQUESTS_PER_CLUSTER: Final = 16

_OWN_REQUESTS: Final = "system:fleetgraph"
"""The caller of fleetgraph's own requests among those who take turns; no caller's name begins with `system:`."""


class ClusterOpener(Protocol):
    """A registry of clusters, to read with access to their credentials."""

    async def open(self) -> Sequence[OpenedCluster]:
        """Returns all clusters; another object after each change of a cluster or a grant."""
        ...


@dataclass(frozen=True, slots=True)
class UnattendedCluster:
    """A cluster for fleetgraph's own requests, which no caller asked for, and which the audit leaves out.

    Attributes:
        id: stable for as long as the cluster is registered.
        name: its name.
        sender: sends requests with the cluster's own credential.
    """

    id: str
    name: str
    sender: Sender


class Fleet:
    """Returns the clusters of the registry, each bound to the caller's identity there."""

    def __init__(
        self,
        registered: ClusterOpener,
        *,
        connect: Connect,
        grants: GrantReader | None = None,
        auditor: Auditor | None = None,
        most_connections: int = MAX_CONNECTIONS,
        requests_per_cluster: int = REQUESTS_PER_CLUSTER,
        masking: Masking = STANDARD,
        discovery: DiscoveryLimits | None = None,
    ) -> None:
        """Takes the registry.

        Args:
            registered: The registry of clusters.
            connect: The factory of clients.
            grants: The store of grants; by default, clusters exist for administrators only.
            auditor: Records requests to clusters in the audit; None for no audit.
            most_connections: Limit of pooled clients, over all clusters and identities.
            requests_per_cluster: Concurrent requests to one cluster, of all callers, who take turns.
            masking: The values of objects that are never shown.
            discovery: The limits of the discovery of the kinds that clusters serve.
        """
        self.auditor: Auditor | None = auditor
        self.masking = masking
        self._registered = registered
        self._grants = grants or NoGrants()
        self._opened: Sequence[OpenedCluster] | None = None
        self._state = FleetState()
        self._of_callers = CallerClusters()
        self._facts = FactsCache()
        self._pool = ConnectionPool(connect, limit=most_connections)
        self._requests_per_cluster = requests_per_cluster
        self._slots: WeakValueDictionary[str, FairSlots] = WeakValueDictionary()
        self._served = ServedCaches(discovery)
        self._sizes = ObjectSizes()
        self._listable: WeakValueDictionary[tuple[Version, object], Listable] = WeakValueDictionary()

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters that exist for a caller, ordered by name; all clusters for an administrator.

        Whether a cluster exists for the caller makes no difference to what is read from the registry.

        Raises:
            StoreError: the registry or the grants cannot be read.
        """
        opened = await self._registered_now()
        clusters = self._of_callers.get(caller)
        if clusters is None:
            clusters = await self._authorized(opened, caller)
            if opened is self._opened:  # not if the registry has changed meanwhile
                self._of_callers.put(caller, clusters)
        return clusters

    async def unattended(self) -> tuple[UnattendedCluster, ...]:
        """Returns all registered clusters, for fleetgraph's own reads of what a cluster shows to every identity.

        Raises:
            StoreError: the registry cannot be read.
        """
        registered, state = await self._registered_now(), self._state
        clusters: list[UnattendedCluster] = []
        pace = Pace()
        for opened in registered:
            authorization = authorization_of(opened.record, OPERATOR, ())
            if authorization is not None:
                pooled = PooledSender(self._pool, state, opened, authorization.identity)
                sender = FairSender(pooled, self._slots_of(opened.record.id), _OWN_REQUESTS)
                clusters.append(UnattendedCluster(opened.record.id, opened.record.name, sender))
            await pace.breathe()
        return tuple(clusters)

    async def _registered_now(self) -> Sequence[OpenedCluster]:
        opened = await self._registered.open()
        self._pool.retire_idle()
        if opened is not self._opened:
            self._adopt(opened)
        return opened

    def _adopt(self, opened: Sequence[OpenedCluster]) -> None:
        """Makes a new state of the registry the current one: other clusters, or other grants."""
        self._state.is_current = False
        self._opened, self._state = opened, FleetState()
        self._of_callers.clear()
        self._pool.retain(opened)
        self._facts.retain(opened)
        self._served.retain(frozenset(map(version_of, opened)))

    async def _authorized(self, opened: Sequence[OpenedCluster], caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters that exist for a caller. Its grants are read after the registry, and are no older."""
        state = self._state
        grants = () if caller.is_administrator else await self._grants.of(subjects_of(caller))
        clusters: list[FleetCluster] = []
        pace = Pace()
        for cluster in sorted(opened, key=attrgetter("record.name")):
            authorization = authorization_of(cluster.record, caller, grants)
            if authorization is not None:
                clusters.append(self._cluster(cluster, authorization, caller, state=state))
            await pace.breathe()
        return tuple(clusters)

    def server_certificates(self) -> Mapping[str, datetime]:
        """Returns the expiry of the API servers' last certificates by cluster name."""
        return self._pool.server_certificates()

    async def close(self) -> None:
        """Cancels discovery, and closes all connections at once."""
        await self._served.close()
        await self._pool.close()

    def _slots_of(self, server_id: str) -> FairSlots:
        """Returns the slots of a cluster, or of its Prometheus, which all its current senders share."""
        slots = self._slots.get(server_id)
        if slots is None:
            slots = self._slots[server_id] = FairSlots(self._requests_per_cluster)
        return slots

    def _listable_of(self, cluster: OpenedCluster, identity: Identity) -> Listable:
        """Returns the cache of an identity with its rights, which all its callers share."""
        key = (version_of(cluster), rights_of(identity))
        listable = self._listable.get(key)
        if listable is None:
            listable = self._listable[key] = Listable()
        return listable

    def _cluster(
        self, opened: OpenedCluster, authorization: Authorization, caller: Caller, *, state: FleetState
    ) -> FleetCluster:
        record, identity = opened.record, authorization.identity
        pooled, rights = PooledSender(self._pool, state, opened, identity), rights_of(identity)
        sender = self._sender(pooled, caller)
        served_cache = self._served.of(version_of(opened), rights)
        versions = BestVersions(ServedKinds(sender, served_cache))
        is_snapshot = isinstance(record.connection, SnapshotOrigin)
        return FleetCluster(
            id=record.id,
            name=record.name,
            labels=record.labels,
            description=record.description,
            created_at=record.created_at,
            updated_at=record.updated_at,
            reader=VersionedReader(ClusterReader(sender, self.masking, self._sizes), versions),
            sizes=self._sizes,
            sender=sender,
            taken_at=record.connection.taken_at if isinstance(record.connection, SnapshotOrigin) else None,
            roles=role_names(authorization.roles) if authorization.roles else (ADMINISTRATOR_ROLE,),
            listable=self._listable_of(opened, identity),
            served_cache=served_cache,
            namespaces_hint=tuple({name for role in authorization.roles for name in role.namespaces or ()}),
            read_facts=partial(self._facts.of, opened) if caller.is_administrator else no_facts,
            masking=self.masking,
            prometheus=self._prometheus(opened, sender, caller, state),
            watches=None if is_snapshot else pooled.watches,
            rights=rights,
        )

    def _prometheus(
        self, opened: OpenedCluster, sender: Sender, caller: Caller, state: FleetState
    ) -> Prometheus | None:
        """Returns the client of a cluster's Prometheus; a service of the cluster is reached by its sender."""
        address = opened.record.prometheus
        if address is not None and is_direct(address):
            sender = self._sender(PooledSender(self._pool, state, opened, NOBODY), caller)
        return None if address is None else Prometheus(sender, address)

    def _sender(self, pooled: PooledSender, caller: Caller) -> Sender:
        """Returns the sender of a caller's requests."""
        identity, cluster_id = pooled.identity, pooled.cluster.record.id
        server_id = cluster_id if identity != NOBODY else f"{cluster_id} prometheus"
        sender = FairSender(pooled, self._slots_of(server_id), caller.name)
        return sender if self.auditor is None else AuditedSender(sender, caller, self.auditor, in_words(identity))
