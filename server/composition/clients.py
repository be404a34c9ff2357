"""The clients of all registered clusters, and the policy of the service accounts that they use."""

from k8s.accounts.account import AccountOwner
from k8s.transport.exchange import UNOBSERVED, Observer
from k8s.watches.watchfigures import WatchFigures
from resolvers.authorization import Identity
from resolvers.fleet.accountpolicy import AccountPolicy, CurrentGrants
from resolvers.fleet.client import ClusterClient, Connect
from resolvers.fleet.network import Network
from resolvers.live.watchnetwork import WatchNetwork
from server.settings.clusterlimits import connection_limits, watch_policy
from server.settings.settings import Settings
from server.snapshots.snapshotconnections import SnapshotConnections
from store.clusters.cluster import OpenedCluster, SnapshotOrigin
from store.registry import Registry


class ClusterClients:
    """The clients of registered clusters: snapshots are served in this process, all others over the network."""

    def __init__(self, snapshots: SnapshotConnections, network: Connect) -> None:
        self.limits = snapshots.limits
        self._snapshots = snapshots
        self._network = network

    def connect(self, cluster: OpenedCluster, identity: Identity) -> ClusterClient:
        """Returns the client of a cluster, not connected yet; see `resolvers.fleet.client.Connect`."""
        origin = cluster.record.connection
        if isinstance(origin, SnapshotOrigin):
            return self._snapshots.connect(cluster, origin, identity)
        return self._network(cluster, identity)


def cluster_clients(
    settings: Settings,
    registry: Registry,
    accounts: AccountPolicy | None = None,
    *,
    observer: Observer = UNOBSERVED,
    figures: WatchFigures | None = None,
) -> ClusterClients:
    """Returns the clients of the clusters of the registry.

    Args:
        settings: The limits of the connections.
        registry: The clusters and snapshots.
        accounts: The policy of our service accounts; without it no caller gets one.
        observer: The observer of requests over the network.
        figures: The figures of watches.
    """
    limits = connection_limits(settings)
    watches = WatchNetwork(limits, watch_policy(settings), observer=observer, masking=settings.masking, figures=figures)
    return ClusterClients(
        SnapshotConnections(registry.snapshots, memory_bytes=settings.snapshot_memory_bytes, limits=limits),
        Network(limits, accounts, observer=observer, watches=watches),
    )


async def account_policy(settings: Settings, registry: Registry) -> AccountPolicy:
    """Returns the policy of the service accounts of this installation."""
    owner = AccountOwner(settings.account_namespace, await registry.installation.id())
    grants = CurrentGrants(registry.grants, registry.clusters)
    return AccountPolicy(owner, timeout_s=settings.cluster_timeout_s, grants=grants)
