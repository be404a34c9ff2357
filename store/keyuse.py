"""Which keys are needed: how many rows are sealed with each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, func, select

from store.database.database import Database
from store.database.tables import Cluster, SnapshotPart

UNKNOWN: Final = 0
"""What a part says that an older release stored after the column was added; the part itself has its version inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """What one key seals.

    Attributes:
        clusters: Names of the clusters whose credentials it seals, in order.
        parts: How many parts of snapshots it seals.
    """

    clusters: tuple[str, ...] = ()
    parts: int = 0


async def key_versions_in_use(database: Database) -> frozenset[int]:
    """The versions of the keys that anything stored is sealed with."""
    async with database.read() as session:
        credentials = set(await session.exec(select(Cluster.credential_key_version).distinct()))
        parts = set(await session.exec(select(SnapshotPart.key_version).distinct()))
    return frozenset(credentials | parts) - {UNKNOWN}


async def key_use(database: Database) -> Mapping[int, KeyUse]:
    """What each key seals that seals anything, lowest version first."""
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
