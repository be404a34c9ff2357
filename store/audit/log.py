"""The table of audit events: stored, completed with their outcome, read, and removed when they are old."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextvars import Context
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
"""The columns of a stored event that may change."""

_WRITES_AT_ONCE: Final = 256
_PRUNED_AT_ONCE: Final = 5000
_USES: Final = (
    AuditAction.SECRET_READ,
    AuditAction.SECRET_REVEAL,
    AuditAction.ADMINISTRATOR_USE,
    AuditAction.DENIAL,
)
"""Actions that change nothing."""


class AuditLog:
    """The repository of audit events. Every call raises `StoreUnavailable` if the database does not answer.

    Events that arrive during a write are stored together by the next one: each transaction waits for the disk.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[Sequence[AuditEvent], asyncio.Future[None]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, events: Sequence[AuditEvent]) -> None:
        """Stores events, all or none; an existing one is completed."""
        if not events:
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, stored))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting(), context=Context())
        await stored

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _WRITES_AT_ONCE))]
            latest = {event.id: event for events, _ in batch for event in events}
            try:
                await self._write(list(latest.values()))
            except Exception as error:  # noqa: BLE001  raised in the waiting tasks
                for _, stored in batch:
                    if not stored.done():
                        stored.set_exception(error)
            else:
                for _, stored in batch:
                    if not stored.done():
                        stored.set_result(None)

    async def _write(self, events: Sequence[AuditEvent]) -> None:
        statement = self._insert()
        completed = statement.on_conflict_do_update(
            index_elements=["id"], set_={name: statement.excluded[name] for name in _COMPLETED}
        )
        async with self._database.write() as session:
            await (await session.connection()).execute(completed, [_values(event) for event in events])

    def _insert(self) -> "sqlite.Insert | postgresql.Insert":
        """Returns an insert in the dialect of the database: standard SQL has no upsert."""
        if self._database.url.file is not None:
            return sqlite.insert(AuditRow)
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415  slow to load

        return insert(AuditRow)

    async def page(self, *, first: int, before: str | None, matching: AuditFilter) -> tuple[AuditEvent, ...]:
        """Returns events, the newest first.

        Args:
            first: The maximum number.
            before: Only events older than the one with this id.
            matching: The filter; a text that no database stores matches no event.
        """
        conditions = {name: value for name, value in asdict(matching).items() if value is not None}
        if not all(is_storable(value) for value in conditions.values()):
            return ()
        statement = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(first)
        if before is not None:
            statement = statement.where(col(AuditRow.id) < before)
        for name, value in conditions.items():
            statement = statement.where(getattr(AuditRow, name) == value)
        async with self._database.read() as session:
            return tuple(_event(row) for row in await session.exec(statement))

    async def prune(self, before: datetime) -> int:
        """Removes events that began earlier, in steps with short locks; returns their number."""
        removed = 0
        oldest = select(AuditRow.id).where(col(AuditRow.id) < first_id(before)).limit(_PRUNED_AT_ONCE)
        while True:
            async with self._database.write() as session:
                result = await session.exec(delete(AuditRow).where(col(AuditRow.id).in_(oldest)))
            removed += result.rowcount
            if result.rowcount < _PRUNED_AT_ONCE:
                return removed

    async def trim(self, most: int) -> int:
        """Removes the oldest events beyond a number, except changes, in steps as `prune`; returns their number."""
        removed = 0
        async with self._database.read() as session:
            extra = (await session.exec(select(func.count()).select_from(AuditRow))).one() - most
        while removed < extra:
            batch_size = min(_PRUNED_AT_ONCE, extra - removed)
            uses = (
                select(AuditRow.id).where(col(AuditRow.action).in_(_USES)).order_by(col(AuditRow.id)).limit(batch_size)
            )
            async with self._database.write() as session:
                result = await session.exec(delete(AuditRow).where(col(AuditRow.id).in_(uses)))
            removed += result.rowcount
            if result.rowcount < batch_size:
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
