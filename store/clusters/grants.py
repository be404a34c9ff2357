"""The registry of grants: the roles of users and groups in clusters."""

import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Final

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from store.clusters.grant import (
    GrantedClusters,
    GrantedRole,
    GrantId,
    GrantRecord,
    NewGrant,
    RoleKind,
    Subject,
    SubjectKind,
)
from store.database.database import Database
from store.database.tables import Grant
from store.errors import NameTaken, NotFound
from store.names import is_storable
from store.utctime import utc_now

_ID_BYTES: Final = 6
_MOST_IN_STATEMENT: Final = 500  # databases limit the values of a statement


class Grants:
    """The repository of grants. Every call raises `StoreUnavailable` if the database does not answer.

    Nothing is cached: the next call of any replica sees a removal.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def add(self, new: NewGrant) -> GrantRecord:
        """Stores a grant.

        Raises:
            NameTaken: The same grant exists; the message names its id.
        """
        async with self._database.write() as session:
            for known in map(_record, await session.exec(_of([new.subject]))):
                if (known.clusters, known.role) == (new.clusters, new.role):
                    raise NameTaken(known.id, f"The same grant exists: {known.id}.")
            row = _row(new, self._clock())
            session.add(row)
        return _record(row)

    async def remove(self, grant_id: str) -> GrantRecord:
        """Removes a grant and returns it; raises `NotFound`."""
        async with self._database.write() as session:
            row = await _identified(session, grant_id)
            await session.delete(row)
        return _record(row)

    async def get(self, grant_id: str) -> GrantRecord:
        """Returns one grant; raises `NotFound`."""
        async with self._database.read() as session:
            return _record(await _identified(session, grant_id))

    async def all(self) -> tuple[GrantRecord, ...]:
        """Returns every grant, ordered by subject, oldest first."""
        async with self._database.read() as session:
            return _sorted(map(_record, await session.exec(select(Grant))))

    async def of(self, subjects: Collection[Subject]) -> tuple[GrantRecord, ...]:
        """Returns the grants of any of these subjects, ordered by subject, oldest first."""
        storable = [subject for subject in subjects if is_storable(subject.name)]
        grants: list[GrantRecord] = []
        for start in range(0, len(storable), _MOST_IN_STATEMENT):
            grants += map(_record, await self._database.select(_of(storable[start : start + _MOST_IN_STATEMENT])))
        return _sorted(grants)


async def forget_cluster(session: AsyncSession, name: str) -> None:
    """Removes a cluster's name from all grants, within a transaction; those without another cluster are deleted."""
    named = await session.exec(select(Grant).where(col(Grant.cluster_names).is_not(None)))
    for row in named:
        others = [cluster for cluster in row.cluster_names or () if cluster != name]
        if not others:
            await session.delete(row)
        elif others != row.cluster_names:
            row.cluster_names = others
            session.add(row)


def _of(subjects: Collection[Subject]) -> SelectOfScalar[Grant]:
    named = [
        and_(
            col(Grant.subject_kind) == kind,
            col(Grant.subject_name).in_([subject.name for subject in subjects if subject.kind is kind]),
        )
        for kind in SubjectKind
    ]
    return select(Grant).where(or_(*named))


def _sorted(records: Iterable[GrantRecord]) -> tuple[GrantRecord, ...]:
    return tuple(sorted(records, key=lambda record: (record.subject, record.created_at, record.id)))


async def _identified(session: AsyncSession, grant_id: str) -> Grant:
    row = await session.get(Grant, grant_id) if is_storable(grant_id) else None
    if row is None:
        raise NotFound(grant_id, f"No grant has the id {grant_id[:80]!r}.")
    return row


def _row(new: NewGrant, now: datetime) -> Grant:
    return Grant(
        id=f"grant-{secrets.token_hex(_ID_BYTES)}",
        subject_kind=new.subject.kind.value,
        subject_name=new.subject.name,
        cluster_names=None if new.clusters.names is None else list(new.clusters.names),
        cluster_labels=None if new.clusters.labels is None else dict(new.clusters.labels),
        role_kind=new.role.kind.value,
        role_name=new.role.name,
        namespaces=None if new.role.namespaces is None else list(new.role.namespaces),
        created_at=now,
        created_by=new.created_by,
    )


def _record(row: Grant) -> GrantRecord:
    return GrantRecord(
        id=GrantId(row.id),
        subject=Subject(SubjectKind(row.subject_kind), row.subject_name),
        clusters=GrantedClusters(
            names=None if row.cluster_names is None else tuple(row.cluster_names), labels=row.cluster_labels
        ),
        role=GrantedRole(
            RoleKind(row.role_kind), row.role_name, None if row.namespaces is None else tuple(row.namespaces)
        ),
        created_at=row.created_at,
        created_by=row.created_by,
    )
