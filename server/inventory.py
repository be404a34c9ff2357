"""`clusters list`, `show`, `label`, `check` and `remove`."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from resolvers.credentials import stored_facts
from resolvers.registration import Health, check_each
from server.acting import on_record
from server.composition import opened_registry
from server.connectionlimits import probe_limits
from server.credentialwords import certificate_json, credential_json, credential_words, expiry_warnings
from server.errors import ExitCode
from server.importresult import probe_json
from server.labels import parse_label_changes
from server.origin import origin_json, origin_words, snapshot_fields
from server.output import Json, note, print_fields, print_json, print_line, print_table
from server.progress import progress
from server.settings import Settings, load_settings
from server.snapshotclusters import snapshot_clusters
from store.auditevent import AuditAction
from store.cluster import EVERY_CLUSTER, ClusterConnection, ClusterFilter, ClusterRecord, OpenedCluster
from store.errors import NotFound

_EMPTY = "No clusters are registered; register some with: fleetgraph clusters import"


def list_clusters(*, as_json: bool) -> None:
    """All clusters, by name."""
    clusters = asyncio.run(_opened())
    if as_json:
        print_json([cluster_json(each.record) | credential_json(stored_facts(each)) for each in clusters])
    elif not clusters:
        note(_EMPTY)
    else:
        print_table(("NAME", "SERVER", "LABELS", "UPDATED", "CREDENTIAL"), map(_row, clusters))


def show_cluster(name: str, *, as_json: bool) -> None:
    """One cluster; raises NotFound."""
    opened = asyncio.run(_opened(ClusterFilter(names=frozenset({name}))))
    if not opened:
        raise NotFound(name, f"No cluster is named {name[:80]!r}.")
    _print_cluster(opened[0], as_json=as_json)


def label_cluster(name: str, changes: Sequence[str], *, as_json: bool) -> None:
    """Sets and removes labels; raises InputError, InvalidValue, NotFound."""
    parsed = parse_label_changes(changes)

    async def change() -> ClusterRecord:
        async with (
            opened_registry(load_settings()) as registry,
            on_record(registry, AuditAction.CLUSTER_CHANGE, cluster=name, resource="clusters/labels"),
        ):
            return await registry.clusters.change_labels(name, put=parsed.put, remove=parsed.remove)

    record = asyncio.run(change())
    if as_json:
        print_json(cluster_json(record))
    else:
        print_line(f"{record.name}: {_labels(record.labels) or 'no labels'}")


def check_clusters(names: Collection[str], *, as_json: bool) -> ExitCode:
    """Asks the named clusters, or all; raises NotFound for an unknown name before any is asked."""
    healths = asyncio.run(_check(frozenset(names)))
    if as_json:
        print_json([_health_json(health) for health in healths])
    elif not healths:
        note(_EMPTY)
    else:
        print_table(("NAME", "STATUS", "VERSION", "LATENCY", "USER", "ACCESS"), [_health_row(one) for one in healths])
    for warning in (warning for health in healths for warning in expiry_warnings(health, datetime.now(UTC))):
        note(f"warning: {warning}")
    return ExitCode.OK if all(health.error is None for health in healths) else ExitCode.FAILED


def cluster_json(record: ClusterRecord) -> dict[str, Json]:
    """A cluster for programs: all that is stored but its credential and certificates."""
    return {
        "id": record.id,
        "name": record.name,
        **origin_json(record),
        "identity": record.identity.value if isinstance(record.connection, ClusterConnection) else None,
        "labels": dict(record.labels),
        "description": record.description,
        "createdAt": record.created_at.isoformat(),
        "updatedAt": record.updated_at.isoformat(),
    }


async def _opened(chosen: ClusterFilter = EVERY_CLUSTER) -> tuple[OpenedCluster, ...]:
    async with opened_registry(load_settings()) as registry:
        return await registry.clusters.open(chosen)


async def _record(name: str, settings: Settings) -> ClusterRecord:
    async with opened_registry(settings) as registry:
        return await registry.clusters.get(name)


async def _check(names: frozenset[str]) -> tuple[Health, ...]:
    settings = load_settings()
    async with opened_registry(settings) as registry:
        chosen = ClusterFilter(names=names) if names else EVERY_CLUSTER
        clusters = await registry.clusters.open(chosen)
        for missing in sorted(names - {cluster.record.name for cluster in clusters}):
            raise NotFound(missing, f"No cluster is named {missing[:80]!r}.")
        with progress("Asking", total=len(clusters)) as advance:
            connect = snapshot_clusters(settings, registry).connect
            return await check_each(clusters, limits=probe_limits(settings), connect=connect, on_done=advance)


def _row(cluster: OpenedCluster) -> tuple[str, ...]:
    record = cluster.record
    credential = credential_words(stored_facts(cluster), datetime.now(UTC))
    return (record.name, origin_words(record), _labels(record.labels), _day(record), credential)


def _print_cluster(cluster: OpenedCluster, *, as_json: bool) -> None:
    facts = stored_facts(cluster)
    told = cluster_json(cluster.record)
    if as_json:
        print_json(told | credential_json(facts))
    else:
        told["labels"] = _labels(cluster.record.labels)
        told["credential"] = credential_words(facts, datetime.now(UTC))
        told.update(snapshot_fields(told.pop("snapshot")))
        print_fields((name, _field(value)) for name, value in told.items() if value not in (None, "", False))


def _field(value: Json) -> str:
    return "yes" if value is True else str(value)


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _day(record: ClusterRecord) -> str:
    return record.updated_at.strftime("%Y-%m-%d %H:%M UTC")


def _health_row(health: Health) -> tuple[str, ...]:
    if health.error is not None:
        return (health.record.name, health.error.code.value, "", "", "", health.error.cause)
    told = health.probe
    if told is None:
        return (health.record.name, "unknown", "", "", "", "")
    user = told.identity.user if told.identity else "unknown"
    return (health.record.name, "ok", told.version, f"{told.latency_ms:.0f} ms", user, told.access)


def _health_json(health: Health) -> Json:
    error = health.error
    return {
        "name": health.record.name,
        "server": health.record.server,
        "reachable": error is None,
        **probe_json(health.probe),
        **credential_json(health.credential),
        "certificateExpiresAt": certificate_json(health.probe),
        "error": None if error is None else {"code": error.code.value, "message": error.cause},
    }
