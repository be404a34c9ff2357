"""Jobs: states in the order of kubectl's, completions and durations, also of strange objects."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Final, cast

import pytest

from k8s.kinds.builtin import JOB
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.batch.job import JobState, completions, duration_seconds, state
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row

READS: Final = (
    "metadata.deletionTimestamp",
    "spec.completions",
    "spec.parallelism",
    *(f"status.{name}" for name in ("succeeded", "startTime", "completionTime")),
    *("status.conditions.type", "status.conditions.status"),
)
NOW: Final = cast(FleetCluster, SimpleNamespace(taken_at=datetime(2026, 1, 1, 0, 10, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("conditions", "deleted", "expected"),
    [
        ("", False, JobState.Running),
        ("", True, JobState.Terminating),
        ("Suspended", True, JobState.Terminating),
        ("Suspended FailureTarget", False, JobState.Suspended),
        ("SuccessCriteriaMet FailureTarget", False, JobState.FailureTarget),
        ("SuccessCriteriaMet", False, JobState.SuccessCriteriaMet),
        ("SuccessCriteriaMet Complete", True, JobState.Complete),
        ("FailureTarget Failed Complete", False, JobState.Complete),
        ("FailureTarget Failed", True, JobState.Failed),
        ("-Complete Complete", False, JobState.Running),
        ("Else", False, JobState.Running),
    ],
)
def test_states(conditions: str, deleted: bool, expected: JobState) -> None:
    listed: list[JsonValue] = [
        {"type": one.lstrip("-"), "status": "False" if one.startswith("-") else "True"} for one in conditions.split()
    ]
    metadata: JsonObject = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleted else {}

    assert state(row(JOB, *READS, metadata=metadata, status={"conditions": listed})) == expected


@pytest.mark.parametrize(
    ("status", "seconds"),
    [
        ({}, None),
        ({"startTime": "2026-01-01T00:00:00Z"}, 600),
        ({"startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:00:05Z"}, 5),
        ({"startTime": "2026-01-01T00:00:05Z", "completionTime": "2026-01-01T00:00:00Z"}, -5),
        ({"startTime": "soon"}, None),
        ({"startTime": "2026-01-01T00:00:00Z", "completionTime": "later"}, None),
        ({"startTime": "0001-01-01T00:00:00Z"}, None),
    ],
)
def test_durations(status: JsonObject, seconds: int | None) -> None:
    assert duration_seconds(row(JOB, *READS, status=status), NOW) == seconds


def test_an_object_without_spec_and_status_runs() -> None:
    bare = row(JOB, *READS)

    assert (state(bare), completions(bare), duration_seconds(bare, NOW)) == (JobState.Running, "0/1", None)
