"""`clusters list`, `show` and `label`."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from resolvers.fleet.credentials import stored_facts
from server.cli.arguments import parse_label_changes
from server.cli.clusters.credentials import credential_json, credential_words
from server.cli.clusters.origin import origin_json, origin_words, snapshot_fields
from server.cli.recorded import on_record
from server.composition import opened_registry
from server.settings.settings import load_settings
from server.terminal.output import Json, note, print_fields, print_json, print_line, print_table
from store.audit.event import AuditAction
from store.clusters.cluster import EVERY_CLUSTER, ClusterConnection, ClusterFilter, ClusterRecord, OpenedCluster
from store.errors import NotFound

NO_CLUSTERS = "No clusters are registered; register some with: fleetgraph clusters import"


def list_clusters(*, as_json: bool) -> None:
    """All clusters, by name."""
    clusters = asyncio.run(_opened())
    if as_json:
        print_json([cluster_json(each.record) | credential_json(stored_facts(each)) for each in clusters])
    elif not clusters:
        note(NO_CLUSTERS)
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
