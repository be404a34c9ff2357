"""Refusals are aggregated, so that a caller with many invented names fills only a limited number of events."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from resolvers.audit.aggregation import EARLY, KINDS, NAMED, USES
from resolvers.audit.auditor import Auditor
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditAction, AuditEvent, AuditOutcome, AuditTexts

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUCCEEDED, DENIED, FAILED = AuditOutcome.SUCCEEDED, AuditOutcome.DENIED, AuditOutcome.FAILED


class Log(MemoryAudit):
    """Stores all events, by id."""

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[str, AuditEvent] = {}

    async def write(self, events: Sequence[AuditEvent]) -> None:
        self.events |= {event.id: event for event in events}


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class StoredAudit:
    """An auditor, and all events that it has stored."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.log = Log()
        self.auditor = Auditor(self.log, clock=self.clock)

    def read(self, name: str, outcome: AuditOutcome, *, actor: str = "eve", cluster: str = "alpha") -> None:
        texts: AuditTexts = {
            "cluster": cluster,
            "verb": "get",
            "resource": "secrets",
            "namespace": "shop",
            "name": name,
        }
        act = self.auditor.begin(AuditAction.SECRET_READ, actor, **texts)
        self.auditor.end(act, outcome, code="" if outcome is SUCCEEDED else "FORBIDDEN", audit_ids=(name,))

    async def written(self) -> list[AuditEvent]:
        await self.auditor.flush()
        return list(self.log.events.values())


@pytest.fixture
def audit() -> StoredAudit:
    return StoredAudit()


async def test_denied_reads_of_secrets_are_joined_by_name(audit: StoredAudit) -> None:
    for round_ in range(300):
        audit.clock.now = START + timedelta(seconds=round_ / 15)
        for number in range(20):
            audit.read(f"s-{number}", DENIED)
        if round_ % 8 == 0:
            await audit.auditor.flush()

    events = await audit.written()

    assert {event.name: event.count for event in events} == {f"s-{number}": 300 for number in range(20)}
    assert {(event.action, event.outcome, event.code) for event in events} == {
        (AuditAction.SECRET_READ, DENIED, "FORBIDDEN")
    }
    assert {event.at for event in events} == {START}


async def test_made_up_names_share_an_event_that_counts_them(audit: StoredAudit) -> None:
    for number in range(5_000):
        audit.read(f"s-{number}", DENIED)

    events = await audit.written()

    assert len(events) == NAMED + 1
    assert sum(event.count for event in events) == 5_000
    (rest,) = [event for event in events if event.name == "*"]
    assert (rest.count, rest.cluster, rest.resource, rest.namespace) == (5_000 - NAMED, "alpha", "secrets", "*")


async def test_made_up_names_in_many_clusters_are_bounded_as_well(audit: StoredAudit) -> None:
    for number in range(5_000):
        audit.read(f"s-{number}", DENIED, cluster=f"c-{number % 1000}")

    events = await audit.written()

    assert len(events) == NAMED + KINDS + 1
    assert sum(event.count for event in events) == 5_000
    (rest,) = [event for event in events if event.cluster == "*"]
    assert (rest.resource, rest.outcome) == ("*", DENIED)


async def test_slow_reads_that_are_refused_are_bounded_as_well(audit: StoredAudit) -> None:
    """Each of these is under way while the audit is written."""
    for number in range(1000):
        act = audit.auditor.begin(AuditAction.SECRET_READ, "eve", cluster="alpha", name=f"s-{number}")
        if number % 20 == 0:
            await audit.auditor.flush()
        audit.auditor.end(act, FAILED, code="TIMED_OUT")

    events = await audit.written()

    assert len(events) <= NAMED + EARLY + 1
    assert sum(event.count for event in events) == 1000


async def test_a_caller_that_fills_its_bounds_takes_nothing_from_others(audit: StoredAudit) -> None:
    for number in range(1000):
        audit.read(f"s-{number}", DENIED)

    audit.read("db", DENIED, actor="bob")

    assert [event.name for event in await audit.written() if event.actor == "bob"] == ["db"]


async def test_successful_reads_are_never_joined_whatever_is_refused_beside_them(audit: StoredAudit) -> None:
    for number in range(3 * EARLY):
        audit.read(f"s-{number}", DENIED)
        audit.read("db", SUCCEEDED)

    events = [event for event in await audit.written() if event.outcome is SUCCEEDED]

    assert [(event.name, event.count, event.audit_ids) for event in events] == [("db", 1, ("db",))] * (3 * EARLY)


async def test_a_new_minute_is_a_new_event(audit: StoredAudit) -> None:
    for seconds in (0, 59, 60):
        audit.clock.now = START + timedelta(seconds=seconds)
        audit.read("db", DENIED)

    assert [event.count for event in await audit.written()] == [2, 1]


async def test_uses_that_end_in_turns_in_two_ways_are_two_events(audit: StoredAudit) -> None:
    for number in range(100):
        act = audit.auditor.begin(AuditAction.ADMINISTRATOR_USE, "ada", cluster="alpha", verb="get", resource="pods")
        audit.auditor.end(act, FAILED if number % 2 else SUCCEEDED)
        await audit.auditor.flush()

    assert Counter({event.outcome: event.count for event in await audit.written()}) == {SUCCEEDED: 50, FAILED: 50}


async def test_uses_of_very_many_kinds_are_joined_at_a_bound(audit: StoredAudit) -> None:
    for _ in range(2):
        for number in range(5000):
            act = audit.auditor.begin(AuditAction.ADMINISTRATOR_USE, "ada", cluster=f"c-{number}", resource="pods")
            audit.auditor.end(act, SUCCEEDED)

    events = await audit.written()

    assert len(events) == USES + 1
    assert sum(event.count for event in events) == 10_000


async def test_denials_over_http_are_one_event(audit: StoredAudit) -> None:
    for _ in range(1000):
        audit.auditor.denied("", code="UNAUTHENTICATED", verb="HTTP", resource="/graphql")

    (event,) = await audit.written()
    assert (event.count, event.actor, event.outcome) == (1000, "", DENIED)


async def test_the_log_has_a_line_for_each_event_and_not_for_each_refusal(
    audit: StoredAudit, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "audit"):
        for number in range(5_000):
            audit.read(f"s-{number}", DENIED)

    assert len(caplog.records) == EARLY + NAMED + 1


async def test_what_is_under_way_when_the_process_ends_is_on_record(audit: StoredAudit) -> None:
    async with audit.auditor:
        for number in range(2 * EARLY):
            audit.auditor.begin(AuditAction.SECRET_READ, "eve", name=f"s-{number}")

    assert {event.outcome for event in audit.log.events.values()} == {AuditOutcome.BEGUN}
    assert len(audit.log.events) == 2 * EARLY


async def test_a_cluster_cannot_make_audit_ids_long(audit: StoredAudit) -> None:
    audit.read("x" * 16_000, SUCCEEDED)

    (event,) = await audit.written()
    assert ([len(audit_id) for audit_id in event.audit_ids], len(event.name)) == ([64], 512)
