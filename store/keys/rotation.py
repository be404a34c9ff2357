"""Replacement of the encryption key while servers run: add a key, encrypt everything again, remove old keys.

Every cluster stays usable after each step. The new key is in the file before it encrypts anything, and an old one is
removed only when nothing needs it any more. Servers read the file again before they encrypt, and when they find an
unknown key version.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, func, select

from store.database.database import Database
from store.database.tables import Cluster, SnapshotPart
from store.errors import KeyRingError
from store.keys.encryption import Cipher
from store.keys.keyfile import KeyFile, change_key_file
from store.keys.keyring import KeyRing, KeySource
from store.keys.reencryption import Reencrypted, Reencryption

UNKNOWN: Final = 0
"""The version of parts that an older release stored after the column was added; the content has the real one."""

_BY_HAND: Final = (
    "The encryption keys come from FLEETGRAPH_ENCRYPTION_KEYS, which this command cannot change. All data is encrypted "
    "with v{current}. To rotate: create a key with openssl rand -base64 32, add it as v{next}:KEY after the others on "
    "every replica and restart them. Then run this command again, and remove the old key when fleetgraph keys list "
    "shows it as unused."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """The result of a rotation.

    Attributes:
        version: The key that encrypts all data now, except unreadable data.
        is_new: Whether this call created it; False if another process or an interrupted rotation did.
    """

    version: int
    is_new: bool
    reencrypted: Reencrypted


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """The unused keys.

    Attributes:
        versions: Their versions.
        is_done: Whether they were removed; False if the keys come from the environment.
    """

    versions: tuple[int, ...]
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """The data that one key encrypts.

    Attributes:
        clusters: The names of the clusters with credentials under this key, sorted.
        parts: The number of parts of snapshots under this key.
    """

    clusters: tuple[str, ...] = ()
    parts: int = 0


async def key_versions_in_use(database: Database) -> frozenset[int]:
    """Returns the versions of the keys of all stored data."""
    async with database.read() as session:
        credentials = set(await session.exec(select(Cluster.credential_key_version).distinct()))
        parts = set(await session.exec(select(SnapshotPart.key_version).distinct()))
    return frozenset(credentials | parts) - {UNKNOWN}


async def key_use(database: Database) -> Mapping[int, KeyUse]:
    """Returns the data of each key in use, lowest version first."""
    names: dict[int, list[str]] = {}
    async with database.read() as session:
        for version, name in await session.exec(select(Cluster.credential_key_version, Cluster.name)):
            names.setdefault(version, []).append(name)
        counted = select(SnapshotPart.key_version, func.count()).group_by(col(SnapshotPart.key_version))
        parts = dict((await session.exec(counted)).all())
    return {
        version: KeyUse(clusters=tuple(sorted(names.get(version, ()))), parts=parts.get(version, 0))
        for version in sorted({*names, *parts})
    }


class Rotation:
    """The rotation of the keys of one database."""

    def __init__(self, database: Database, keys: KeySource) -> None:
        self._database = database
        self._keys = keys

    async def rotate(self, *, on_done: Callable[[int], None] = lambda _: None) -> Rotated:
        """Adds a key and encrypts everything again with it; finishes a running or interrupted rotation instead.

        Two concurrent rotations add one key. `on_done` is called with the number of rows of each transaction.

        Raises:
            KeyRingError: The keys cannot be changed here; the message has the way out.
        """
        seen = self._keys.sealing().current_version
        if await key_versions_in_use(self._database) - {seen}:
            finished = await self._reencrypt(on_done)
            if finished.clusters or finished.parts or not finished.unreadable:
                return Rotated(version=seen, is_new=False, reencrypted=finished)
        is_new = await self._add_key(seen)
        reencrypted = await self._reencrypt(on_done)
        return Rotated(version=self._keys.sealing().current_version, is_new=is_new, reencrypted=reencrypted)

    async def prune(self) -> Pruned:
        """Removes the unused keys, except the current one.

        Raises:
            KeyRingError: The file cannot be changed.
        """
        needed = await key_versions_in_use(self._database)
        if not isinstance(self._keys, KeyFile):
            return Pruned(versions=_unneeded(self._keys.sealing(), needed), is_done=False)
        dropped: list[KeyRing] = []

        def without_unneeded(ring: KeyRing) -> KeyRing:
            versions = _unneeded(ring, needed)
            dropped[:] = [ring] if versions else []
            return ring.without(versions) if versions else ring

        remaining = await asyncio.to_thread(change_key_file, self._keys.path, without_unneeded)
        if not dropped:
            return Pruned(versions=(), is_done=True)
        before = dropped[0]
        late = set(await key_versions_in_use(self._database)).difference(remaining.versions)
        late &= set(before.versions)
        if late:  # encrypted between the query and the change, by a process with the old file
            await asyncio.to_thread(change_key_file, self._keys.path, lambda ring: ring.with_keys_of(before, late))
        return Pruned(versions=_unneeded(before, needed | late), is_done=True)

    async def _reencrypt(self, on_done: Callable[[int], None]) -> Reencrypted:
        return await Reencryption(self._database, Cipher(self._keys), on_done=on_done).with_current_key()

    async def _add_key(self, seen: int) -> bool:
        """Adds a key to the file unless another process has; returns whether this one did."""
        if not isinstance(self._keys, KeyFile):
            raise KeyRingError(_BY_HAND.format(current=seen, next=seen + 1))

        added: list[int] = []

        def with_new_key(ring: KeyRing) -> KeyRing:
            if ring.current_version != seen:
                return ring
            added.append(seen + 1)
            return ring.with_new_key()

        await asyncio.to_thread(change_key_file, self._keys.path, with_new_key)
        return bool(added)


def _unneeded(ring: KeyRing, needed: frozenset[int]) -> tuple[int, ...]:
    return tuple(version for version in ring.versions if version not in needed and version != ring.current_version)
