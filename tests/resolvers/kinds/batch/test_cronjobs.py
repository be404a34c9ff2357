"""The runs of cron jobs: the next one, the missed ones, and the age of the last one."""

from collections.abc import Generator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from k8s.kinds.builtin import CRON_JOB
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.batch.cronjob import MOST_MISSED, last_schedule_age_seconds, missed_runs, next_schedule
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row

NOW: Final = cast(FleetCluster, SimpleNamespace(taken_at=datetime(2026, 3, 29, 0, 30, 30, tzinfo=UTC)))
READS: Final = (
    "metadata.creationTimestamp",
    "spec.schedule",
    "spec.timeZone",
    "spec.suspend",
    "status.lastScheduleTime",
)
CREATED: Final = "2026-03-28T00:00:10Z"


def cron_job(schedule: JsonValue, last: str | None = None, **spec: JsonValue) -> Row:
    """Returns a cron job with a schedule and the time of its last run."""
    status: JsonObject = {"lastScheduleTime": last} if last else {}
    whole: JsonObject = {"schedule": schedule, **spec}
    return row(CRON_JOB, *READS, metadata={"creationTimestamp": CREATED}, spec=whole, status=status)


@pytest.mark.parametrize(
    ("job", "run"),
    [
        (cron_job("*/5 * * * *"), "2026-03-29T00:35:00Z"),
        (cron_job("30 2 * * *", timeZone="Europe/Berlin"), "2026-03-30T00:30:00Z"),
        (cron_job("0 3 * * *", timeZone="Europe/Berlin"), "2026-03-29T01:00:00Z"),
        (cron_job("@every 1h"), "2026-03-29T01:00:10Z"),
        (cron_job("@every 1h", "2026-03-28T23:59:59Z"), "2026-03-29T00:59:59Z"),
        (cron_job("@every 1h", "2026-03-29T00:30:00Z"), "2026-03-29T01:30:00Z"),
        (cron_job("@every 1h", "2026-03-29T05:00:00Z"), "2026-03-29T06:00:00Z"),
        (cron_job("*/5 * * * *", suspend=True), None),
        (cron_job("*/5 * * * *", timeZone="Nowhere/None"), None),
        (cron_job("every day"), None),
        (cron_job("0 0 31 2 *"), None),
        (cron_job(""), None),
        (cron_job(None), None),
    ],
)
def test_the_next_run(job: Row, run: str | None) -> None:
    assert next_schedule(job, NOW) == run


@pytest.mark.parametrize(
    ("job", "count"),
    [
        (cron_job("0 * * * *"), 24),
        (cron_job("0 * * * *", "2026-03-28T22:00:00Z"), 2),
        (cron_job("0 * * * *", "2026-03-29T00:00:00Z"), 0),
        (cron_job("* * * * *"), MOST_MISSED),
        (cron_job("* * * * *", suspend=True), MOST_MISSED),
        (cron_job("@every 12h"), 2),
        (cron_job("@every 1s"), MOST_MISSED),
        (cron_job("@every 1s", "2026-03-29T05:00:00Z"), 0),
        (cron_job("0 0 31 2 *"), 0),
        (cron_job("0 0 * * *", timeZone="Nowhere/None"), None),
        (cron_job("0 0 * * *", "yesterday"), None),
    ],
)
def test_missed_runs(job: Row, count: int | None) -> None:
    assert _result(missed_runs(job, NOW)) == count


@pytest.mark.parametrize(
    ("last", "age"),
    [
        ("2026-03-29T00:28:28Z", 122),
        ("2026-03-29T00:30:00Z", 30),
        ("2026-03-26T00:30:30Z", 259_200),
        ("2026-03-29T00:31:00Z", -30),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_age_of_the_last_run(last: str | None, age: int | None) -> None:
    assert last_schedule_age_seconds(cron_job("* * * * *", last), NOW) == age


def test_an_object_without_a_spec_has_no_runs() -> None:
    bare = row(CRON_JOB, *READS)

    assert (next_schedule(bare, NOW), last_schedule_age_seconds(bare, NOW)) == (None, None)
    assert _result(missed_runs(bare, NOW)) is None


def _result(steps: Generator[None, None, Any]) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
