"""The audit: stored before changes and after reads, and never lost without a log line."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from k8s.errors import Forbidden
from resolvers.audit.auditor import Auditor, current_request_id
from resolvers.audit.policy import AuditPolicy, WhenFull
from resolvers.errors import BadUserInput
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditAction, AuditEvent, AuditFilter, AuditOutcome
from store.errors import StoreUnavailable
from tests.k8s.wireserver import until

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Log(MemoryAudit):
    """Records each write, which waits for `gate`; fails while `is_away`."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.gate: asyncio.Event | None = None
        self.waiting = 0
        self.written: list[list[AuditEvent]] = []

    async def write(self, events: Sequence[AuditEvent]) -> None:
        if self.gate is not None:
            self.waiting += 1
            await self.gate.wait()
        if self.is_away:
            raise StoreUnavailable("The database is locked.")
        self.written.append(list(events))
        await super().write(events)

    async def all(self) -> tuple[AuditEvent, ...]:
        return await self.page(first=100, before=None, matching=AuditFilter())


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def auditor(log: Log, clock: Clock) -> Auditor:
    return Auditor(log, AuditPolicy(waiting_events=3), clock=clock)


async def test_au_1_a_change_is_on_record_before_it_happens_and_complete_afterwards(auditor: Auditor, log: Log) -> None:
    async with auditor.changing(AuditAction.TOKEN_CREATE, "ada", name="ci"):
        (before,) = await log.all()

    assert (before.outcome, before.actor, before.name) == (AuditOutcome.BEGUN, "ada", "ci")
    assert [event.outcome for event in await log.all()] == [AuditOutcome.SUCCEEDED]


async def test_au_2_a_change_that_cannot_be_on_record_does_not_happen(auditor: Auditor, log: Log) -> None:
    log.is_away, has_happened = True, False

    with pytest.raises(StoreUnavailable):
        async with auditor.changing(AuditAction.TOKEN_CREATE, "ada"):
            has_happened = True

    assert not has_happened


async def test_au_3_a_change_that_nobody_waits_for_is_completed(auditor: Auditor, log: Log) -> None:
    started = asyncio.Event()

    async def change() -> None:
        async with auditor.changing(AuditAction.CLUSTER_REMOVE, "ada"):
            started.set()
            await asyncio.Event().wait()

    changing = asyncio.create_task(change())
    await started.wait()
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing

    assert [event.outcome for event in await log.all()] == [AuditOutcome.ABANDONED]


async def test_how_a_change_ended_is_not_forgotten_by_a_caller_that_goes_away(auditor: Auditor, log: Log) -> None:
    async def change() -> None:
        async with auditor.changing(AuditAction.GRANT_ADD, "ada"):
            log.is_away, log.gate = True, asyncio.Event()

    changing = asyncio.create_task(change())
    await until(lambda: log.waiting > 0)
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing
    assert log.gate is not None
    log.gate.set()
    await until(lambda: auditor.waiting > 0)
    log.is_away = False
    await auditor.flush()

    assert [event.outcome for event in await log.all()] == [AuditOutcome.SUCCEEDED]


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (Forbidden("alpha", "no.", status=403), AuditOutcome.DENIED, "FORBIDDEN"),
        (BadUserInput("no."), AuditOutcome.FAILED, "BAD_USER_INPUT"),
        (RuntimeError("canary"), AuditOutcome.FAILED, "RuntimeError"),
    ],
)
async def test_how_a_change_failed_is_on_record_without_its_message(
    auditor: Auditor, log: Log, error: Exception, outcome: AuditOutcome, code: str
) -> None:
    with pytest.raises(type(error)):
        async with auditor.changing(AuditAction.GRANT_ADD, "ada"):
            raise error

    (event,) = await log.all()
    assert (event.outcome, event.code) == (outcome, code)


async def test_how_a_change_ended_waits_for_a_store_that_went_away(auditor: Auditor, log: Log) -> None:
    async with auditor.changing(AuditAction.TOKEN_CREATE, "ada"):
        log.is_away = True
    assert auditor.waiting == 1

    log.is_away = False
    assert await auditor.flush()

    assert [event.outcome for event in await log.all()] == [AuditOutcome.SUCCEEDED]


async def test_reads_are_written_behind_in_one_batch(auditor: Auditor, log: Log) -> None:
    for name in ("a", "b"):
        act = auditor.begin(AuditAction.SECRET_READ, "ada", name=name)
        auditor.end(act, AuditOutcome.SUCCEEDED, audit_ids=(f"id-{name}",), identity="alice")
    assert log.written == []

    await auditor.flush()

    (batch,) = log.written
    assert [(event.name, event.outcome, event.audit_ids, event.identity) for event in batch] == [
        ("a", AuditOutcome.SUCCEEDED, ("id-a",), "alice"),
        ("b", AuditOutcome.SUCCEEDED, ("id-b",), "alice"),
    ]


async def test_equal_uses_within_a_minute_are_one_event_with_a_count(auditor: Auditor, log: Log, clock: Clock) -> None:
    for seconds in (0, 30, 59):
        clock.now = START + timedelta(seconds=seconds)
        act = auditor.begin(AuditAction.ADMINISTRATOR_USE, "ada", cluster="alpha", verb="list")
        auditor.end(act, AuditOutcome.SUCCEEDED, audit_ids=(str(seconds),))
        await auditor.flush()
    clock.now = START + timedelta(seconds=60)
    auditor.end(
        auditor.begin(AuditAction.ADMINISTRATOR_USE, "ada", cluster="alpha", verb="list"), AuditOutcome.SUCCEEDED
    )
    await auditor.flush()

    later, first = await log.all()
    assert (first.count, first.until, first.audit_ids) == (3, START + timedelta(seconds=59), ("0", "30", "59"))
    assert (later.count, later.at) == (1, START + timedelta(seconds=60))


async def test_another_caller_cluster_or_outcome_is_another_event(auditor: Auditor, log: Log) -> None:
    ways = [("ada", "alpha", AuditOutcome.SUCCEEDED), ("ada", "alpha", AuditOutcome.FAILED)]
    for actor, cluster, outcome in [*ways, ("bob", "alpha", AuditOutcome.SUCCEEDED)]:
        auditor.end(auditor.begin(AuditAction.ADMINISTRATOR_USE, actor, cluster=cluster), outcome)
    await auditor.flush()

    assert len(await log.all()) == 3


async def test_each_read_of_secrets_is_its_own(auditor: Auditor, log: Log) -> None:
    for _ in range(2):
        auditor.end(auditor.begin(AuditAction.SECRET_READ, "ada"), AuditOutcome.SUCCEEDED)
    await auditor.flush()

    assert [event.count for event in await log.all()] == [1, 1]


async def test_au_2_reads_are_refused_when_no_more_events_can_wait(auditor: Auditor, log: Log) -> None:
    log.is_away = True
    for _ in range(3):
        assert not auditor.must_refuse
        auditor.begin(AuditAction.SECRET_READ, "ada")
    assert not await auditor.flush()

    assert auditor.must_refuse
    log.is_away = False
    await auditor.flush()
    assert not auditor.must_refuse


async def test_au_2_or_allowed_by_policy_and_in_the_log(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    auditor = Auditor(log, AuditPolicy(waiting_events=1, when_full=WhenFull.ALLOW))
    log.is_away = True
    auditor.begin(AuditAction.SECRET_READ, "ada", name="first")

    with caplog.at_level(logging.INFO, "audit"):
        assert not auditor.must_refuse
        auditor.begin(AuditAction.SECRET_READ, "ada", name="second")

    lost = [record.__dict__["audit"]["name"] for record in caplog.records if "not stored" in record.message]
    assert lost == ["second"]
    assert auditor.lost == 1


async def test_what_waits_is_written_at_the_end(log: Log) -> None:
    async with Auditor(log) as auditor:
        auditor.begin(AuditAction.SECRET_READ, "ada")

    assert len(await log.all()) == 1


async def test_old_events_are_removed(log: Log, clock: Clock) -> None:
    auditor = Auditor(log, AuditPolicy(retention=timedelta(days=1)), clock=clock)
    await log.write([AuditEvent.new(AuditAction.DENIAL, "eve", START - timedelta(days=2))])

    async with auditor:
        async with asyncio.timeout(30):
            while await log.all():  # noqa: ASYNC110  there is no event for it
                await asyncio.sleep(0)


async def test_outside_of_a_request_there_is_no_id() -> None:
    assert current_request_id() == ""
