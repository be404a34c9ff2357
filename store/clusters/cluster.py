"""The values that the registry of clusters takes and gives. Constructors refuse what could not be stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from urllib.parse import urlsplit

from store.errors import CredentialUnreadable, InvalidValue
from store.names import require_cluster_name, require_labels, require_text

ClusterId = NewType("ClusterId", str)


class IdentityMode(StrEnum):
    """How those who are no administrators are told apart towards a cluster."""

    SERVICE_ACCOUNT = "service-account"
    IMPERSONATION = "impersonation"


DEFAULT_IDENTITY: Final = IdentityMode.SERVICE_ACCOUNT
"""A service account has the rights that are granted here and no other, whatever else the cluster gives its users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConnection:
    """How an API server is reached. It is stored as it is, so no part of it may be a secret.

    Attributes:
        server: The URL of the API server.
        ca_pem: The certificates that its certificate must lead to; None means the system's.
        tls_server_name: The name its certificate must have, if not that of the URL.
        skip_tls_verify: Whether anyone may pose as the server.
        proxy_url: The proxy on the way there.
    """

    server: str
    ca_pem: str | None = None
    tls_server_name: str | None = None
    skip_tls_verify: bool = False
    proxy_url: str | None = None

    def __post_init__(self) -> None:
        _require_url("server", self.server)
        if self.proxy_url is not None:
            _require_url("proxy_url", self.proxy_url)
        require_text("ca_pem", self.ca_pem or "")
        require_text("tls_server_name", self.tls_server_name or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotOrigin:
    """What a snapshot cluster was made of. It stands in place of a connection: there is nothing to connect to.

    Attributes:
        import_id: Which import stored its content; another one for each import.
        file_name: The file or folder that was read, without the folders above it.
        taken_at: When the cluster was as the snapshot shows it.
        version: The release of its API server, or `unknown`.
        objects: How many it holds.
        kinds: Of how many kinds.
    """

    import_id: str
    file_name: str
    taken_at: datetime
    version: str
    objects: int
    kinds: int

    def __post_init__(self) -> None:
        require_text("file name", self.file_name)
        require_text("version", self.version)
        if self.taken_at.tzinfo is None:
            raise InvalidValue("The time of a snapshot needs a time zone.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSnapshot:
    """A snapshot cluster to register; see `NewCluster` for what it has in common with others."""

    name: str
    origin: SnapshotOrigin
    labels: Mapping[str, str] | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        require_cluster_name(self.name)
        require_labels(self.labels or {})
        require_text("description", self.description or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCluster:
    """A cluster to register.

    Attributes:
        name: A DNS label.
        connection: How to reach it.
        credential: Bytes that only the caller understands; stored encrypted.
        labels: None means none for a new cluster, and the same as before for a replaced one.
        description: None likewise.
    """

    name: str
    connection: ClusterConnection
    credential: bytes = field(repr=False)
    labels: Mapping[str, str] | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        require_cluster_name(self.name)
        require_labels(self.labels or {})
        require_text("description", self.description or "")
        if not self.credential:
            raise InvalidValue(f"Cluster {self.name} has an empty credential.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRecord:
    """A registered cluster, without its credential. Times are in UTC.

    Attributes:
        identity: How callers with grants are told apart there; a snapshot tells nobody apart.
    """

    id: ClusterId
    name: str
    labels: Mapping[str, str] = field(hash=False)
    connection: ClusterConnection | SnapshotOrigin
    description: str
    created_at: datetime
    updated_at: datetime
    identity: IdentityMode = DEFAULT_IDENTITY

    @property
    def server(self) -> str | None:
        """The URL of the API server; None for a snapshot."""
        return self.connection.server if isinstance(self.connection, ClusterConnection) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCluster:
    """A registered cluster with its credential in the clear.

    Attributes:
        record: The cluster.
        credential: What was registered, or why it cannot be read: one damaged credential costs one cluster, not all.
    """

    record: ClusterRecord
    credential: bytes | CredentialUnreadable = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFilter:
    """Which clusters are meant. All given parts must match; None does not filter.

    Attributes:
        names: The cluster has one of these names; unknown ones are no error.
        ids: The cluster has one of these ids; likewise.
        labels: The cluster has all of these labels with these values.
    """

    names: frozenset[str] | None = None
    ids: frozenset[ClusterId] | None = None
    labels: Mapping[str, str] | None = field(default=None, hash=False)

    def matches(self, record: ClusterRecord) -> bool:
        """Tells whether the cluster is meant."""
        return (
            (self.names is None or record.name in self.names)
            and (self.ids is None or record.id in self.ids)
            and (self.labels or {}).items() <= record.labels.items()
        )


EVERY_CLUSTER: Final = ClusterFilter()


def _require_url(key: str, url: str) -> None:
    require_text(key, url)
    try:
        parts = urlsplit(url)
        usable = bool(parts.scheme and parts.hostname)
        has_user = "@" in parts.netloc
    except ValueError:
        raise InvalidValue(f"The {key} is not a URL.") from None
    if has_user:
        raise InvalidValue(f"The {key} holds a user or password, which would be stored in the clear. Remove it.")
    if not usable:
        raise InvalidValue(f"The {key} is not a URL with a scheme and a host.")
