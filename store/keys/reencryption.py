"""Encryption of stored data with the current key, a few rows a transaction.

It applies to data under an old key, and to credentials that are bound to their row only. After an interruption, each
row is still encrypted with one key of the ring, whose version it has. Several processes may run at once: one skips the
rows that another has locked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select, tuple_

from store.clusters.clusterrows import opened_credential, opened_unbound_credential, seal_credential
from store.clusters.snapshots import opened_part, seal_part
from store.database.database import Database
from store.database.tables import Binding, Cluster, SnapshotPart
from store.errors import CredentialUnreadable
from store.keys.encryption import Cipher

_CLUSTERS_AT_ONCE: Final = 50
_PARTS_AT_ONCE: Final = 8  # about a megabyte each


@dataclass(slots=True)
class Reencrypted:
    """The result.

    Attributes:
        clusters: The number of credentials that were encrypted again.
        parts: The number of parts of snapshots that were encrypted again.
        unreadable: Names or ids of clusters with data that cannot be decrypted; it is unchanged.
    """

    clusters: int = 0
    parts: int = 0
    unreadable: set[str] = field(default_factory=set)


class Reencryption:
    """The encryption of stored rows with the cipher's current key."""

    def __init__(self, database: Database, cipher: Cipher, *, on_done: Callable[[int], None] = lambda _: None) -> None:
        """Prepares the encryption; `on_done` is called with the number of rows of each finished transaction."""
        self._database = database
        self._cipher = cipher
        self._on_done = on_done
        self._reencrypted = Reencrypted()

    async def with_current_key(self) -> Reencrypted:
        """Encrypts all data again that is under another key."""
        version = self._cipher.key_version
        await self._clusters(col(Cluster.credential_key_version) != version)
        await self._parts(col(SnapshotPart.key_version) != version)
        return self._reencrypted

    async def bound_to_connections(self) -> Reencrypted:
        """Encrypts credentials again that are bound to their row only; one statement if there are none."""
        await self._clusters(col(Cluster.credential_binding) == Binding.ROW.value)
        return self._reencrypted

    async def _clusters(self, condition: ColumnElement[bool]) -> None:
        last: str | None = ""
        while last is not None:
            last = await self._some_clusters(condition, last)

    async def _some_clusters(self, condition: ColumnElement[bool], after: str) -> str | None:
        ids = select(Cluster.id).where(condition, col(Cluster.id) > after).order_by(Cluster.id).limit(_CLUSTERS_AT_ONCE)
        async with self._database.read() as session:
            keys = list(await session.exec(ids))
        if not keys:
            return None
        statement = select(Cluster).where(condition, col(Cluster.id).in_(keys)).order_by(Cluster.id).with_for_update()
        async with self._database.write() as session:
            rows = list(await session.exec(statement))
            count = sum(self._reencrypt_cluster(row) for row in rows)
        self._reencrypted.clusters += count
        self._on_done(count)
        return keys[-1]

    def _reencrypt_cluster(self, row: Cluster) -> bool:
        opened = opened_unbound_credential if row.credential_binding == Binding.ROW else opened_credential
        try:
            seal_credential(row, opened(row, self._cipher), self._cipher)
        except CredentialUnreadable:
            self._reencrypted.unreadable.add(row.name)
            return False
        return True

    async def _parts(self, condition: ColumnElement[bool]) -> None:
        last: tuple[str, str, int] | None = ("", "", -1)
        while last is not None:
            last = await self._some_parts(condition, last)

    async def _some_parts(
        self, condition: ColumnElement[bool], after: tuple[str, str, int]
    ) -> tuple[str, str, int] | None:
        key = (col(SnapshotPart.cluster_id), col(SnapshotPart.import_id), col(SnapshotPart.number))
        ids = select(*key).where(condition, tuple_(*key) > after).order_by(*key).limit(_PARTS_AT_ONCE)
        async with self._database.read() as session:
            keys = [(cluster, import_id, number) for cluster, import_id, number in await session.exec(ids)]
        if not keys:
            return None
        these = or_(
            *((key[0] == cluster) & (key[1] == import_id) & (key[2] == number) for cluster, import_id, number in keys)
        )
        statement = select(SnapshotPart).where(condition, these).order_by(*key).with_for_update()
        async with self._database.write() as session:
            rows = list(await session.exec(statement))
            count = sum(self._reencrypt_part(row) for row in rows)
        self._reencrypted.parts += count
        self._on_done(count)
        return keys[-1]

    def _reencrypt_part(self, row: SnapshotPart) -> bool:
        try:
            seal_part(row, opened_part(row, self._cipher), self._cipher)
        except CredentialUnreadable:
            self._reencrypted.unreadable.add(row.cluster_id)
            return False
        return True
