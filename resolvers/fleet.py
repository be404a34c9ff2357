"""All registered clusters, for as long as the process runs.

The registry is read anew for every operation, so a cluster that is added, changed or removed anywhere is so here at
once; what is kept are connections, each for as long as its cluster's record stays as it is.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Protocol

from k8s.errors import CredentialUnusable
from k8s.exchange import OWN_CREDENTIAL
from k8s.reader import ClusterReader
from resolvers.auditedsender import AuditedSender
from resolvers.auditing import Auditor
from resolvers.caller import ADMINISTRATOR_ROLE, Caller
from resolvers.cluster import FleetCluster, Unusable
from resolvers.connected import Connect, Connected
from resolvers.limits import FleetLimits
from resolvers.storedcluster import connecting
from store.cluster import OpenedCluster, SnapshotOrigin


class OpensClusters(Protocol):
    """Where clusters are registered."""

    async def open(self) -> Sequence[OpenedCluster]:
        """All of them, with their credentials."""
        ...


class Fleet:
    """Hands out the clusters of the registry with their connections."""

    def __init__(
        self,
        registered: OpensClusters,
        *,
        limits: FleetLimits | None = None,
        connect: Connect | None = None,
        auditor: Auditor | None = None,
    ) -> None:
        """Takes the registry.

        Args:
            registered: Where clusters are registered.
            limits: Of the default `connect`.
            connect: How a registered cluster is reached; by default, over the network.
            auditor: Keeps what callers ask of clusters on record; None keeps nothing.
        """
        self.auditor = auditor
        self._registered = registered
        self._connect = connect or connecting((limits or FleetLimits()).connection)
        self._connections: dict[tuple[str, str, datetime], Connected] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """The registered clusters that exist for a caller, ordered by name: all for an administrator, else none.

        Raises:
            StoreError: the registry cannot be read.
        """
        opened = sorted(await self._registered.open(), key=attrgetter("record.name"))
        clusters = tuple(self._cluster(each, caller) for each in opened)
        self._forget_all_but({_version(each) for each in opened})
        return clusters if caller.is_administrator else ()

    async def close(self) -> None:
        """Ends all connections at once."""
        connections = list(self._connections.values())
        self._connections.clear()
        await asyncio.gather(*(connection.close() for connection in connections), *self._closing)

    def _cluster(self, opened: OpenedCluster, caller: Caller) -> FleetCluster:
        record = opened.record
        sender: Connected | Unusable | AuditedSender
        try:
            sender = self._connection(opened)
        except CredentialUnusable as error:
            sender = Unusable(record.name, error)
        if self.auditor is not None:
            sender = AuditedSender(sender, caller, self.auditor, OWN_CREDENTIAL)
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
            roles=(ADMINISTRATOR_ROLE,),
        )

    def _connection(self, opened: OpenedCluster) -> Connected:
        version = _version(opened)
        if version not in self._connections:
            self._connections[version] = self._connect(opened)
        return self._connections[version]

    def _forget_all_but(self, versions: set[tuple[str, str, datetime]]) -> None:
        """Lets go of the connections of clusters that changed or are gone; operations under way may still use them."""
        for version in self._connections.keys() - versions:
            task = asyncio.create_task(self._connections.pop(version).retire())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _version(opened: OpenedCluster) -> tuple[str, str, datetime]:
    return (opened.record.id, opened.record.name, opened.record.updated_at)
