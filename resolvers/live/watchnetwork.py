"""Watches of registered clusters over the network, beside the connections for reads."""

from typing import Final

from k8s.accounts.accountconnection import AccountConnection
from k8s.accounts.accountwatching import AccountWatching
from k8s.credentials.impersonation import Impersonation
from k8s.credentials.tokens import RenewedToken
from k8s.masking.masking import STANDARD, Masking
from k8s.transport.exchange import OWN_CREDENTIAL, UNOBSERVED, Observer
from k8s.transport.limits import ConnectionLimits
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.watchconnection import WatchConnection
from k8s.watches.watchfigures import WatchFigures
from resolvers.fleet.stored import opened_connection
from resolvers.live.watchpolicy import WatchedClusters, WatchPolicy
from store.clusters.cluster import OpenedCluster

_OTHER_REQUESTS: Final = 64
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
            limits: The limits of connections; watches have connections of their own.
            policy: The numbers of watches.
            observer: Observes all requests.
            masking: The values that are not held.
            figures: The figures for metrics.
        """
        self._policy = policy or WatchPolicy()
        self._limits = limits.with_connections(self._policy.in_cluster + _OTHER_REQUESTS)
        self._observer = observer
        self._masking = masking
        self._clusters = WatchedClusters(self._policy, figures or WatchFigures())

    def watches(
        self,
        cluster: OpenedCluster,
        *,
        source: RenewedToken | None = None,
        acting_as: Impersonation | None = None,
        identity: str = OWN_CREDENTIAL,
        account: AccountConnection | None = None,
    ) -> SharedWatches:
        """Returns the watches of one identity at a cluster, without a request yet.

        Args:
            cluster: The cluster.
            source: The source of the identity's tokens; None for the stored credential.
            acting_as: The impersonated user.
            identity: The user that the API server sees, as the observer is to call it.
            account: The connection for reads that repairs the account of the tokens.

        Raises:
            CredentialUnusable: The stored credential is unusable.
        """
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
        source_of_watches = connection if account is None else AccountWatching(connection, account)
        common = self._clusters.of((cluster.record.id, cluster.record.updated_at), cluster.record.name)
        return SharedWatches(source_of_watches, linger_s=self._policy.linger_s, common=common, masking=self._masking)
