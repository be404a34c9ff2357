"""Connections by cluster and identity: nothing else leads to a cluster, and none serves two identities.

They are kept from operation to operation and bounded. One is given up when its cluster's registration changes or
goes, when what its identity may do changes, when nobody has used it for a while, and when there are too many: the one
that was not used for longest goes first. Operations under way finish on it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final, TypeAlias

from resolvers.fleet.client import ClusterClient, Connect, ShowsCertificate
from resolvers.identity import AccountHolder, Identity
from store.clusters.cluster import OpenedCluster

MOST_CONNECTIONS: Final = 1000
IDLE_S: Final = 600.0
"""Nobody's connection, and with it nobody's token, is kept longer than this without being used."""

Version: TypeAlias = tuple[str, str, datetime]
"""One registration of a cluster: its id, its name, and when it last changed."""


@dataclass(slots=True)
class _PooledClient:
    identity: Identity
    connection: ClusterClient
    used_s: float


class ConnectionPool:
    """Makes connections when they are first asked for."""

    def __init__(
        self, connect: Connect, *, limit: int = MOST_CONNECTIONS, clock: Callable[[], float] = monotonic
    ) -> None:
        """Takes how clusters are reached.

        Args:
            connect: Makes a connection.
            limit: How many are kept.
            clock: Seconds of a monotonic clock.
        """
        self._connect = connect
        self._limit = limit
        self._clock = clock
        self._held: OrderedDict[tuple[Version, object], _PooledClient] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def to(self, cluster: OpenedCluster, identity: Identity) -> ClusterClient:
        """The connection of one identity to one cluster, not opened yet if it is new.

        An operation that outlives `close` gets one that ends with its last request.

        Raises:
            ClusterError: What is stored of the cluster is of no use, or the identity is none that it can be asked as.
        """
        key = (version_of(cluster), _who(identity))
        held = self._held.get(key)
        if held is not None and _rights(held.identity) != _rights(identity):
            self._give_up(key)
            held = None
        if held is None:
            held = self._held[key] = _PooledClient(identity, self._connect(cluster, identity), 0)
        held.used_s = now_s = self._clock()
        self._held.move_to_end(key)
        self._give_up_what_is_too_much(now_s)
        if self._is_closed:
            self._give_up(key)
        return held.connection

    def keep_only(self, clusters: Iterable[OpenedCluster]) -> None:
        """Gives up the connections to all other registrations: those of clusters that changed or are gone."""
        versions = set(map(version_of, clusters))
        for key in [key for key in self._held if key[0] not in versions]:
            self._give_up(key)

    def server_certificates(self) -> dict[str, datetime]:
        """When the certificates end that API servers showed last, by the cluster's name; of those that were asked."""
        shown = {
            held.connection.name: held.connection.server_certificate_expires_at
            for held in self._held.values()
            if isinstance(held.connection, ShowsCertificate)
        }
        return {name: expires_at for name, expires_at in shown.items() if expires_at is not None}

    async def close(self) -> None:
        """Ends all connections at once."""
        self._is_closed = True
        connections = [held.connection for held in self._held.values()]
        self._held.clear()
        await asyncio.gather(*(connection.close() for connection in connections), *self._closing)

    def __len__(self) -> int:
        return len(self._held)

    def _give_up_what_is_too_much(self, now_s: float) -> None:
        unused_s = now_s - IDLE_S
        while self._held:
            key, oldest = next(iter(self._held.items()))
            if oldest.used_s >= unused_s and len(self._held) <= self._limit:
                return
            self._give_up(key)

    def _give_up(self, key: tuple[Version, object]) -> None:
        task = asyncio.create_task(self._held.pop(key).connection.retire())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def version_of(cluster: OpenedCluster) -> Version:
    """Which registration of a cluster this is."""
    return (cluster.record.id, cluster.record.name, cluster.record.updated_at)


def _who(identity: Identity) -> object:
    """What stays the same of an identity when its rights change."""
    return (AccountHolder, identity.subjects) if isinstance(identity, AccountHolder) else identity


def _rights(identity: Identity) -> object:
    """What an identity may do, and by which grants: what is made for a grant goes with it."""
    return (identity, identity.grants) if isinstance(identity, AccountHolder) else identity
