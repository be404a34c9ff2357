"""The audit's table: acts are added, completed with how they ended, read and, when they are old, removed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.dialects import sqlite
from sqlmodel import col, delete, func, select

from store.audit.event import AuditAction, AuditEvent, AuditFilter, AuditOutcome, first_id
from store.database.database import Database
from store.database.tables import AuditRow
from store.names import is_storable

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_COMPLETED: Final = ("until", "count", "identity", "outcome", "code", "audit_ids")
"""What may change of an act that is stored."""

_PRUNED_AT_ONCE: Final = 5000
_USES: Final = (AuditAction.SECRET_READ, AuditAction.ADMINISTRATOR_USE, AuditAction.DENIAL)
"""What changed nothing."""


class AuditLog:
    """The repository of acts. Every call raises `StoreUnavailable` if the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, events: Sequence[AuditEvent]) -> None:
        """Stores acts, all or none; one that is there is completed."""
        if not events:
            return
        statement = self._insert()
        completed = statement.on_conflict_do_update(
            index_elements=["id"], set_={name: statement.excluded[name] for name in _COMPLETED}
        )
        async with self._database.write() as session:
            await (await session.connection()).execute(completed, [_values(event) for event in events])

    def _insert(self) -> "sqlite.Insert | postgresql.Insert":
        """In the dialect of the database: what is there already is none of SQL's own."""
        if self._database.url.file is not None:
            return sqlite.insert(AuditRow)
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415  slow to load

        return insert(AuditRow)

    async def page(self, *, first: int, before: str | None, wanted: AuditFilter) -> tuple[AuditEvent, ...]:
        """The newest acts first.

        Args:
            first: at most this many.
            before: only those older than the one with this id.
            wanted: which; a text that no database can hold is that of no act.
        """
        given = {name: value for name, value in asdict(wanted).items() if value is not None}
        if not all(is_storable(value) for value in given.values()):
            return ()
        statement = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(first)
        if before is not None:
            statement = statement.where(col(AuditRow.id) < before)
        for name, value in given.items():
            statement = statement.where(getattr(AuditRow, name) == value)
        async with self._database.read() as session:
            return tuple(_event(row) for row in await session.exec(statement))

    async def prune(self, before: datetime) -> int:
        """Removes acts that began earlier, in steps that hold no lock for long; returns how many."""
        removed = 0
        oldest = select(AuditRow.id).where(col(AuditRow.id) < first_id(before)).limit(_PRUNED_AT_ONCE)
        while True:
            async with self._database.write() as session:
                result = await session.exec(delete(AuditRow).where(col(AuditRow.id).in_(oldest)))
            removed += result.rowcount
            if result.rowcount < _PRUNED_AT_ONCE:
                return removed

    async def trim(self, most: int) -> int:
        """Removes the oldest acts beyond a number, but no changes, in steps as `prune`; returns how many."""
        removed = 0
        async with self._database.read() as session:
            extra = (await session.exec(select(func.count()).select_from(AuditRow))).one() - most
        while removed < extra:
            wanted = min(_PRUNED_AT_ONCE, extra - removed)
            uses = select(AuditRow.id).where(col(AuditRow.action).in_(_USES)).order_by(col(AuditRow.id)).limit(wanted)
            async with self._database.write() as session:
                result = await session.exec(delete(AuditRow).where(col(AuditRow.id).in_(uses)))
            removed += result.rowcount
            if result.rowcount < wanted:
                break
        return removed


def _values(event: AuditEvent) -> dict[str, Any]:
    return {**asdict(event), "audit_ids": list(event.audit_ids)}


def _event(row: AuditRow) -> AuditEvent:
    return AuditEvent(
        **{
            **row.model_dump(),
            "action": AuditAction(row.action),
            "outcome": AuditOutcome(row.outcome),
            "audit_ids": tuple(row.audit_ids),
        }
    )
