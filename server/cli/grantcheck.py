"""`grants check`: which clusters exist for a user, and what they allow it."""

import asyncio
from dataclasses import dataclass

from k8s.errors import ClusterError
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.probe import Probe, probe
from server.cli.clusters.results import probe_json
from server.composition import opened_registry
from server.errors import ExitCode
from server.settings.settings import load_settings
from server.snapshots.clusters import account_policy, snapshot_clusters
from server.terminal.output import Json, note, print_json, print_table


@dataclass(frozen=True, slots=True)
class Checked:
    """A cluster that exists for the user; at most one of `told` and `error` is set, none if it was not asked."""

    cluster: FleetCluster
    told: Probe | None = None
    error: ClusterError | None = None


def check_grants(user: str, groups: tuple[str, ...], *, is_asked: bool, as_json: bool) -> ExitCode:
    """Shows a user's clusters, in the way that a query of the user's would find them."""
    checked = asyncio.run(_check(Caller(name=user, groups=frozenset(groups)), is_asked=is_asked))
    if as_json:
        print_json([_json(each) for each in checked])
    elif not checked:
        note(f"No cluster exists for {user}.")
    else:
        print_table(("NAME", "ROLES", "USER", "ACCESS"), [_row(each) for each in checked])
    return ExitCode.OK if all(each.error is None for each in checked) else ExitCode.FAILED


async def _check(caller: Caller, *, is_asked: bool) -> list[Checked]:
    settings = load_settings()
    async with opened_registry(settings) as registry:
        connect = snapshot_clusters(settings, registry, await account_policy(settings, registry)).connect
        fleet = Fleet(registry.clusters, grants=registry.grants, connect=connect)
        try:
            clusters = await fleet.clusters(caller)
            if not is_asked:
                return [Checked(cluster) for cluster in clusters]
            return await asyncio.gather(*(_ask(cluster, settings.cluster_timeout_s) for cluster in clusters))
        finally:
            await fleet.close()


async def _ask(cluster: FleetCluster, timeout_s: float) -> Checked:
    try:
        return Checked(cluster, await probe(cluster.sender, timeout_s=timeout_s))
    except ClusterError as error:
        return Checked(cluster, error=error)


def _row(checked: Checked) -> tuple[str, ...]:
    told, name, roles = checked.told, checked.cluster.name, "; ".join(checked.cluster.roles)
    if checked.error is not None:
        return (name, roles, "", checked.error.cause)
    if told is None:
        return (name, roles, "", "not asked")
    return (name, roles, told.identity.user if told.identity else "unknown", told.access)


def _json(checked: Checked) -> Json:
    error = checked.error
    return {
        "name": checked.cluster.name,
        "roles": list(checked.cluster.roles),
        **probe_json(checked.told),
        "error": None if error is None else {"code": error.code.value, "message": error.cause},
    }
