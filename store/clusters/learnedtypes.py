"""The custom types that were last learned of each cluster: opaque content, and its fingerprint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from store.clusters.cluster import ClusterId
from store.database.database import Database
from store.database.tables import LearnedTypesRow
from store.utctime import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedTypesRecord:
    """The types of one cluster.

    Attributes:
        fingerprint: Equal for equal types, whatever the cluster.
        content: Their description; its form is the caller's.
    """

    cluster_id: ClusterId
    fingerprint: str
    content: bytes = field(repr=False)


class LearnedTypesStore:
    """The repository of learned types; raises `StoreUnavailable` if the database does not answer.

    They are removed with their cluster.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> Mapping[ClusterId, LearnedTypesRecord]:
        """Returns the types of every cluster of which some were learned."""
        rows = await self._database.select(select(LearnedTypesRow))
        records = (
            LearnedTypesRecord(
                cluster_id=ClusterId(row.cluster_id), fingerprint=row.fingerprint, content=bytes(row.content)
            )
            for row in rows
        )
        return {record.cluster_id: record for record in records}

    async def put(self, record: LearnedTypesRecord) -> bool:
        """Stores the types of a cluster in place of those before; returns False if the cluster was removed."""
        row = LearnedTypesRow(
            cluster_id=record.cluster_id,
            fingerprint=record.fingerprint,
            content=record.content,
            learned_at=self._clock(),
        )
        try:
            async with self._database.write() as session:
                await session.merge(row)
        except IntegrityError:  # there is no such cluster, or another replica was first
            return False
        return True
