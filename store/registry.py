"""Everything that is stored, opened by one call: the way in for an application."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from store.audit.log import AuditLog
from store.clusters.clusters import Clusters
from store.clusters.grants import Grants
from store.clusters.snapshots import Snapshots
from store.database.database import DEFAULT_TIMEOUT_S, Database
from store.database.url import DatabaseUrl
from store.errors import KeyRingError
from store.installation import Installations
from store.keys.encryption import Cipher
from store.keys.keyfile import KeyFile, create_key_file
from store.keys.keyring import HoldsKeys, KeyRing
from store.keyuse import key_versions_in_use
from store.resealing import Resealing
from store.rotation import Rotation
from store.tokens import Tokens


class Registry:
    """The clusters and tokens of one database, with its keys.

    Attributes:
        database: The database.
        clusters: The registered clusters.
        snapshots: The content of those that are snapshots.
        tokens: The API tokens.
        rotation: Replaces the encryption keys.
        audit: Who did what.
        grants: Who may see which clusters, and as what.
        installation: Which installation this is.
        created_key_file: The key file, if opening has just created it: losing it loses the credentials, so say so.
    """

    def __init__(self, database: Database, keys: HoldsKeys, *, created_key_file: Path | None = None) -> None:
        self.database = database
        self._keys = keys
        self.rotation = Rotation(database, keys)
        self.clusters = Clusters(database, Cipher(keys))
        self.snapshots = Snapshots(database, Cipher(keys))
        self.tokens = Tokens(database)
        self.audit = AuditLog(database)
        self.grants = Grants(database)
        self.installation = Installations(database)
        self.created_key_file = created_key_file

    @property
    def keys(self) -> KeyRing:
        """The encryption keys as they are now; KeyRingError if their file cannot be read any more."""
        return self._keys.sealing()

    @property
    def key_file(self) -> Path | None:
        """Where the keys are; None if they were given."""
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
            encryption_keys: Keys as `v1:<base64>,v2:<base64>`; they win over a file.
            key_file: The file to read the keys from, created with a new key if it is not there and nothing is sealed
                yet. None means beside a SQLite file, with its name and the suffix `.key`.
            timeout_s: The longest wait, in seconds, for each of a lock, a connection, a statement.

        Raises:
            KeyRingError: There are no keys, they are malformed, or one that a stored credential needs is missing.
            StoreError: Whatever `Database.open` and `Database.migrate` raise.
        """
        async with AsyncExitStack() as on_failure:
            database = await on_failure.enter_async_context(await Database.open(url, timeout_s=timeout_s))
            await database.migrate()
            needed = await key_versions_in_use(database)
            keys, created = await _find_keys(encryption_keys, key_file or _beside(database.url), create=not needed)
            keys.opening(needed).require(needed)
            await Resealing(database, Cipher(keys)).bound_to_connections()
            on_failure.pop_all()
        return cls(database, keys, created_key_file=created)

    async def check(self) -> None:
        """Tells whether requests can be served, for a readiness probe.

        Raises:
            StoreUnavailable: The database does not answer.
            KeyRingError: Another replica has sealed with a key that is missing here.
        """
        needed = await key_versions_in_use(self.database)
        self._keys.opening(needed).require(needed)

    async def close(self) -> None:
        """Writes what is pending and closes the database."""
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


async def _find_keys(text: str | None, key_file: Path | None, *, create: bool) -> tuple[HoldsKeys, Path | None]:
    """Returns the keys, and the key file if it was created now."""
    if text is not None:
        return KeyRing.parse(text), None
    if key_file is None:
        raise KeyRingError(
            "There is no encryption key. Set FLEETGRAPH_ENCRYPTION_KEYS to v1:<base64 of 32 random bytes> "
            "on every replica; make one with: openssl rand -base64 32"
        )
    is_new = create and await asyncio.to_thread(create_key_file, key_file)
    return await asyncio.to_thread(KeyFile, key_file), key_file if is_new else None
