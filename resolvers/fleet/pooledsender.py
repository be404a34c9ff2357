"""A sender for one identity at one cluster, whose client is taken from the pool for each request."""

from dataclasses import dataclass

from k8s.errors import KindUnavailable
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.sharedwatches import SharedWatches
from resolvers.authorization import Identity
from resolvers.fleet.client import ClusterClient
from resolvers.fleet.connectionpool import ConnectionPool
from resolvers.live.watchingclient import WatchingClient
from resolvers.unexpected import contained
from store.clusters.cluster import OpenedCluster


@dataclass(slots=True)
class FleetState:
    """One state of the registry and the grants.

    Attributes:
        is_current: Whether there is no newer one.
    """

    is_current: bool = True


@dataclass(frozen=True, slots=True)
class PooledSender:
    """A sender that costs nothing before its first request: only then a client is made, and the credential decrypted.

    So a cluster whose credential is unusable, or that nobody knows how to reach, fails by itself when it is asked.

    Attributes:
        pool: The clients.
        state: The state in which the cluster and the rights of the identity were read.
    """

    pool: ConnectionPool
    state: FleetState
    cluster: OpenedCluster
    identity: Identity

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.cluster.record.name

    def client(self) -> ClusterClient:
        """Returns the client; raises ClusterError."""
        with contained(self.name):
            return self.pool.to(self.cluster, self.identity, is_current=self.state.is_current)

    def watches(self) -> SharedWatches:
        """Returns the watches of the identity; raises ClusterError."""
        client = self.client()
        if not isinstance(client, WatchingClient):
            raise KindUnavailable(self.name, "it cannot be watched.")
        return client.watches(self.cluster)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the answer to `call`; raises ClusterError."""
        return await self.client().send(call, deadline, on_prefix=on_prefix)
