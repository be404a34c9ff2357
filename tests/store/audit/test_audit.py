"""The table of audit events, on both kinds of databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Unpack

import pytest

from store.audit.event import AuditAction, AuditEvent, AuditFilter, AuditOutcome, AuditTexts
from store.audit.log import AuditLog
from store.database.database import Database
from store.errors import StoreUnavailable
from tests.store.locks import TIMEOUT_S, writer_holding

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(second: int = 0, **texts: Unpack[AuditTexts]) -> AuditEvent:
    return AuditEvent.new(AuditAction.SECRET_READ, "ada", AT + timedelta(seconds=second), **texts)


async def _all(log: AuditLog, **wanted: str) -> tuple[AuditEvent, ...]:
    action = AuditAction(wanted.pop("action")) if "action" in wanted else None
    return await log.page(first=100, before=None, matching=AuditFilter(action=action, **wanted))


async def test_what_is_written_is_read_whole(database: Database) -> None:
    log = AuditLog(database)
    texts: AuditTexts = {"cluster": "alpha", "verb": "get", "resource": "secrets", "namespace": "shop", "name": "db"}
    texts |= {"request_id": "r-1", "identity": "alice"}
    written = event(**texts).ended(AuditOutcome.SUCCEEDED, audit_ids=("a", "b"))

    await log.write([written])

    assert await _all(log) == (written,)


async def test_an_act_is_completed_and_nothing_else_of_it_changes(database: Database) -> None:
    log, begun = AuditLog(database), event(cluster="alpha")
    await log.write([begun])

    await log.write([replace(begun.ended(AuditOutcome.FAILED, code="GONE"), count=2, actor="eve", cluster="beta")])

    (read,) = await _all(log)
    assert (read.outcome, read.code, read.count) == (AuditOutcome.FAILED, "GONE", 2)
    assert (read.actor, read.cluster) == ("ada", "alpha")


async def test_pages_are_newest_first_and_continue(database: Database) -> None:
    log = AuditLog(database)
    events = [event(second) for second in range(5)]
    await log.write(events)

    first = await log.page(first=2, before=None, matching=AuditFilter())
    second = await log.page(first=2, before=first[-1].id, matching=AuditFilter())

    assert [*first, *second] == events[:0:-1]


@pytest.mark.parametrize(
    ("name", "value"), [("actor", "ada"), ("cluster", "alpha"), ("action", "DENIAL"), ("request_id", "r-1")]
)
async def test_a_filter_selects(database: Database, name: str, value: str) -> None:
    log = AuditLog(database)
    others = AuditEvent.new(AuditAction.TOKEN_CREATE, "bob", AT, cluster="beta", request_id="r-2")
    wanted = {
        "actor": AuditEvent.new(AuditAction.TOKEN_CREATE, "ada", AT),
        "cluster": event(cluster="alpha"),
        "action": AuditEvent.new(AuditAction.DENIAL, "bob", AT),
        "request_id": AuditEvent.new(AuditAction.TOKEN_CREATE, "bob", AT, request_id="r-1"),
    }[name]
    await log.write([others, wanted])

    assert await _all(log, **{name: value}) == (wanted,)


@pytest.mark.parametrize("text", ["a\0", "\ud800"])
async def test_a_text_that_cannot_be_stored_is_that_of_no_act(database: Database, text: str) -> None:
    log = AuditLog(database)
    await log.write([event(cluster="alpha")])

    assert await _all(log, cluster=text) == ()


async def test_what_is_old_is_removed(database: Database) -> None:
    log = AuditLog(database)
    await log.write([event(0), event(10)])

    assert await log.prune(AT + timedelta(seconds=5)) == 1
    assert [item.at for item in await _all(log)] == [AT + timedelta(seconds=10)]


def test_texts_are_bounded_and_printable() -> None:
    made = AuditEvent.new(AuditAction.DENIAL, "a\r\nb\x1b[31m\x00\ud800", AT, name="x" * 10_000)

    assert made.actor == "a\ufffd\ufffdb\ufffd[31m\ufffd\ufffd"
    assert len(made.name) == 512


async def test_of_too_many_acts_the_oldest_go_that_changed_nothing(database: Database) -> None:
    log = AuditLog(database)
    changes = [AuditEvent.new(AuditAction.TOKEN_CREATE, "ada", AT + timedelta(seconds=index)) for index in range(3)]
    reads = [event(10 + index) for index in range(5)]
    await log.write([*changes, *reads])

    assert await log.trim(8) == 0
    assert await log.trim(5) == 3
    assert set(await _all(log)) == {*changes, *reads[3:]}
    assert await log.trim(1) == 2
    assert set(await _all(log)) == set(changes)


async def test_events_that_arrive_during_a_write_share_the_next_one(database: Database, statements: list[str]) -> None:
    log, events = AuditLog(database), [event(second) for second in range(50)]

    await asyncio.gather(*(log.write([item]) for item in events))

    assert sum(statement.startswith("INSERT INTO audit_event") for statement in statements) <= 2
    assert list(await _all(log)) == events[::-1]


async def test_a_writer_that_no_longer_waits_takes_nothing_from_the_others(database: Database) -> None:
    log, events = AuditLog(database), [event(second) for second in range(3)]
    writing = [asyncio.create_task(log.write([item])) for item in events]
    await asyncio.sleep(0)

    writing[1].cancel()
    results = await asyncio.gather(*writing, return_exceptions=True)

    assert [isinstance(result, asyncio.CancelledError) for result in results] == [False, True, False]
    assert {events[0], events[2]} <= set(await _all(log))


async def test_all_writers_learn_of_an_outage_and_the_next_write_is_tried(sqlite_file: Path) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=TIMEOUT_S) as database:
        log, events = AuditLog(database), [event(second) for second in range(3)]
        with writer_holding(sqlite_file):
            results = await asyncio.gather(*(log.write([item]) for item in events), return_exceptions=True)

        assert [type(result) for result in results] == [StoreUnavailable] * 3
        await log.write(events)
        assert len(await _all(log)) == 3
