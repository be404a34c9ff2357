"""Clients of registered clusters over the network: the one place where an identity is put to use.

A client sends to one cluster as one identity only: address, credential and identity come in together and never leave.
"""

from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

from k8s.accounts.account import Account
from k8s.accounts.accountconnection import AccountConnection, AccountTokens
from k8s.accounts.repair import AccountRepair
from k8s.credentials.impersonation import Impersonation, ImpersonationRefused
from k8s.credentials.tokens import RenewedToken
from k8s.errors import CredentialUnusable, IdentityRefused
from k8s.prometheus.address import PrometheusAddressInvalid, prometheus_endpoint
from k8s.prometheus.prometheus import unusable
from k8s.resilience.resilience import Resilience
from k8s.transport.connection import Connection
from k8s.transport.exchange import OWN_CREDENTIAL, UNOBSERVED, Exchange, Observer
from k8s.transport.limits import ConnectionLimits
from resolvers.authorization import (
    NOBODY,
    AccountHolder,
    Administrator,
    Identity,
    Impersonated,
    Nobody,
    SnapshotReader,
    in_words,
)
from resolvers.fleet.accountpolicy import AccountPolicy, bound_roles
from resolvers.fleet.client import ClusterClient
from resolvers.fleet.stored import opened_connection
from resolvers.live.watchingclient import WatchingClient
from resolvers.live.watchnetwork import WatchNetwork
from store.clusters.cluster import OpenedCluster


class Network:
    """The factory of clients over the network; see `resolvers.fleet.client.Connect`."""

    def __init__(
        self,
        limits: ConnectionLimits,
        accounts: AccountPolicy | None = None,
        *,
        observer: Observer = UNOBSERVED,
        watches: WatchNetwork | None = None,
    ) -> None:
        """Takes the settings of all connections.

        Args:
            limits: Limits of each connection.
            accounts: The policy for our service accounts; without it there are none.
            observer: Observes all requests.
            watches: The factory of watches.
        """
        self._limits = limits
        self._accounts = accounts
        self._observer = observer
        self._make_watches = (watches or WatchNetwork(limits, observer=observer)).watches
        self._resilience: WeakValueDictionary[tuple[str, datetime], Resilience] = WeakValueDictionary()

    def __call__(self, cluster: OpenedCluster, identity: Identity) -> ClusterClient:
        """Returns a client, not connected yet.

        Raises:
            CredentialUnusable: The stored credential is unusable, or the cluster is a snapshot.
            IdentityRefused: No request may be sent under the caller's name.
        """
        match identity:
            case Administrator():
                return self._watching(self._connection(cluster))
            case Impersonated():
                acting_as = _impersonation(cluster.record.name, identity)
                connection = self._connection(cluster, acting_as=acting_as, identity=acting_as.user)
                return self._watching(connection, acting_as)
            case AccountHolder():
                return self._account_connection(cluster, identity)
            case Nobody():
                return self._prometheus(cluster)
            case SnapshotReader():
                raise CredentialUnusable(cluster.record.name, "it is no snapshot.")

    def _account_connection(self, cluster: OpenedCluster, holder: AccountHolder) -> ClusterClient:
        policy = self._accounts
        if policy is None:
            raise IdentityRefused(cluster.record.name, "no service accounts are made here.")
        account = Account(policy.owner, tuple(map(str, holder.subjects)))
        administrator = self._connection(cluster)
        is_granted = None if policy.grants is None else partial(policy.grants.match, cluster.record, holder)
        roles = bound_roles(holder.roles)
        issuer = AccountTokens(administrator, account, roles, timeout_s=policy.timeout_s, is_granted=is_granted)
        tokens = RenewedToken(issuer.issue)
        bearer = self._connection(cluster, source=tokens, identity=account.username)
        repair = AccountRepair(issuer.reconcile, renew=tokens.forget) if is_granted else None
        client = AccountConnection(administrator, bearer, tokens, repair=repair)
        watches = partial(self._make_watches, source=tokens, identity=account.username, account=client)
        return WatchingClient(client, watches)

    def _watching(self, client: ClusterClient, acting_as: Impersonation | None = None) -> WatchingClient:
        """Returns a client with the watches of the same identity."""
        if acting_as is None:
            return WatchingClient(client, self._make_watches)
        return WatchingClient(client, partial(self._make_watches, acting_as=acting_as, identity=acting_as.user))

    def _connection(
        self,
        cluster: OpenedCluster,
        *,
        source: RenewedToken | None = None,
        acting_as: Impersonation | None = None,
        identity: str = OWN_CREDENTIAL,
    ) -> Connection:
        endpoint, credential = opened_connection(cluster)
        return Connection(
            cluster.record.name,
            endpoint,
            credential=source or credential,
            limits=self._limits,
            observer=self._observer,
            acting_as=acting_as,
            resilience=self._resilience_of(cluster),
            identity=identity,
        )

    def _prometheus(self, cluster: OpenedCluster) -> ClusterClient:
        """Returns the client of the cluster's Prometheus: no credential of the cluster is ever sent there."""
        name = cluster.record.name
        try:
            endpoint = prometheus_endpoint(cluster.record.prometheus or "")
        except PrometheusAddressInvalid as error:
            raise unusable(name, error) from error
        observer = _TrafficObserver(self._observer)
        identity = in_words(NOBODY)
        return Connection(name, endpoint, credential=None, limits=self._limits, observer=observer, identity=identity)

    def _resilience_of(self, cluster: OpenedCluster) -> Resilience:
        """Returns the resilience of a cluster, shared by all identities; it distinguishes them itself."""
        version = (cluster.record.id, cluster.record.updated_at)
        return self._resilience.setdefault(version, Resilience())


class _TrafficObserver:
    """Observes requests to a cluster's Prometheus, whose circuit breaker says nothing about the cluster."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def began(self, exchange: Exchange) -> None:
        """Observes a request that is about to be sent."""
        self._observer.began(exchange)

    def ended(self, exchange: Exchange) -> None:
        """Observes the end of a request."""
        self._observer.ended(exchange)

    def judged(self, cluster: str, *, is_open: bool) -> None:
        """Does nothing."""


def _impersonation(cluster: str, identity: Impersonated) -> Impersonation:
    try:
        return Impersonation(identity.user, identity.groups)
    except ImpersonationRefused as error:
        raise IdentityRefused(cluster, f"{error}.") from error
