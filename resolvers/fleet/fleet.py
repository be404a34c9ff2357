"""All registered clusters, for as long as the process runs, as they exist for whoever asks.

The registry and the grants are read anew for every operation, so a cluster or a grant that is added, changed or
removed anywhere is so here at once; what is kept are connections, each of one identity to one cluster
(`resolvers.fleet.connectionpool`).
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
from resolvers.audit.auditor import Auditor
from resolvers.audit.sender import AuditedSender
from resolvers.caller import ADMINISTRATOR_ROLE, Caller
from resolvers.fleet.accounts import GrantReader
from resolvers.fleet.client import ClusterClient, Connect
from resolvers.fleet.cluster import FleetCluster, Unusable
from resolvers.fleet.connectionpool import MOST_CONNECTIONS, ConnectionPool
from resolvers.fleet.credentials import KnownFacts
from resolvers.fleet.listable import Listable
from resolvers.fleet.slots import FairSender, FairSlots
from resolvers.identity import Sight, in_words, role_names, sight_of, subjects_of
from resolvers.unexpected import contained
from store.clusters.cluster import OpenedCluster, SnapshotOrigin
from store.clusters.grant import GrantRecord, Subject

REQUESTS_PER_CLUSTER: Final = 16


class ClusterOpener(Protocol):
    """Where clusters are registered."""

    async def open(self) -> Sequence[OpenedCluster]:
        """All of them, with their credentials."""
        ...


class NoGrants:
    """Nobody is granted anything: the clusters are their administrators' alone."""

    async def of(self, _subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        """None."""
        return ()


class Fleet:
    """Hands out the clusters of the registry, each bound to what fleetgraph is there for the caller."""

    def __init__(
        self,
        registered: ClusterOpener,
        *,
        connect: Connect,
        grants: GrantReader | None = None,
        auditor: Auditor | None = None,
        most_connections: int = MOST_CONNECTIONS,
        requests_per_cluster: int = REQUESTS_PER_CLUSTER,
    ) -> None:
        """Takes the registry.

        Args:
            registered: Where clusters are registered.
            connect: How a registered cluster is reached.
            grants: Who may see which; by default, nobody but administrators sees any.
            auditor: Keeps what callers ask of clusters on record; None keeps nothing.
            most_connections: How many are kept, over all clusters and identities.
            requests_per_cluster: How many run at once, of all callers, who take turns.
        """
        self.auditor = auditor
        self._registered = registered
        self._grants = grants or NoGrants()
        self._facts = KnownFacts()
        self._connections = ConnectionPool(connect, limit=most_connections)
        self._requests_per_cluster = requests_per_cluster
        self._slots: WeakValueDictionary[str, FairSlots] = WeakValueDictionary()
        self._listable: WeakKeyDictionary[ClusterClient, Listable] = WeakKeyDictionary()

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """The registered clusters that exist for a caller, ordered by name; every one for an administrator.

        What is read to find that out is the same whether a cluster exists for the caller or not.

        Raises:
            StoreError: the registry or the grants cannot be read.
        """
        granted = NoGrants() if caller.is_administrator else self._grants
        grants, registered = await asyncio.gather(granted.of(subjects_of(caller)), self._registered.open())
        opened = sorted(registered, key=attrgetter("record.name"))
        self._connections.keep_only(opened)
        self._facts.keep_only(opened)
        found: list[FleetCluster] = []
        pace = Pace()
        for each in opened:
            sight = sight_of(each.record, caller, grants)
            if sight is not None:
                found.append(self._cluster(each, sight, caller))
            await pace.breathe()
        return tuple(found)

    def server_certificates(self) -> Mapping[str, datetime]:
        """When the certificates of API servers end that were seen last, by the cluster's name."""
        return self._connections.server_certificates()

    async def close(self) -> None:
        """Ends all connections at once."""
        await self._connections.close()

    def _slots_of(self, cluster_id: str) -> FairSlots:
        """Those of all who ask this cluster now; nobody's are kept."""
        slots = self._slots.get(cluster_id)
        if slots is None:
            slots = self._slots[cluster_id] = FairSlots(self._requests_per_cluster)
        return slots

    def _cluster(self, opened: OpenedCluster, sight: Sight, caller: Caller) -> FleetCluster:
        record = opened.record
        sender: ClusterClient | Unusable | AuditedSender | FairSender
        listable: Listable | None = None
        try:
            with contained(record.name):
                connected = self._connections.to(opened, sight.identity)
            listable = self._listable.get(connected)
            if listable is None:
                listable = self._listable[connected] = Listable()
            sender = FairSender(connected, self._slots_of(record.id), caller.name)
        except ClusterError as error:
            sender = Unusable(record.name, error)
        if self.auditor is not None:
            sender = AuditedSender(sender, caller, self.auditor, in_words(sight.identity))
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
            roles=role_names(sight.roles) if sight.roles else (ADMINISTRATOR_ROLE,),
            listable=listable or Listable(),
            namespaces_hint=tuple({name for role in sight.roles for name in role.namespaces or ()}),
            credential=self._facts.of(opened) if caller.is_administrator else None,
        )
