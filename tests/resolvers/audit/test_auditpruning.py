"""Removal of audit events: at the start, and after many were written."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from resolvers.audit.policy import AuditPolicy
from resolvers.audit.pruning import Pruning
from server.serve.memoryaudit import MemoryAudit
from store.errors import StoreUnavailable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = AuditPolicy(retention=timedelta(days=1), most_events=7)


class Log(MemoryAudit):
    """Records the arguments of removals."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[datetime | int] = []
        self.is_away = False

    async def prune(self, before: datetime) -> int:
        if self.is_away:
            raise StoreUnavailable("The database is locked.")
        self.asked.append(before)
        return 0

    async def trim(self, most: int) -> int:
        self.asked.append(most)
        return 3


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_it_is_done_at_the_start_and_after_many_new_events(caplog: pytest.LogCaptureFixture) -> None:
    log = Log()
    pruning = Pruning(log, POLICY, lambda: NOW)
    task = asyncio.create_task(pruning.run())
    once: list[datetime | int] = [NOW - timedelta(days=1), 7]

    await _settled()
    assert log.asked == once
    pruning.count(9_999)
    await _settled()
    assert log.asked == once
    pruning.count(1)
    await _settled()
    assert log.asked == once * 2
    task.cancel()

    assert {(record.levelno, record.__dict__["count"]) for record in caplog.records} == {(logging.WARNING, 3)}


async def test_what_fails_is_done_the_next_time() -> None:
    log = Log()
    log.is_away = True
    pruning = Pruning(log, POLICY, lambda: NOW)
    task = asyncio.create_task(pruning.run())
    await _settled()

    log.is_away = False
    pruning.count(10_000)
    await _settled()
    task.cancel()

    assert log.asked == [NOW - timedelta(days=1), 7]
