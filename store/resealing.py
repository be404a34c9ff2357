"""Sealing again what is sealed with an old key, or for its row alone: a few rows a transaction.

Whatever ends it in the middle, each row is sealed with one key that is in the ring, and says with which. Several
processes may do it at once: a row that one of them has locked is another's to skip.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select, tuple_

from store.clusters.rows import opened_credential, opened_unbound_credential, seal_credential
from store.clusters.snapshots import opened_part, seal_part
from store.database.database import Database
from store.database.tables import Binding, Cluster, SnapshotPart
from store.errors import CredentialUnreadable
from store.keys.encryption import Cipher

_CLUSTERS_AT_ONCE: Final = 50
_PARTS_AT_ONCE: Final = 8  # about a megabyte each


@dataclass(slots=True)
class Resealed:
    """What was done.

    Attributes:
        clusters: Credentials that were sealed again.
        parts: Parts of snapshots that were.
        unreadable: Names or ids of clusters with something that does not open, and stays as it is.
    """

    clusters: int = 0
    parts: int = 0
    unreadable: set[str] = field(default_factory=set)


class Resealing:
    """Seals with the cipher's current key."""

    def __init__(self, database: Database, cipher: Cipher, *, on_done: Callable[[int], None] = lambda _: None) -> None:
        """Takes what is called with the number of rows of each finished transaction."""
        self._database = database
        self._cipher = cipher
        self._on_done = on_done
        self._done = Resealed()

    async def with_current_key(self) -> Resealed:
        """Seals everything again that another key sealed."""
        version = self._cipher.key_version
        await self._clusters(col(Cluster.credential_key_version) != version)
        await self._parts(col(SnapshotPart.key_version) != version)
        return self._done

    async def bound_to_connections(self) -> Resealed:
        """Seals credentials again that are bound to their rows alone; costs one statement where there are none."""
        await self._clusters(col(Cluster.credential_binding) == Binding.ROW.value)
        return self._done

    async def _clusters(self, wanted: ColumnElement[bool]) -> None:
        last: str | None = ""
        while last is not None:
            last = await self._some_clusters(wanted, last)

    async def _some_clusters(self, wanted: ColumnElement[bool], after: str) -> str | None:
        ids = select(Cluster.id).where(wanted, col(Cluster.id) > after).order_by(Cluster.id).limit(_CLUSTERS_AT_ONCE)
        async with self._database.read() as session:
            found = list(await session.exec(ids))
        if not found:
            return None
        statement = select(Cluster).where(wanted, col(Cluster.id).in_(found)).order_by(Cluster.id).with_for_update()
        async with self._database.write() as session:
            rows = list(await session.exec(statement))
            done = sum(self._reseal_cluster(row) for row in rows)
        self._done.clusters += done
        self._on_done(done)
        return found[-1]

    def _reseal_cluster(self, row: Cluster) -> bool:
        opened = opened_unbound_credential if row.credential_binding == Binding.ROW else opened_credential
        try:
            seal_credential(row, opened(row, self._cipher), self._cipher)
        except CredentialUnreadable:
            self._done.unreadable.add(row.name)
            return False
        return True

    async def _parts(self, wanted: ColumnElement[bool]) -> None:
        last: tuple[str, str, int] | None = ("", "", -1)
        while last is not None:
            last = await self._some_parts(wanted, last)

    async def _some_parts(
        self, wanted: ColumnElement[bool], after: tuple[str, str, int]
    ) -> tuple[str, str, int] | None:
        key = (col(SnapshotPart.cluster_id), col(SnapshotPart.import_id), col(SnapshotPart.number))
        ids = select(*key).where(wanted, tuple_(*key) > after).order_by(*key).limit(_PARTS_AT_ONCE)
        async with self._database.read() as session:
            found = [(cluster, import_id, number) for cluster, import_id, number in await session.exec(ids)]
        if not found:
            return None
        these = or_(
            *((key[0] == cluster) & (key[1] == import_id) & (key[2] == number) for cluster, import_id, number in found)
        )
        statement = select(SnapshotPart).where(wanted, these).order_by(*key).with_for_update()
        async with self._database.write() as session:
            rows = list(await session.exec(statement))
            done = sum(self._reseal_part(row) for row in rows)
        self._done.parts += done
        self._on_done(done)
        return found[-1]

    def _reseal_part(self, row: SnapshotPart) -> bool:
        try:
            seal_part(row, opened_part(row, self._cipher), self._cipher)
        except CredentialUnreadable:
            self._done.unreadable.add(row.cluster_id)
            return False
        return True
