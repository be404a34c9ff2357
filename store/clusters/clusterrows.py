"""Rows of registered clusters: their lookup, their values and their credentials."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.clusters.cluster import ClusterConnection, ClusterId, ClusterRecord, IdentityMode, SnapshotOrigin
from store.database.tables import Binding, Cluster
from store.errors import NotFound
from store.keys.encryption import Cipher, key_version_of
from store.names import is_storable

_COLUMN: Final = "credential"


async def find_named(session: AsyncSession, name: str, *, is_locked: bool = False) -> Cluster | None:
    """Returns a row, locked for a transaction that writes it; None for a name that no database stores."""
    statement = select(Cluster).where(Cluster.name == name)
    if is_locked:
        statement = statement.with_for_update()
    return (await session.exec(statement)).one_or_none() if is_storable(name) else None


async def named(session: AsyncSession, name: str, *, is_locked: bool = False) -> Cluster:
    """Returns a row as `find_named`; raises `NotFound`."""
    row = await find_named(session, name, is_locked=is_locked)
    if row is None:
        raise NotFound.cluster(name)
    return row


async def identified(session: AsyncSession, cluster_id: ClusterId) -> Cluster:
    """Returns the row of an id; raises `NotFound`."""
    row = await session.get(Cluster, cluster_id) if is_storable(cluster_id) else None
    if row is None:
        raise NotFound(cluster_id, f"No cluster has the id {cluster_id[:80]!r}.")
    return row


def seal_credential(row: Cluster, credential: bytes, cipher: Cipher) -> None:
    """Encrypts a credential into its row, bound to the row and to its current connection."""
    row.credential = cipher.seal(credential, cluster_id=row.id, column=_COLUMN, bound_to=_binding(row))
    row.credential_key_version = key_version_of(row.credential)
    row.credential_binding = Binding.CONNECTION.value


def opened_credential(row: Cluster, cipher: Cipher) -> bytes:
    """Returns the decrypted credential of a row.

    Raises:
        CredentialUnreadable: It was changed or moved, its key is missing, or the row has another connection than at
            the import, to which it must not be sent.
    """
    return SealedCredential.of(row, cipher).open()


@dataclass(frozen=True, slots=True)
class SealedCredential:
    """The encrypted credential of a row, with all that its decryption needs.

    Attributes:
        sealed: The encrypted credential.
        cluster_id: The id of its row.
        bound_to: The connection in its row.
    """

    sealed: bytes = field(repr=False)
    cluster_id: str
    bound_to: str
    cipher: Cipher

    @classmethod
    def of(cls, row: Cluster, cipher: Cipher) -> Self:
        """Returns the credential of a row."""
        return cls(row.credential, row.id, _binding(row), cipher)

    def open(self) -> bytes:
        """Returns the decrypted credential; raises as `opened_credential`."""
        return self.cipher.open(self.sealed, cluster_id=self.cluster_id, column=_COLUMN, bound_to=self.bound_to)


def opened_unbound_credential(row: Cluster, cipher: Cipher) -> bytes:
    """Returns a credential that is bound to its row only, for a new encryption and no other use."""
    return cipher.open(row.credential, cluster_id=row.id, column=_COLUMN)


def record_of(row: Cluster) -> ClusterRecord:
    """Returns the values of a row, without the credential."""
    return ClusterRecord(
        id=ClusterId(row.id),
        name=row.name,
        labels=row.labels,
        connection=_connection(row) if row.snapshot is None else origin_of(row.snapshot),
        description=row.description,
        created_at=row.created_at,
        updated_at=row.updated_at,
        identity=IdentityMode(row.identity),
        prometheus=row.prometheus,
    )


def origin_of(stored: dict[str, str | int]) -> SnapshotOrigin:
    """Returns the origin of a snapshot from its stored form."""
    return SnapshotOrigin(
        import_id=str(stored["importId"]),
        file_name=str(stored["fileName"]),
        taken_at=datetime.fromisoformat(str(stored["takenAt"])),
        version=str(stored["version"]),
        objects=int(stored["objects"]),
        kinds=int(stored["kinds"]),
    )


def stored_origin(origin: SnapshotOrigin) -> dict[str, str | int]:
    """Returns the stored form of an origin; the inverse of `origin_of`."""
    return {
        "importId": origin.import_id,
        "fileName": origin.file_name,
        "takenAt": origin.taken_at.isoformat(),
        "version": origin.version,
        "objects": origin.objects,
        "kinds": origin.kinds,
    }


def _binding(row: Cluster) -> str:
    """Returns the fields that decide on the receiver of a credential and on its protection, as JSON."""
    authorities = None if row.ca_pem is None else hashlib.sha256(row.ca_pem.encode()).hexdigest()
    is_snapshot = row.snapshot is not None
    fields = [row.server, authorities, row.tls_server_name, bool(row.skip_tls_verify), row.proxy_url, is_snapshot]
    return json.dumps(fields)


def _connection(row: Cluster) -> ClusterConnection:
    return ClusterConnection(
        server=row.server,
        ca_pem=row.ca_pem,
        tls_server_name=row.tls_server_name,
        skip_tls_verify=row.skip_tls_verify,
        proxy_url=row.proxy_url,
    )
