"""Values of the registry of clusters. Constructors refuse values that cannot be stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType, TypeAlias
from urllib.parse import urlsplit

from store.errors import InvalidValue
from store.names import require_cluster_name, require_labels, require_text

ClusterId = NewType("ClusterId", str)
OpenCredential: TypeAlias = Callable[[], bytes]


class IdentityMode(StrEnum):
    """The way in which a cluster distinguishes callers who are not administrators."""

    SERVICE_ACCOUNT = "service-account"
    IMPERSONATION = "impersonation"


DEFAULT_IDENTITY: Final = IdentityMode.SERVICE_ACCOUNT
"""A service account has only the rights that are granted here, not those of the cluster's own users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConnection:
    """The connection to an API server. It is stored unencrypted, so it must not have secrets.

    Attributes:
        server: The URL of the API server.
        ca_pem: The certificate authorities; None means those of the system.
        tls_server_name: The name in its certificate, if not that of the URL.
        skip_tls_verify: Whether its certificate is not verified.
        proxy_url: The proxy.
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
    """The origin of a snapshot cluster, in place of a connection.

    Attributes:
        import_id: The unique id of the import.
        file_name: The name of the imported file or folder, without its path.
        taken_at: The time of the snapshot.
        version: The release of its API server, or `unknown`.
        objects: The number of objects.
        kinds: The number of kinds.
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
    """A snapshot cluster to register; `NewCluster` documents the common fields."""

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
        connection: Its connection.
        credential: Opaque bytes; stored encrypted.
        labels: None means none for a new cluster, and no change for a replaced one.
        description: None has the same meaning.
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
        identity: The way in which it distinguishes callers with grants; unused for a snapshot.
        prometheus: The address of its Prometheus; None for a snapshot. Opaque text without secrets.
    """

    id: ClusterId
    name: str
    labels: Mapping[str, str] = field(hash=False)
    connection: ClusterConnection | SnapshotOrigin
    description: str
    created_at: datetime
    updated_at: datetime
    identity: IdentityMode = DEFAULT_IDENTITY
    prometheus: str | None = None

    @property
    def server(self) -> str | None:
        """Returns the URL of the API server; None for a snapshot."""
        return self.connection.server if isinstance(self.connection, ClusterConnection) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCluster:
    """A registered cluster with access to its credential, which is decrypted when it is used.

    Attributes:
        record: The cluster.
        open_credential: Returns the decrypted credential; raises CredentialUnreadable. It is not kept here.
    """

    record: ClusterRecord
    open_credential: OpenCredential = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFilter:
    """A filter of clusters. All attributes must match; None matches any cluster.

    Attributes:
        names: The cluster has one of these names; unknown ones are ignored.
        ids: The cluster has one of these ids; unknown ones are ignored.
        labels: The cluster has all of these labels with these values.
    """

    names: frozenset[str] | None = None
    ids: frozenset[ClusterId] | None = None
    labels: Mapping[str, str] | None = field(default=None, hash=False)

    def matches(self, record: ClusterRecord) -> bool:
        """Returns whether the cluster matches."""
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
        raise InvalidValue(f"The {key} has a user or password, which would be stored unencrypted. Remove it.")
    if not usable:
        raise InvalidValue(f"The {key} is not a URL with a scheme and a host.")
