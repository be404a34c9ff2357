"""`grants check`: the clusters that exist for a user, and the user's access there."""

import asyncio
from dataclasses import dataclass

from k8s.errors import ClusterError
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.probe import Probe, probe
from server.cli.clusters.results import error_json, probe_json
from server.commanderrors import ExitCode
from server.composition.clients import account_policy, cluster_clients
from server.composition.registry import opened_registry
from server.settings.settings import load_settings
from server.terminal.output import Json, note, note_error_for_people, print_json, print_table


@dataclass(frozen=True, slots=True)
class UserCluster:
    """A cluster that exists for the user; at most one of `probe` and `error` is set, neither without a request."""

    cluster: FleetCluster
    probe: Probe | None = None
    error: ClusterError | None = None


def check_grants(user: str, groups: tuple[str, ...], *, is_asked: bool, as_json: bool) -> ExitCode:
    """Prints the clusters that a query of the user would reach, with the user's access."""
    accesses = asyncio.run(_check(Caller(name=user, groups=frozenset(groups)), is_asked=is_asked))
    if as_json:
        print_json([_json(access) for access in accesses])
        for access in accesses:
            if access.error is not None:
                note_error_for_people(str(access.error))
    elif not accesses:
        note(f"No cluster exists for {user}.")
    else:
        print_table(("NAME", "ROLES", "USER", "ACCESS"), [_row(access) for access in accesses], secondary=("USER",))
    return ExitCode.OK if all(access.error is None for access in accesses) else ExitCode.FAILED


async def _check(caller: Caller, *, is_asked: bool) -> list[UserCluster]:
    settings = load_settings()
    async with opened_registry(settings) as registry:
        connect = cluster_clients(settings, registry, await account_policy(settings, registry)).connect
        fleet = Fleet(registry.clusters, grants=registry.grants, connect=connect)
        try:
            clusters = await fleet.clusters(caller)
            if not is_asked:
                return [UserCluster(cluster) for cluster in clusters]
            return await asyncio.gather(*(_ask(cluster, settings.cluster_timeout_s) for cluster in clusters))
        finally:
            await fleet.close()


async def _ask(cluster: FleetCluster, timeout_s: float) -> UserCluster:
    try:
        return UserCluster(cluster, await probe(cluster.sender, timeout_s=timeout_s))
    except ClusterError as error:
        return UserCluster(cluster, error=error)


def _row(access: UserCluster) -> tuple[str, ...]:
    answer, name, roles = access.probe, access.cluster.name, "; ".join(access.cluster.roles)
    if access.error is not None:
        return (name, roles, "", access.error.cause)
    if answer is None:
        return (name, roles, "", "not asked")
    return (name, roles, answer.identity.user if answer.identity else "unknown", answer.access)


def _json(access: UserCluster) -> Json:
    return {
        "name": access.cluster.name,
        "roles": list(access.cluster.roles),
        **probe_json(access.probe),
        "error": error_json(access.error),
    }
