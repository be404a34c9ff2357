"""`clusters check`: probes of registered clusters."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime

from resolvers.fleet.probe import ClusterHealth
from resolvers.fleet.registration import check_each
from server.cli.clusters.credentials import certificate_json, credential_json, expiry_warnings
from server.cli.clusters.inventory import NO_CLUSTERS
from server.cli.clusters.results import cause_of, error_json, probe_json
from server.commanderrors import ExitCode
from server.composition.clients import cluster_clients
from server.composition.registry import opened_registry
from server.settings.clusterlimits import probe_limits
from server.settings.settings import load_settings
from server.terminal.output import Json, note, note_error_for_people, note_warning, print_json, print_table
from server.terminal.progressbar import progress_bar
from store.clusters.cluster import EVERY_CLUSTER, ClusterFilter
from store.errors import NotFound


def check_clusters(names: Collection[str], *, as_json: bool) -> ExitCode:
    """Probes the named clusters, or all; raises NotFound for an unknown name before the first request."""
    healths = asyncio.run(_check(frozenset(names)))
    if as_json:
        print_json([_health_json(health) for health in healths])
        for health in healths:
            if health.error is not None:
                note_error_for_people(str(health.error))
    elif not healths:
        note(NO_CLUSTERS)
    else:
        print_table(
            ("NAME", "STATUS", "VERSION", "LATENCY", "USER", "ACCESS"),
            [_health_row(health) for health in healths],
            secondary=("VERSION", "USER", "LATENCY"),
        )
    for health in healths:
        if health.prometheus_error is not None:
            note_warning(f"{health.record.name}: {cause_of(health.prometheus_error)}")
        for warning in expiry_warnings(health.record.name, health.credential, health.probe, now=datetime.now(UTC)):
            note_warning(warning)
    return ExitCode.OK if all(health.error is None for health in healths) else ExitCode.FAILED


async def _check(names: frozenset[str]) -> tuple[ClusterHealth, ...]:
    settings = load_settings()
    async with opened_registry(settings) as registry:
        chosen = ClusterFilter(names=names) if names else EVERY_CLUSTER
        clusters = await registry.clusters.open(chosen)
        for missing in sorted(names - {cluster.record.name for cluster in clusters}):
            raise NotFound.cluster(missing)
        with progress_bar("Asking", total=len(clusters)) as advance:
            clients = cluster_clients(settings, registry)
            limits = probe_limits(settings, clients.limits)
            return await check_each(clusters, limits=limits, connect=clients.connect, on_done=advance)


def _health_row(health: ClusterHealth) -> tuple[str, ...]:
    if health.error is not None:
        return (health.record.name, health.error.code.value, "", "", "", cause_of(health.error))
    probe = health.probe
    if probe is None:
        return (health.record.name, "unknown", "", "", "", "")
    user = probe.identity.user if probe.identity else "unknown"
    return (health.record.name, "ok", probe.version or "unknown", f"{probe.latency_ms:.0f} ms", user, probe.access)


def _health_json(health: ClusterHealth) -> Json:
    return {
        "name": health.record.name,
        "server": health.record.server,
        "reachable": health.error is None,
        **probe_json(health.probe),
        **credential_json(health.credential),
        "certificateExpiresAt": certificate_json(health.probe),
        "prometheusError": error_json(health.prometheus_error),
        "error": error_json(health.error),
    }
