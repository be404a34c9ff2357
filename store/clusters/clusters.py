"""The registry of clusters: connections by name, with encrypted credentials."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.clusters.cluster import (
    DEFAULT_IDENTITY,
    EVERY_CLUSTER,
    ClusterFilter,
    ClusterId,
    ClusterRecord,
    IdentityMode,
    NewCluster,
    OpenedCluster,
)
from store.clusters.clusterrows import (
    SealedCredential,
    identified,
    named,
    opened_credential,
    record_of,
    seal_credential,
)
from store.clusters.grants import forget_cluster
from store.database.database import Database
from store.database.tables import Cluster
from store.errors import InvalidValue, NameTaken, NotFound
from store.keys.encryption import Cipher
from store.names import is_storable, require_labels, require_text
from store.utctime import utc_now

_AT_ONCE: Final = 50
"""The number of rows after which other tasks have a turn of the event loop."""
_MOST_IN_STATEMENT: Final = 500  # databases limit the values of a statement; beyond it, all rows are read and filtered


class Clusters:
    """The repository of clusters.

    Every call is one transaction, and nothing is cached, unlike in `store.clusters.registered`: the next call of any
    replica sees each write.
    Every call raises `StoreUnavailable` if the database does not answer.
    """

    def __init__(self, database: Database, cipher: Cipher, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    async def add(self, new: NewCluster, *, overwrite: bool = False) -> ClusterRecord:
        """Registers a cluster.

        Args:
            new: The cluster.
            overwrite: Whether a cluster of that name gets the new connection and credential. It keeps its id, time of
                creation, identity and Prometheus, and its labels and description if the new ones are None.

        Raises:
            NameTaken: The name exists and `overwrite` is False, or it is that of a snapshot, never overwritten.
        """
        try:
            return await self._insert(new)
        except NameTaken:
            if not overwrite:
                raise
            return await self._overwrite(new)

    async def get(self, name: str) -> ClusterRecord:
        """Returns the cluster of that name; raises `NotFound`."""
        rows = await self._database.select(select(Cluster).where(Cluster.name == name)) if is_storable(name) else []
        if not rows:
            raise NotFound.cluster(name)
        return record_of(rows[0])

    async def get_by_id(self, cluster_id: ClusterId) -> ClusterRecord:
        """Returns the cluster of that id; raises `NotFound`."""
        async with self._database.read() as session:
            return record_of(await identified(session, cluster_id))

    async def select(self, chosen: ClusterFilter = EVERY_CLUSTER) -> tuple[ClusterRecord, ...]:
        """Returns the chosen clusters, ordered by name."""
        return tuple(record for record, _ in await self._chosen(chosen))

    async def open(self, chosen: ClusterFilter = EVERY_CLUSTER) -> tuple[OpenedCluster, ...]:
        """Returns the chosen clusters, ordered by name, with one SQL statement; their credentials stay encrypted."""
        opened: list[OpenedCluster] = []
        for record, row in await self._chosen(chosen):
            opened.append(OpenedCluster(record=record, open_credential=SealedCredential.of(row, self._cipher).open))
            if not len(opened) % _AT_ONCE:
                await asyncio.sleep(0)
        return tuple(opened)

    async def credential(self, cluster_id: ClusterId) -> bytes:
        """Returns the credential of one cluster.

        Raises:
            NotFound: No cluster has that id.
            CredentialUnreadable: It cannot be decrypted, or the row's connection was changed.
        """
        async with self._database.read() as session:
            row = await identified(session, cluster_id)
        return opened_credential(row, self._cipher)

    async def change_labels(self, name: str, *, put: Mapping[str, str], remove: Collection[str] = ()) -> ClusterRecord:
        """Removes some labels of a cluster, then sets others; concurrent changes of different labels are both stored.

        Raises:
            NotFound: No cluster has that name.
            InvalidValue: Kubernetes refuses such a label.
        """
        require_labels(put)
        async with self._database.write() as session:
            row = await named(session, name, is_locked=True)
            row.labels = {key: value for key, value in row.labels.items() if key not in remove} | dict(put)
            row.updated_at = self._clock()
            session.add(row)
        return record_of(row)

    async def set_identity(self, name: str, mode: IdentityMode) -> ClusterRecord:
        """Sets the way in which a cluster distinguishes callers with grants.

        Raises:
            NotFound: No cluster has that name.
            InvalidValue: The cluster is a snapshot.
        """
        async with self._changed(name, "it has no server that could distinguish callers") as row:
            row.identity = mode.value
        return record_of(row)

    async def set_prometheus(self, name: str, address: str | None) -> ClusterRecord:
        """Sets the address of a cluster's Prometheus, which must have no secrets; None removes it.

        Raises:
            NotFound: No cluster has that name.
            InvalidValue: The cluster is a snapshot, or the address cannot be stored.
        """
        require_text("address", address or "")
        async with self._changed(name, "no Prometheus records its usage") as row:
            row.prometheus = address
        return record_of(row)

    async def remove(self, name: str) -> None:
        """Removes a cluster and its credential; raises `NotFound`.

        Its name is also removed from grants: a cluster that is registered under it later is another one.
        """
        async with self._database.write() as session:
            await session.delete(await named(session, name, is_locked=True))
            await forget_cluster(session, name)

    @asynccontextmanager
    async def _changed(self, name: str, without: str) -> AsyncIterator[Cluster]:
        """Stores the changes of a cluster; raises NotFound, and InvalidValue for a snapshot, with a reason."""
        async with self._database.write() as session:
            row = await named(session, name, is_locked=True)
            if row.snapshot is not None:
                raise InvalidValue(f"{name} is a snapshot: {without}.")
            yield row
            row.updated_at = self._clock()
            session.add(row)

    async def _insert(self, new: NewCluster) -> ClusterRecord:
        now = self._clock()
        row = self._sealed(new, ClusterId(str(uuid4())), created_at=now, updated_at=now, identity=DEFAULT_IDENTITY)
        try:
            async with self._database.write() as session:
                session.add(row)
        except IntegrityError as error:
            raise NameTaken(
                new.name, f"A cluster named {new.name} exists. Overwrite it, or choose another name."
            ) from error
        return record_of(row)

    async def _overwrite(self, new: NewCluster) -> ClusterRecord:
        async with self._database.write() as session:
            old = await named(session, new.name, is_locked=True)
            if old.snapshot is not None:
                raise NameTaken(new.name, f"{new.name} is a snapshot. Remove it, or choose another name.")
            labels = old.labels if new.labels is None else new.labels
            description = old.description if new.description is None else new.description
            merged = replace(new, labels=labels, description=description)
            row = self._sealed(
                merged,
                ClusterId(old.id),
                created_at=old.created_at,
                updated_at=self._clock(),
                identity=IdentityMode(old.identity),
            )
            row.prometheus = old.prometheus
            await session.merge(row)
        return record_of(row)

    def _sealed(
        self,
        new: NewCluster,
        cluster_id: ClusterId,
        *,
        created_at: datetime,
        updated_at: datetime,
        identity: IdentityMode,
    ) -> Cluster:
        row = Cluster(
            id=cluster_id,
            name=new.name,
            labels=dict(new.labels or {}),
            server=new.connection.server,
            ca_pem=new.connection.ca_pem,
            tls_server_name=new.connection.tls_server_name,
            skip_tls_verify=new.connection.skip_tls_verify,
            proxy_url=new.connection.proxy_url,
            description=new.description or "",
            credential=b"",
            credential_key_version=0,
            created_at=created_at,
            updated_at=updated_at,
            identity=identity.value,
        )
        seal_credential(row, new.credential, self._cipher)
        return row

    async def _chosen(self, chosen: ClusterFilter) -> list[tuple[ClusterRecord, Cluster]]:
        pairs: list[tuple[ClusterRecord, Cluster]] = []
        for row in await self._database.select(_narrowed(chosen)):
            pairs.append((record_of(row), row))
            if not len(pairs) % _AT_ONCE:
                await asyncio.sleep(0)
        # Sorted here: the order of PostgreSQL depends on the locale of the server.
        return sorted((pair for pair in pairs if chosen.matches(pair[0])), key=lambda pair: pair[0].name)


def _narrowed(chosen: ClusterFilter) -> SelectOfScalar[Cluster]:
    statement = select(Cluster)
    if chosen.names is not None and len(chosen.names) <= _MOST_IN_STATEMENT:
        statement = statement.where(col(Cluster.name).in_([name for name in chosen.names if is_storable(name)]))
    if chosen.ids is not None and len(chosen.ids) <= _MOST_IN_STATEMENT:
        statement = statement.where(
            col(Cluster.id).in_([cluster_id for cluster_id in chosen.ids if is_storable(cluster_id)])
        )
    return statement
