"""Where a registered cluster's objects come from, in words and for programs: an API server, or a snapshot."""

from collections.abc import Mapping

from server.terminal.output import Json
from store.clusters.cluster import ClusterRecord, SnapshotOrigin


def origin_words(record: ClusterRecord) -> str:
    """The server, or the file and the time of a snapshot."""
    origin = record.connection
    if isinstance(origin, SnapshotOrigin):
        return f"snapshot {origin.file_name} of {origin.taken_at:%Y-%m-%d %H:%M} UTC"
    return origin.server


def origin_json(record: ClusterRecord) -> dict[str, Json]:
    """All that is stored of it; what belongs to the other kind of origin is null."""
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
    """What a snapshot was made of, as fields of a table."""
    return dict(snapshot) if isinstance(snapshot, Mapping) else {}
