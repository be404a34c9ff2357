"""Replacing the encryption key while servers run: a new key, everything sealed again, old keys dropped.

Each step leaves every cluster usable. The new key is in the file before anything is sealed with it, and an old one
leaves the file only when nothing is sealed with it any more. Servers read the file again when they meet a key that they
do not know, and before they seal.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from store.database.database import Database
from store.errors import KeyRingError
from store.keys.encryption import Cipher
from store.keys.keyfile import KeyFile, change_key_file
from store.keys.keyring import HoldsKeys, KeyRing
from store.keyuse import key_versions_in_use
from store.resealing import Resealed, Resealing

_BY_HAND: Final = (
    "The encryption keys come from FLEETGRAPH_ENCRYPTION_KEYS, which this command cannot change. Everything is sealed "
    "with v{current}. To rotate: make a key with openssl rand -base64 32, add it as v{next}:KEY behind the others on "
    "every replica and restart them; then run this command again, and remove the old key when fleetgraph keys list "
    "shows that nothing needs it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What a rotation did.

    Attributes:
        version: The key that everything is sealed with now, except what is unreadable.
        is_new: Whether this call made it; not where another process had, or an earlier rotation was ended halfway.
    """

    version: int
    is_new: bool
    resealed: Resealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Which keys nothing needs any more.

    Attributes:
        versions: These.
        is_done: Whether they are gone; not where the keys come from the environment.
    """

    versions: tuple[int, ...]
    is_done: bool


class Rotation:
    """Rotates the keys of one database."""

    def __init__(self, database: Database, keys: HoldsKeys) -> None:
        self._database = database
        self._keys = keys

    async def rotate(self, *, on_done: Callable[[int], None] = lambda _: None) -> Rotated:
        """Adds a key, unless a rotation is under way or was not finished, and seals everything again with it.

        Two that rotate at once make one key. `on_done` is called with the number of rows of each finished transaction.

        Raises:
            KeyRingError: The keys cannot be changed here; the message says where they can.
        """
        seen = self._keys.sealing().current_version
        if await key_versions_in_use(self._database) - {seen}:
            finished = await self._reseal(on_done)
            if finished.clusters or finished.parts or not finished.unreadable:
                return Rotated(version=seen, is_new=False, resealed=finished)
        is_new = await self._add_key(seen)
        resealed = await self._reseal(on_done)
        return Rotated(version=self._keys.sealing().current_version, is_new=is_new, resealed=resealed)

    async def prune(self) -> Pruned:
        """Drops the keys, other than the current one, that nothing is sealed with.

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

        left = await asyncio.to_thread(change_key_file, self._keys.path, without_unneeded)
        if not dropped:
            return Pruned(versions=(), is_done=True)
        before = dropped[0]
        late = set(await key_versions_in_use(self._database)).difference(left.versions)
        late &= set(before.versions)
        if late:  # sealed between the look and the change, by a process that had read the old file
            await asyncio.to_thread(change_key_file, self._keys.path, lambda ring: ring.with_keys_of(before, late))
        return Pruned(versions=_unneeded(before, needed | late), is_done=True)

    async def _reseal(self, on_done: Callable[[int], None]) -> Resealed:
        return await Resealing(self._database, Cipher(self._keys), on_done=on_done).with_current_key()

    async def _add_key(self, seen: int) -> bool:
        """Adds a key to the file unless another process has added one; tells whether this one did."""
        if not isinstance(self._keys, KeyFile):
            raise KeyRingError(_BY_HAND.format(current=seen, next=seen + 1))

        made: list[int] = []

        def with_new_key(ring: KeyRing) -> KeyRing:
            if ring.current_version != seen:
                return ring
            made.append(seen + 1)
            return ring.with_new_key()

        await asyncio.to_thread(change_key_file, self._keys.path, with_new_key)
        return bool(made)


def _unneeded(ring: KeyRing, needed: frozenset[int]) -> tuple[int, ...]:
    return tuple(version for version in ring.versions if version not in needed and version != ring.current_version)
