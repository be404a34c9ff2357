"""The connection pool: clients by cluster and identity. There is no other way to a cluster, and none is shared.

Clients outlive operations. One is retired when its cluster's registration changes or is removed, when the rights of
its identity change, when it has been idle for 10 minutes, and when the pool is over its limit, the least recently used
one first. One whose watches are needed is not idle. Requests under way finish on a retired client; watches end.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final, TypeAlias

from resolvers.authorization import NOBODY, AccountHolder, Identity
from resolvers.fleet.client import ClusterClient, Connect, KeepsWatches, ShowsCertificate
from store.clusters.cluster import OpenedCluster

MAX_CONNECTIONS: Final = 1000
IDLE_S: Final = 600.0
"""Seconds after which an idle client, and with it its token, is retired."""

Version: TypeAlias = tuple[str, str, datetime]
"""One registration of a cluster: its id, its name, and when it last changed."""


@dataclass(slots=True)
class _PooledClient:
    identity: Identity
    client: ClusterClient
    used_s: float

    @property
    def is_watching(self) -> bool:
        return isinstance(self.client, KeepsWatches) and self.client.is_watching


class ConnectionPool:
    """Creates clients on first use and reuses them."""

    def __init__(
        self, connect: Connect, *, limit: int = MAX_CONNECTIONS, clock: Callable[[], float] = monotonic
    ) -> None:
        """Takes the factory of clients.

        Args:
            connect: Returns a client.
            limit: The largest number of clients.
            clock: Seconds of a monotonic clock.
        """
        self._connect = connect
        self._limit = limit
        self._clock = clock
        self._clients: OrderedDict[tuple[Version, object], _PooledClient] = OrderedDict()
        self._versions: frozenset[Version] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def to(self, cluster: OpenedCluster, identity: Identity, *, is_current: bool = True) -> ClusterClient:
        """Returns the client of one identity for one cluster, not connected yet if it is new.

        For an operation that began before the registry or the grants changed (`is_current` is False), it is the client
        that the identity has now, with its rights of now.

        After `close`, and for a registration that has changed or is removed, an operation that goes on gets a client
        that closes after its last request.

        Raises:
            ClusterError: The stored credential is unusable, or the cluster cannot be asked under that identity.
        """
        key = (version_of(cluster), _who(identity))
        pooled = self._clients.get(key)
        if pooled is not None and is_current and rights_of(pooled.identity) != rights_of(identity):
            self._retire(key)
            pooled = None
        if pooled is None:
            pooled = self._clients[key] = _PooledClient(identity, self._connect(cluster, identity), 0)
        pooled.used_s = now_s = self._clock()
        self._clients.move_to_end(key)
        self._retire_excess(now_s, spared=1)
        if self._is_closed or (self._versions is not None and key[0] not in self._versions):
            self._retire(key)
        return pooled.client

    def retire_idle(self) -> None:
        """Retires clients that have been idle for too long."""
        self._retire_excess(self._clock())

    def retain(self, clusters: Iterable[OpenedCluster]) -> None:
        """Retires the clients of all other registrations: those of clusters that changed or were removed."""
        versions = self._versions = frozenset(map(version_of, clusters))
        for key in [key for key in self._clients if key[0] not in versions]:
            self._retire(key)

    def server_certificates(self) -> dict[str, datetime]:
        """Returns the expiry of the API servers' last certificates by cluster name, for clusters with a connection."""
        expiries = {
            pooled.client.name: pooled.client.server_certificate_expires_at
            for pooled in self._clients.values()
            if isinstance(pooled.client, ShowsCertificate) and pooled.identity != NOBODY
        }
        return {name: expires_at for name, expires_at in expiries.items() if expires_at is not None}

    async def close(self) -> None:
        """Closes all clients at once."""
        self._is_closed = True
        clients = [pooled.client for pooled in self._clients.values()]
        self._clients.clear()
        await asyncio.gather(*(client.close() for client in clients), *self._closing)

    def __len__(self) -> int:
        return len(self._clients)

    def _retire_excess(self, now_s: float, *, spared: int = 0) -> None:
        """Retires the oldest clients, but neither those that watch nor the `spared` latest ones."""
        unused_s = now_s - IDLE_S
        for _ in range(len(self._clients) - spared):
            key, oldest = next(iter(self._clients.items()))
            if oldest.used_s >= unused_s and len(self._clients) <= self._limit:
                return
            if oldest.is_watching:
                oldest.used_s = now_s
                self._clients.move_to_end(key)
            else:
                self._retire(key)

    def _retire(self, key: tuple[Version, object]) -> None:
        task = asyncio.create_task(self._clients.pop(key).client.retire())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def version_of(cluster: OpenedCluster) -> Version:
    """Returns the version of a cluster's registration."""
    return (cluster.record.id, cluster.record.name, cluster.record.updated_at)


def _who(identity: Identity) -> object:
    """Returns the part of an identity that does not change with its rights."""
    return (AccountHolder, identity.subjects) if isinstance(identity, AccountHolder) else identity


def rights_of(identity: Identity) -> Hashable:
    """Returns the rights of an identity, with its grants: bindings end with the grant for which they were created."""
    return (identity, identity.grants) if isinstance(identity, AccountHolder) else identity
