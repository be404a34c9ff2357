"""`clusters list`, `show` and `label`: the registered clusters, their origin and their labels."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from resolvers.audit.commandline import on_record
from resolvers.fleet.credentials import stored_facts
from server.cli.arguments import parse_label_changes
from server.cli.changes import changeable_registry
from server.cli.clusters.credentials import credential_json, credential_words
from server.composition.registry import opened_registry
from server.settings.settings import load_settings
from server.terminal.output import Json, note, print_fields, print_json, print_line, print_table
from store.audit.event import AuditAction
from store.clusters.cluster import (
    EVERY_CLUSTER,
    ClusterConnection,
    ClusterFilter,
    ClusterRecord,
    OpenedCluster,
    SnapshotOrigin,
)
from store.errors import NotFound

NO_CLUSTERS = "No clusters are registered; register some with: fleetgraph clusters import"


def list_clusters(*, as_json: bool) -> None:
    """Prints all clusters, sorted by name."""
    clusters = asyncio.run(_opened())
    if as_json:
        print_json([cluster_json(cluster.record) | credential_json(stored_facts(cluster)) for cluster in clusters])
    elif not clusters:
        note(NO_CLUSTERS)
    else:
        columns = ("NAME", "SERVER", "LABELS", "UPDATED", "CREDENTIAL")
        print_table(columns, map(_row, clusters), secondary=("LABELS", "UPDATED"))


def show_cluster(name: str, *, as_json: bool) -> None:
    """Prints one cluster; raises NotFound."""
    opened = asyncio.run(_opened(ClusterFilter(names=frozenset({name}))))
    if not opened:
        raise NotFound.cluster(name)
    _print_cluster(opened[0], as_json=as_json)


def label_cluster(name: str, changes: Sequence[str], *, as_json: bool) -> None:
    """Sets and removes labels; raises InputError, InvalidValue, NotFound."""
    parsed = parse_label_changes(changes)

    async def change() -> ClusterRecord:
        async with (
            changeable_registry(load_settings()) as registry,
            on_record(registry.audit, AuditAction.CLUSTER_CHANGE, cluster=name, resource="clusters/labels"),
        ):
            return await registry.clusters.change_labels(name, put=parsed.put, remove=parsed.remove)

    record = asyncio.run(change())
    if as_json:
        print_json(cluster_json(record))
    else:
        print_line(f"{record.name}: {_labels(record.labels) or 'no labels'}")


def cluster_json(record: ClusterRecord) -> dict[str, Json]:
    """Returns a cluster for programs: all stored fields except its credential and certificates."""
    return {
        "id": record.id,
        "name": record.name,
        **origin_json(record),
        "identity": record.identity.value if isinstance(record.connection, ClusterConnection) else None,
        "prometheus": record.prometheus,
        "labels": dict(record.labels),
        "description": record.description,
        "createdAt": record.created_at.isoformat(),
        "updatedAt": record.updated_at.isoformat(),
    }


def origin_words(record: ClusterRecord) -> str:
    """Returns the server, or the file and the time of a snapshot."""
    origin = record.connection
    if isinstance(origin, SnapshotOrigin):
        return f"snapshot {origin.file_name} of {origin.taken_at:%Y-%m-%d %H:%M} UTC"
    return origin.server


def origin_json(record: ClusterRecord) -> dict[str, Json]:
    """Returns the origin for programs; the fields of the other kind of origin are null."""
    origin = record.connection
    if isinstance(origin, SnapshotOrigin):
        return {
            "source": "snapshot",
            "server": None,
            "tlsServerName": None,
            "hasOwnCertificateAuthority": False,
            "skipsTlsVerification": False,
            "proxyUrl": None,
            "snapshot": {
                "file": origin.file_name,
                "takenAt": origin.taken_at.isoformat(),
                "version": origin.version,
                "objects": origin.objects,
                "kinds": origin.kinds,
            },
        }
    return {
        "source": "live",
        "server": origin.server,
        "tlsServerName": origin.tls_server_name,
        "hasOwnCertificateAuthority": origin.ca_pem is not None,
        "skipsTlsVerification": origin.skip_tls_verify,
        "proxyUrl": origin.proxy_url,
        "snapshot": None,
    }


def snapshot_fields(snapshot: Json) -> dict[str, Json]:
    """Returns the fields of a snapshot, for a table; none for another cluster."""
    return dict(snapshot) if isinstance(snapshot, Mapping) else {}


async def _opened(clusters: ClusterFilter = EVERY_CLUSTER) -> tuple[OpenedCluster, ...]:
    async with opened_registry(load_settings()) as registry:
        return await registry.clusters.open(clusters)


def _row(cluster: OpenedCluster) -> tuple[str, ...]:
    record = cluster.record
    credential = credential_words(stored_facts(cluster), datetime.now(UTC))
    return (record.name, origin_words(record), _labels(record.labels), _day(record), credential)


def _print_cluster(cluster: OpenedCluster, *, as_json: bool) -> None:
    facts = stored_facts(cluster)
    fields = cluster_json(cluster.record)
    if as_json:
        print_json(fields | credential_json(facts))
    else:
        fields["labels"] = _labels(cluster.record.labels)
        fields["credential"] = credential_words(facts, datetime.now(UTC))
        fields.update(snapshot_fields(fields.pop("snapshot")))
        print_fields((name, _field(value)) for name, value in fields.items() if value not in (None, "", False))


def _field(value: Json) -> str:
    return "yes" if value is True else str(value)


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _day(record: ClusterRecord) -> str:
    return record.updated_at.strftime("%Y-%m-%d %H:%M UTC")
