"""All registered clusters as they exist for a caller, for the life of the process.

Every operation reads the registry and the grants, so a cluster or a grant that is added, changed or removed anywhere
is so here at once. Only clients are reused, each of one identity for one cluster (`resolvers.fleet.connectionpool`).
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final, Protocol
from weakref import WeakKeyDictionary, WeakValueDictionary

from k8s.errors import ClusterError
from k8s.reading.reader import ClusterReader
from k8s.turns.turns import Pace
from resolvers.audit.auditedsender import AuditedSender
from resolvers.audit.auditor import Auditor
from resolvers.authorization import Authorization, authorization_of, in_words, role_names, subjects_of
from resolvers.caller import ADMINISTRATOR_ROLE, Caller
from resolvers.fleet.accountpolicy import GrantReader
from resolvers.fleet.client import ClusterClient, Connect
from resolvers.fleet.cluster import FleetCluster, Unusable
from resolvers.fleet.connectionpool import MAX_CONNECTIONS, ConnectionPool
from resolvers.fleet.credentials import FactsCache
from resolvers.fleet.listable import Listable
from resolvers.fleet.slots import FairSender, FairSlots
from resolvers.unexpected import contained
from store.clusters.cluster import OpenedCluster, SnapshotOrigin
from store.clusters.grant import GrantRecord, Subject

REQUESTS_PER_CLUSTER: Final = 16


class ClusterOpener(Protocol):
    """A registry of clusters, to read with credentials."""

    async def open(self) -> Sequence[OpenedCluster]:
        """Returns all clusters with their credentials."""
        ...


class NoGrants:
    """A store without grants: clusters exist for administrators only."""

    async def of(self, _subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        """Returns no grants."""
        return ()


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
    ) -> None:
        """Takes the registry.

        Args:
            registered: The registry of clusters.
            connect: The factory of clients.
            grants: The store of grants; by default, clusters exist for administrators only.
            auditor: Records requests to clusters in the audit; None for no audit.
            most_connections: Limit of pooled clients, over all clusters and identities.
            requests_per_cluster: Concurrent requests to one cluster, of all callers, who take turns.
        """
        self.auditor = auditor
        self._registered = registered
        self._grants = grants or NoGrants()
        self._facts = FactsCache()
        self._pool = ConnectionPool(connect, limit=most_connections)
        self._requests_per_cluster = requests_per_cluster
        self._slots: WeakValueDictionary[str, FairSlots] = WeakValueDictionary()
        self._listable: WeakKeyDictionary[ClusterClient, Listable] = WeakKeyDictionary()

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters that exist for a caller, ordered by name; all clusters for an administrator.

        The same records are read whether a cluster exists for the caller or not.

        Raises:
            StoreError: the registry or the grants cannot be read.
        """
        store = NoGrants() if caller.is_administrator else self._grants
        grants, registered = await asyncio.gather(store.of(subjects_of(caller)), self._registered.open())
        opened = sorted(registered, key=attrgetter("record.name"))
        self._pool.retain(opened)
        self._facts.retain(opened)
        clusters: list[FleetCluster] = []
        pace = Pace()
        for cluster in opened:
            authorization = authorization_of(cluster.record, caller, grants)
            if authorization is not None:
                clusters.append(self._cluster(cluster, authorization, caller))
            await pace.breathe()
        return tuple(clusters)

    def server_certificates(self) -> Mapping[str, datetime]:
        """Returns the expiry of the API servers' last certificates by cluster name."""
        return self._pool.server_certificates()

    async def close(self) -> None:
        """Closes all connections at once."""
        await self._pool.close()

    def _slots_of(self, cluster_id: str) -> FairSlots:
        """Returns the slots of a cluster, which all its current senders share."""
        slots = self._slots.get(cluster_id)
        if slots is None:
            slots = self._slots[cluster_id] = FairSlots(self._requests_per_cluster)
        return slots

    def _cluster(self, opened: OpenedCluster, authorization: Authorization, caller: Caller) -> FleetCluster:
        record = opened.record
        sender: ClusterClient | Unusable | AuditedSender | FairSender
        listable: Listable | None = None
        try:
            with contained(record.name):
                client = self._pool.to(opened, authorization.identity)
            listable = self._listable.get(client)
            if listable is None:
                listable = self._listable[client] = Listable()
            sender = FairSender(client, self._slots_of(record.id), caller.name)
        except ClusterError as error:
            sender = Unusable(record.name, error)
        if self.auditor is not None:
            sender = AuditedSender(sender, caller, self.auditor, in_words(authorization.identity))
        return FleetCluster(
            id=record.id,
            name=record.name,
            labels=record.labels,
            description=record.description,
            created_at=record.created_at,
            updated_at=record.updated_at,
            reader=ClusterReader(sender),
            sender=sender,
            taken_at=record.connection.taken_at if isinstance(record.connection, SnapshotOrigin) else None,
            roles=role_names(authorization.roles) if authorization.roles else (ADMINISTRATOR_ROLE,),
            listable=listable or Listable(),
            namespaces_hint=tuple({name for role in authorization.roles for name in role.namespaces or ()}),
            credential=self._facts.of(opened) if caller.is_administrator else None,
        )
