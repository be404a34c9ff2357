"""Watches of registered clusters over the network, beside the connections for reads."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from weakref import WeakValueDictionary

from k8s.credentials.impersonation import Impersonation
from k8s.credentials.tokens import RenewedToken
from k8s.masking.masking import STANDARD, Masking
from k8s.transport.exchange import OWN_CREDENTIAL, UNOBSERVED, Observer
from k8s.transport.limits import ConnectionLimits
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.watchbudget import WatchBudget, WatchMemory
from k8s.watches.watchconnection import WatchConnection
from k8s.watches.watchfigures import WatchFigures
from resolvers.fleet.stored import opened_connection
from resolvers.live.watchpolicy import WatchPolicy
from store.clusters.cluster import OpenedCluster

_OTHER_REQUESTS: Final = 16
"""Connections for lists and reviews of rights, beside one for each watch."""


class WatchNetwork:
    """The factory of watches over the network; see `resolvers.fleet.network.Network`."""

    def __init__(
        self,
        limits: ConnectionLimits,
        policy: WatchPolicy | None = None,
        *,
        observer: Observer = UNOBSERVED,
        masking: Masking = STANDARD,
        figures: WatchFigures | None = None,
    ) -> None:
        """Takes the settings of all watches.

        Args:
            limits: The limits of connections; those of watches have memory and connections of their own.
            policy: The numbers of watches.
            observer: Observes all requests.
            masking: The values that are not held.
            figures: The figures for metrics.
        """
        self._policy = policy or WatchPolicy()
        self._limits = replace(limits, connections=self._policy.in_cluster + _OTHER_REQUESTS)
        self._observer = observer
        self._masking = masking
        self._figures = figures or WatchFigures()
        self._budget = WatchBudget(self._policy.altogether, "FLEETGRAPH_MAX_WATCHES")
        self._memory = WatchMemory(self._policy.memory_bytes)
        self._clusters: WeakValueDictionary[tuple[str, datetime], ClusterWatching] = WeakValueDictionary()

    def watches(
        self,
        cluster: OpenedCluster,
        *,
        source: RenewedToken | None = None,
        acting_as: Impersonation | None = None,
        identity: str = OWN_CREDENTIAL,
    ) -> SharedWatches:
        """Returns the watches of one identity at a cluster, without a request yet; raises CredentialUnusable."""
        endpoint, credential = opened_connection(cluster)
        connection = WatchConnection(
            cluster.record.name,
            endpoint,
            credential=source or credential,
            limits=self._limits,
            observer=self._observer,
            acting_as=acting_as,
            identity=identity,
        )
        return SharedWatches(
            connection, linger_s=self._policy.linger_s, common=self._common(cluster), masking=self._masking
        )

    def _common(self, cluster: OpenedCluster) -> ClusterWatching:
        from resolvers.unexpected import contained  # noqa: PLC0415  commands that watch nothing import no structlog

        version = (cluster.record.id, cluster.record.updated_at)
        common = self._clusters.get(version)
        if common is None:
            budget = WatchBudget(self._policy.in_cluster, "FLEETGRAPH_MAX_WATCHES_PER_CLUSTER")
            common = self._clusters[version] = ClusterWatching(
                budgets=(budget, self._budget),
                memory=self._memory,
                figures=self._figures.of(cluster.record.name),
                contained=contained,
            )
        return common
