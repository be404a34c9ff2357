"""All repositories of the store, opened by one call."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from store.audit.log import AuditLog
from store.clusters.clusters import Clusters
from store.clusters.grants import Grants
from store.clusters.learnedtypes import LearnedTypesStore
from store.clusters.registered import RegisteredClusters
from store.clusters.snapshots import Snapshots
from store.database.database import DEFAULT_TIMEOUT_S, Database
from store.database.tables import Installation
from store.database.url import DatabaseUrl
from store.errors import KeyRingError
from store.keys.encryption import Cipher
from store.keys.keyfile import KeyFile, create_key_file
from store.keys.keyring import KeyRing, KeySource
from store.keys.reencryption import Reencryption
from store.keys.rotation import Rotation, key_versions_in_use
from store.tokens import Tokens

_ONLY: Final = 1
"""The number of the only row."""


class InstallationIds:
    """The id of this installation, shared by all replicas over one database.

    Its objects in clusters carry the id, so that it never changes those of another installation.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def id(self) -> str:
        """Returns the id, created at the first call; raises `StoreUnavailable` if the database does not answer."""
        return await self._read() or await self._create()

    async def _read(self) -> str | None:
        async with self._database.read() as session:
            row = await session.get(Installation, _ONLY)
        return None if row is None else row.id

    async def _create(self) -> str:
        row = Installation(number=_ONLY, id=str(uuid4()))
        try:
            async with self._database.write() as session:
                session.add(row)
        except IntegrityError:  # another replica was first
            return await self._read() or row.id
        return row.id


class Registry:
    """The clusters and tokens of one database, with its keys.

    Attributes:
        database: The database.
        clusters: The registered clusters.
        registered: The same in memory, for operations.
        snapshots: The content of those that are snapshots.
        types: Their custom types, as they were last learned.
        tokens: The API tokens.
        rotation: Replaces the encryption keys.
        audit: The audit events.
        grants: The grants.
        installation: The id of this installation.
        created_key_file: The key file, if it was just created: without it the credentials are lost, so announce it.
    """

    def __init__(self, database: Database, keys: KeySource, *, created_key_file: Path | None = None) -> None:
        self.database = database
        self._keys = keys
        self.rotation = Rotation(database, keys)
        self.clusters = Clusters(database, Cipher(keys))
        self.registered = RegisteredClusters(database, self.clusters)
        self.snapshots = Snapshots(database, Cipher(keys))
        self.types = LearnedTypesStore(database)
        self.tokens = Tokens(database)
        self.audit = AuditLog(database)
        self.grants = Grants(database)
        self.installation = InstallationIds(database)
        self.created_key_file = created_key_file

    @property
    def keys(self) -> KeyRing:
        """Returns the current encryption keys; raises KeyRingError if their file cannot be read any more."""
        return self._keys.sealing()

    @property
    def key_file(self) -> Path | None:
        """Returns the file of the keys; None if they come from the environment."""
        return self._keys.path if isinstance(self._keys, KeyFile) else None

    @classmethod
    async def open(
        cls,
        url: str | DatabaseUrl,
        *,
        encryption_keys: str | None = None,
        key_file: Path | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> Self:
        """Opens and migrates the database, and finds the keys.

        Args:
            url: The address of the database.
            encryption_keys: Keys as `v1:<base64>,v2:<base64>`; they take precedence over a file.
            key_file: The file of the keys, created with a new key if it does not exist and nothing is encrypted yet.
                None means next to a SQLite file, with its name and the suffix `.key`.
            timeout_s: The timeout in seconds, for each lock, connection and statement.

        Raises:
            KeyRingError: There are no keys, they are malformed, or a stored credential needs a missing one.
            StoreError: Any error of `Database.open` and `Database.migrate`.
        """
        async with AsyncExitStack() as on_failure:
            database = await on_failure.enter_async_context(await Database.open(url, timeout_s=timeout_s))
            await database.migrate()
            needed = await key_versions_in_use(database)
            keys, created = await _find_keys(encryption_keys, key_file or _beside(database.url), create=not needed)
            keys.opening(needed).require(needed)
            await Reencryption(database, Cipher(keys)).bound_to_connections()
            on_failure.pop_all()
        return cls(database, keys, created_key_file=created)

    async def check(self) -> None:
        """Checks that requests can be served, for a readiness probe.

        Raises:
            StoreUnavailable: The database does not answer.
            KeyRingError: Another replica has encrypted with a key that is missing here.
        """
        needed = await key_versions_in_use(self.database)
        self._keys.opening(needed).require(needed)

    async def close(self) -> None:
        """Writes the pending data and closes the database."""
        await self.tokens.drain()
        await self.database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def _beside(url: DatabaseUrl) -> Path | None:
    return None if url.file is None else url.file.with_suffix(".key")


async def _find_keys(text: str | None, key_file: Path | None, *, create: bool) -> tuple[KeySource, Path | None]:
    """Returns the keys, and the key file if it was just created."""
    if text is not None:
        return KeyRing.parse(text), None
    if key_file is None:
        raise KeyRingError(
            "There is no encryption key. Set FLEETGRAPH_ENCRYPTION_KEYS to v1:<base64 of 32 random bytes> "
            "on every replica; make one with: openssl rand -base64 32"
        )
    is_new = create and await asyncio.to_thread(create_key_file, key_file)
    return await asyncio.to_thread(KeyFile, key_file), key_file if is_new else None
