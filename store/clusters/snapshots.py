"""The content of snapshot clusters, in parts: compressed by the caller, encrypted here like credentials.

A part is bound to its cluster, its import and its number, so that none can replace another. The cluster's row has the
id of its import: a reader gets all parts of one import, or an error if there is a newer import.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.clusters.cluster import DEFAULT_IDENTITY, ClusterId, ClusterRecord, NewSnapshot
from store.clusters.clusterrows import find_named, record_of, seal_credential, stored_origin
from store.database.database import Database
from store.database.tables import Cluster, SnapshotPart
from store.errors import NameTaken, NotFound
from store.keys.encryption import Cipher, key_version_of
from store.utctime import utc_now

_FLUSHED_PARTS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSnapshot:
    """A stored snapshot cluster, and the cluster that it replaced."""

    record: ClusterRecord
    replaced: ClusterRecord | None


@dataclass(frozen=True, slots=True)
class SnapshotKey:
    """The key of the parts of one import of one cluster."""

    cluster_id: str
    import_id: str


class Snapshots:
    """The repository of snapshots' content; raises `StoreUnavailable` if the database does not answer."""

    def __init__(self, database: Database, cipher: Cipher, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    async def put(self, new: NewSnapshot, parts: AsyncIterator[bytes]) -> StoredSnapshot:
        """Registers a snapshot cluster with its parts, or replaces the snapshot of that name, in one transaction.

        A replaced one keeps its id and time of creation, and its labels and description if the new ones are None.

        Raises:
            NameTaken: The name is that of a cluster with a connection, which a snapshot never replaces.
        """
        try:
            async with self._database.write() as session:
                old = await find_named(session, new.name, is_locked=True)
                replaced = None if old is None else record_of(old)
                row = await self._put_row(session, new, old)
                record = record_of(row)
                await self._put_parts(session, SnapshotKey(record.id, new.origin.import_id), parts)
            return StoredSnapshot(record=record, replaced=replaced)
        except IntegrityError as error:
            raise NameTaken(new.name, f"A cluster named {new.name} was registered meanwhile. Try again.") from error

    async def parts(self, key: SnapshotKey, first: int, last: int) -> list[bytes]:
        """Returns the encrypted parts with these numbers, both included; `opened` decrypts them.

        Raises:
            NotFound: The snapshot was replaced or removed.
        """
        statement = (
            select(SnapshotPart.content)
            .where(col(SnapshotPart.cluster_id) == key.cluster_id, col(SnapshotPart.import_id) == key.import_id)
            .where(col(SnapshotPart.number).between(first, last))
            .order_by(col(SnapshotPart.number))
        )
        async with self._database.read() as session:
            sealed = list(await session.exec(statement))
        if len(sealed) != last - first + 1:
            raise NotFound(key.cluster_id, "The snapshot was replaced or removed.")
        return sealed

    def opened(self, sealed: bytes, key: SnapshotKey, number: int) -> bytes:
        """Returns a decrypted part; it computes for milliseconds, so call it outside the event loop.

        Raises:
            CredentialUnreadable: It was changed or moved, or its key is missing.
        """
        return self._cipher.open(sealed, cluster_id=key.cluster_id, column=_column(key.import_id, number))

    async def _put_row(self, session: AsyncSession, new: NewSnapshot, old: Cluster | None) -> Cluster:
        now = self._clock()
        if old is None:
            row = self._row(new, ClusterId(str(uuid4())), now)
            session.add(row)
        elif old.snapshot is None:
            raise NameTaken(new.name, f"{new.name} is a cluster with a connection. Choose another name with --name.")
        else:
            await session.exec(delete(SnapshotPart).where(col(SnapshotPart.cluster_id) == old.id))
            row = self._row(new, ClusterId(old.id), now)
            row.created_at = old.created_at
            row.labels = old.labels if new.labels is None else row.labels
            row.description = old.description if new.description is None else row.description
            row = await session.merge(row)
        await session.flush()
        return row

    def _row(self, new: NewSnapshot, cluster_id: ClusterId, now: datetime) -> Cluster:
        row = Cluster(
            id=cluster_id,
            name=new.name,
            labels=dict(new.labels or {}),
            server="",
            ca_pem=None,
            tls_server_name=None,
            skip_tls_verify=False,
            proxy_url=None,
            description=new.description or "",
            credential=b"",
            credential_key_version=0,
            created_at=now,
            updated_at=now,
            snapshot=stored_origin(new.origin),
            identity=DEFAULT_IDENTITY.value,
        )
        seal_credential(row, b"", self._cipher)
        return row

    async def _put_parts(self, session: AsyncSession, key: SnapshotKey, parts: AsyncIterator[bytes]) -> None:
        number = 0
        async for part in parts:
            row = SnapshotPart(
                cluster_id=key.cluster_id, import_id=key.import_id, number=number, content=b"", key_version=0
            )
            seal_part(row, part, self._cipher)
            session.add(row)
            number += 1
            if number % _FLUSHED_PARTS == 0:
                await session.flush()
                session.expunge_all()
        await session.flush()


def seal_part(row: SnapshotPart, content: bytes, cipher: Cipher) -> None:
    """Encrypts content into its row, bound to it."""
    row.content = cipher.seal(content, cluster_id=row.cluster_id, column=_column(row.import_id, row.number))
    row.key_version = key_version_of(row.content)


def opened_part(row: SnapshotPart, cipher: Cipher) -> bytes:
    """Returns the decrypted content of a row; raises CredentialUnreadable."""
    return cipher.open(row.content, cluster_id=row.cluster_id, column=_column(row.import_id, row.number))


def _column(import_id: str, number: int) -> str:
    return f"snapshot part {import_id}/{number}"
