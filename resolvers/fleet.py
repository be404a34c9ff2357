"""All registered clusters, for as long as the process runs.

The registry is read anew for every operation, so a cluster that is added, changed or removed anywhere is so here at
once; what is kept are connections, each for as long as its cluster's record stays as it is.
"""

import asyncio
from datetime import datetime
from operator import attrgetter

from k8s.connection import Connection
from k8s.errors import CredentialUnusable
from k8s.reader import ClusterReader
from resolvers.cluster import FleetCluster, Unusable
from resolvers.limits import FleetLimits
from resolvers.storedcluster import connection_to
from store.cluster import OpenedCluster
from store.clusters import Clusters


class Fleet:
    """Hands out the clusters of the registry with their connections."""

    def __init__(self, registered: Clusters, *, limits: FleetLimits | None = None) -> None:
        self._registered = registered
        self._limits = limits or FleetLimits()
        self._connections: dict[tuple[str, str, datetime], Connection] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def clusters(self) -> tuple[FleetCluster, ...]:
        """Every registered cluster, ordered by name.

        Raises:
            StoreError: the registry cannot be read.
        """
        opened = sorted(await self._registered.open(), key=attrgetter("record.name"))
        clusters = tuple(self._cluster(each) for each in opened)
        self._forget_all_but({_version(each) for each in opened})
        return clusters

    async def close(self) -> None:
        """Ends all connections at once."""
        connections = list(self._connections.values())
        self._connections.clear()
        await asyncio.gather(*(connection.close() for connection in connections), *self._closing)

    def _cluster(self, opened: OpenedCluster) -> FleetCluster:
        record = opened.record
        sender: Connection | Unusable
        try:
            sender = self._connection(opened)
        except CredentialUnusable as error:
            sender = Unusable(record.name, error)
        return FleetCluster(
            id=record.id,
            name=record.name,
            labels=record.labels,
            description=record.description,
            created_at=record.created_at,
            updated_at=record.updated_at,
            reader=ClusterReader(sender),
            sender=sender,
        )

    def _connection(self, opened: OpenedCluster) -> Connection:
        version = _version(opened)
        if version not in self._connections:
            self._connections[version] = connection_to(opened, self._limits.connection)
        return self._connections[version]

    def _forget_all_but(self, versions: set[tuple[str, str, datetime]]) -> None:
        """Lets go of the connections of clusters that changed or are gone; operations under way may still use them."""
        for version in self._connections.keys() - versions:
            task = asyncio.create_task(self._connections.pop(version).retire())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _version(opened: OpenedCluster) -> tuple[str, str, datetime]:
    return (opened.record.id, opened.record.name, opened.record.updated_at)
