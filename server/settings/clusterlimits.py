"""Limits of connections to clusters, and the policies of kubeconfigs and exec plugins, from settings."""

from dataclasses import replace
from typing import Final

from k8s.apiserver.limits import DiscoveryLimits
from k8s.credentials.plugin import ExecPolicy
from k8s.credentials.sources import CredentialSources
from k8s.kubeconfig.limits import KubeconfigLimits
from k8s.kubeconfig.policy import KubeconfigPolicy
from k8s.network.addresses import LOOPBACK, AddressPolicy
from k8s.transport.limits import ConnectionLimits
from resolvers.fleet.probe import ProbeLimits
from resolvers.live.watchpolicy import WatchPolicy
from server.settings.limits import memory_limits
from server.settings.settings import Settings

_SHARES: Final = 16
"""Responses that are being received have a quarter of the process's memory, of which a cluster has a quarter."""


def connection_limits(settings: Settings) -> ConnectionLimits:
    """Returns the limits of the connections to each cluster.

    They count the memory of responses that are being received, so a process creates them once and shares them.
    """
    return ConnectionLimits(
        connect_timeout_s=settings.connect_timeout_s,
        connections=settings.connections_per_cluster,
        body_bytes=settings.max_answer_bytes,
        share_bytes=min(settings.max_answer_bytes, memory_limits(settings).process_bytes // _SHARES),
        addresses=AddressPolicy(denied=settings.denied_addresses, allowed=settings.allowed_addresses),
        sources=CredentialSources(exec=_exec_policy(settings), service_account=settings.service_account_folder),
    )


def watch_policy(settings: Settings) -> WatchPolicy:
    """Returns the numbers of watches, and the memory of their objects."""
    return WatchPolicy(
        in_cluster=settings.max_watches_per_cluster,
        altogether=settings.max_watches,
        memory_bytes=min(settings.max_watched_bytes, memory_limits(settings).process_bytes // 2),
        linger_s=settings.watch_linger_s,
    )


def probe_limits(settings: Settings, connection: ConnectionLimits) -> ProbeLimits:
    """Returns the limits of probes, over connections with these limits."""
    return ProbeLimits(connection=connection, timeout_s=settings.cluster_timeout_s)


def discovery_limits(settings: Settings) -> DiscoveryLimits:
    """Returns the limits of the discovery of the kinds that clusters serve."""
    return DiscoveryLimits(refresh_s=settings.discovery_interval_s, kinds=settings.max_served_kinds)


def without_loopback(settings: Settings) -> Settings:
    """Returns the settings of a server that other machines can reach, with loopback among the denied addresses.

    So they cannot reach services of this machine through it. Addresses that the operator allows stay allowed.
    """
    return settings.model_copy(update={"denied_addresses": settings.denied_addresses.union(LOOPBACK)})


def kubeconfig_policy(settings: Settings) -> KubeconfigPolicy:
    """Returns the policy for kubeconfigs."""
    policy = KubeconfigPolicy.allowing(settings.kubeconfig_allow, exec_policy=_exec_policy(settings))
    return replace(policy, may_allow=settings.allow_at_import)


def kubeconfig_limits(settings: Settings) -> KubeconfigLimits:
    """Returns the limits of a kubeconfig file."""
    return KubeconfigLimits(file_bytes=settings.max_kubeconfig_bytes, contexts=settings.max_kubeconfig_contexts)


def _exec_policy(settings: Settings) -> ExecPolicy:
    """Returns the programs that may provide credentials, and their limits."""
    return ExecPolicy(
        commands=settings.exec_plugins,
        environment=settings.exec_plugin_environment,
        accepts_imports=settings.allow_at_import,
        timeout_s=settings.exec_plugin_timeout_s,
        at_once=settings.max_exec_plugins,
    )
