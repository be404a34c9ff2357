"""Events that cannot be stored: their number is known."""

import logging

import pytest

from resolvers.audit.auditor import Auditor
from resolvers.audit.lostevents import LostEvents
from resolvers.audit.pendingevent import PendingEvent
from resolvers.audit.policy import AuditPolicy
from store.audit.event import AuditAction, AuditEvent
from tests.resolvers.audit.test_auditing import START, Clock, Log


def _counts(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Returns the counts of lost events in the log."""
    return [record.__dict__["audit"]["count"] for record in caplog.records if "not stored" in record.message]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def auditor(log: Log) -> Auditor:
    return Auditor(log, AuditPolicy(waiting_events=1), clock=Clock())


def _denied(auditor: Auditor, actor: str, times: int) -> None:
    for _ in range(times):
        auditor.denied(actor, code="FORBIDDEN", verb="HTTP", resource="/graphql")


async def test_all_of_equal_ones_are_counted_and_in_the_log_in_few_lines(
    auditor: Auditor, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    log.is_away = True
    async with auditor:
        _denied(auditor, "ada", 1)  # waits
        _denied(auditor, "mallory", 500)
        assert auditor.lost == 500
        assert _counts(caplog) == [1, 2, 4, 8, 16, 32, 64, 128, 256]
        log.is_away = False

    assert _counts(caplog)[-1] == 500
    assert [event.actor for event in await log.all()] == ["ada"]


async def test_what_cannot_be_written_at_the_end_is_in_the_log(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.is_away = True

    with caplog.at_level(logging.INFO, "audit"):
        async with Auditor(log) as auditor:
            auditor.begin(AuditAction.SECRET_READ, "ada", name="db")

    assert [record.__dict__["audit"]["name"] for record in caplog.records if "not stored" in record.message] == ["db"]


async def test_what_still_waits_at_the_end_is_lost_each_of_equal_ones(
    auditor: Auditor, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    log.is_away = True
    async with auditor:
        _denied(auditor, "mallory", 5)

    assert auditor.lost == 5
    assert _counts(caplog) == [5]


async def test_what_is_stored_is_not_counted_as_lost(auditor: Auditor, log: Log) -> None:
    _denied(auditor, "mallory", 7)
    await auditor.flush()
    _denied(auditor, "ada", 1)  # waits
    _denied(auditor, "mallory", 2)

    assert auditor.lost == 2


async def test_what_finds_room_after_all_is_stored_with_its_count(
    auditor: Auditor, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    async with auditor:
        _denied(auditor, "ada", 1)  # waits
        _denied(auditor, "mallory", 3)
        await auditor.flush()
        _denied(auditor, "mallory", 1)

    assert {event.actor: event.count for event in await log.all()} == {"mallory": 4, "ada": 1}
    assert (auditor.lost, _counts(caplog)) == (3, [1, 2])


async def test_what_cannot_be_remembered_any_more_has_its_last_line(caplog: pytest.LogCaptureFixture) -> None:
    lost = LostEvents(1)
    first, second = (PendingEvent(AuditEvent.new(AuditAction.DENIAL, actor, START)) for actor in ("mallory", "ada"))
    for _ in range(3):
        lost.add(first)
        first.repeat(START)
    with caplog.at_level(logging.ERROR, "audit"):
        lost.add(second)

    assert _counts(caplog) == [1, 2, 1, 4]
    assert lost.count == 4
