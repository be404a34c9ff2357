"""The tables. A change here needs a migration; no `repr` shows a secret column.

(This module must not postpone the evaluation of annotations: SQLModel reads them.)
"""

from datetime import UTC, datetime
from enum import IntEnum
from typing import ClassVar, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A column of times in UTC.

    SQLite stores no zone: its values are written and read in UTC. A time without a zone is ambiguous, so it is refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Converts a time to UTC before it is written."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Adds the zone to a time that was read."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Binding(IntEnum):
    """The binding of an encrypted credential; migrations contain the numbers."""

    ROW = 1  # its row only, as in old releases
    CONNECTION = 2  # its row and the connection in it


class Table(SQLModel):
    """The base of the tables, with names of constraints for later migrations."""

    metadata: ClassVar[MetaData] = METADATA


class Cluster(Table, table=True):
    """One registered API server, or a snapshot, whose origin is `snapshot`, with an empty `server`.

    `credential` is encrypted for this row (see `store.keys.encryption`).
    """

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    name: str = Field(sa_column=Column(String(63), nullable=False, unique=True))
    labels: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    server: str = Field(sa_column=Column(Text, nullable=False))
    ca_pem: str | None = Field(sa_column=Column(Text, nullable=True))
    tls_server_name: str | None = Field(sa_column=Column(Text, nullable=True))
    skip_tls_verify: bool = Field(sa_column=Column(Boolean, nullable=False))
    proxy_url: str | None = Field(sa_column=Column(Text, nullable=True))
    description: str = Field(sa_column=Column(Text, nullable=False))
    credential: bytes = Field(repr=False, sa_column=Column(LargeBinary, nullable=False))
    credential_key_version: int = Field(sa_column=Column(Integer, nullable=False))
    credential_binding: int = Field(
        default=Binding.CONNECTION.value,
        sa_column=Column(Integer, nullable=False, server_default=str(Binding.ROW.value)),
    )
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    snapshot: dict[str, str | int] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    identity: str = Field(sa_column=Column(String(15), nullable=False, server_default="service-account"))
    prometheus: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class SnapshotPart(Table, table=True):
    """One part of a snapshot cluster's content, encrypted for this row; a new import replaces all of its parts."""

    __tablename__ = "snapshot_part"

    cluster_id: str = Field(sa_column=Column(ForeignKey("cluster.id", ondelete="CASCADE"), primary_key=True))
    import_id: str = Field(sa_column=Column(String(36), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    content: bytes = Field(repr=False, sa_column=Column(LargeBinary, nullable=False))
    key_version: int = Field(sa_column=Column(Integer, nullable=False, server_default="0", index=True))


class LearnedTypesRow(Table, table=True):
    """The custom types that were last learned of one cluster; see `store.clusters.learnedtypes`."""

    __tablename__ = "learned_types"

    cluster_id: str = Field(sa_column=Column(ForeignKey("cluster.id", ondelete="CASCADE"), primary_key=True))
    fingerprint: str = Field(sa_column=Column(String(64), nullable=False))
    content: bytes = Field(repr=False, sa_column=Column(LargeBinary, nullable=False))
    learned_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ApiToken(Table, table=True):
    """One API token: found by `prefix`, compared by `secret_sha256`; the token itself is not stored.

    Its bearer is the caller `user_name`, a member of `groups`.
    """

    __tablename__ = "api_token"

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    name: str = Field(sa_column=Column(String(63), nullable=False, unique=True))
    prefix: str = Field(sa_column=Column(String(12), nullable=False, unique=True))
    secret_sha256: bytes = Field(repr=False, sa_column=Column(LargeBinary(32), nullable=False))
    user_name: str = Field(sa_column=Column(String(256), nullable=False))
    groups: list[str] = Field(sa_column=Column(JSON, nullable=False))
    is_administrator: bool = Field(sa_column=Column(Boolean, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    last_used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class AuditRow(Table, table=True):
    """One audit event, or several equal ones; see `store.audit.event`. Ids are ordered by time."""

    __tablename__ = "audit_event"

    id: str = Field(sa_column=Column(String(32), primary_key=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    until: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    count: int = Field(sa_column=Column(Integer, nullable=False))
    action: str = Field(sa_column=Column(String(32), nullable=False))
    actor: str = Field(sa_column=Column(Text, nullable=False, index=True))
    request_id: str = Field(sa_column=Column(Text, nullable=False, index=True))
    cluster: str = Field(sa_column=Column(Text, nullable=False, index=True))
    identity: str = Field(sa_column=Column(Text, nullable=False))
    verb: str = Field(sa_column=Column(Text, nullable=False))
    resource: str = Field(sa_column=Column(Text, nullable=False))
    namespace: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    outcome: str = Field(sa_column=Column(String(16), nullable=False))
    code: str = Field(sa_column=Column(Text, nullable=False))
    audit_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))


class Grant(Table, table=True):
    """One grant: the clusters of one user or group, by name or by labels, and its role there."""

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    subject_kind: str = Field(sa_column=Column(String(5), nullable=False))
    subject_name: str = Field(sa_column=Column(String(512), nullable=False))
    cluster_names: list[str] | None = Field(sa_column=Column(JSON(none_as_null=True), nullable=True))
    cluster_labels: dict[str, str] | None = Field(sa_column=Column(JSON(none_as_null=True), nullable=True))
    role_kind: str = Field(sa_column=Column(String(11), nullable=False))
    role_name: str = Field(sa_column=Column(String(253), nullable=False))
    namespaces: list[str] | None = Field(sa_column=Column(JSON(none_as_null=True), nullable=True))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    created_by: str = Field(sa_column=Column(Text, nullable=False))

    __table_args__ = (Index("ix_grant_subject_name", "subject_name", "subject_kind"),)


class RegistryGeneration(Table, table=True):
    """The number of changes of clusters and grants: one row, which triggers of the database raise."""

    __tablename__ = "registry_generation"

    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    value: int = Field(sa_column=Column(BigInteger, nullable=False))


class Installation(Table, table=True):
    """The id of the installation of this database: one row, created at its first use."""

    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: str = Field(sa_column=Column(String(36), nullable=False))
