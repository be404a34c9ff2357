"""From settings to the bounds of connections to clusters."""

from typing import Final

from k8s.credentials.sources import CredentialSources
from k8s.network.addresses import LOOPBACK, AddressPolicy
from k8s.transport.limits import ConnectionLimits
from resolvers.fleet.registration import ProbeLimits
from server.settings.execplugins import exec_policy
from server.settings.limits import memory_limits
from server.settings.settings import Settings

_SHARES: Final = 16
"""Answers on their way have a quarter of the process's memory, of which a cluster has a quarter."""


def connection_limits(settings: Settings) -> ConnectionLimits:
    """Bounds of the connections to each cluster.

    They hold the memory of answers that are on their way, so a process makes them once and shares them.
    """
    return ConnectionLimits(
        connect_timeout_s=settings.connect_timeout_s,
        connections=settings.connections_per_cluster,
        body_bytes=settings.max_answer_bytes,
        share_bytes=min(settings.max_answer_bytes, memory_limits(settings).process_bytes // _SHARES),
        addresses=AddressPolicy(denied=settings.denied_addresses, allowed=settings.allowed_addresses),
        sources=CredentialSources(exec=exec_policy(settings), service_account=settings.service_account_folder),
    )


def probe_limits(settings: Settings, connection: ConnectionLimits) -> ProbeLimits:
    """Bounds of asking clusters how they are, over connections with these bounds."""
    return ProbeLimits(connection=connection, timeout_s=settings.cluster_timeout_s)


def without_loopback(settings: Settings) -> Settings:
    """The settings of a server that other machines can reach: they must not ask this machine by its means.

    What the operator allows stays allowed.
    """
    return settings.model_copy(update={"denied_addresses": settings.denied_addresses.union(LOOPBACK)})
