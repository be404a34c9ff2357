"""States of a container: waiting, running or terminated, and the end of an earlier run.

Source: `describeStatus` in k8s.io/kubectl/pkg/describe/describe.go.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row
from resolvers.filters.comparing import ValueType, key
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of

_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)
_TERMINATED: Final = ("reason", "message", "exitCode", "signal", "startedAt", "finishedAt")

STATE_READS: Final = (
    "state.running.startedAt",
    "state.waiting.reason",
    "state.waiting.message",
    *(f"state.terminated.{key}" for key in _TERMINATED),
)
"""The paths of a container's status that `state_of` reads."""

TERMINATION_READS: Final = tuple(f"lastState.terminated.{key}" for key in _TERMINATED)
"""The paths of a container's status that `termination_of` reads, for its last state."""


END_READS: Final = tuple(
    f"status.{statuses}.{path}"
    for statuses in ("initContainerStatuses", "containerStatuses")
    for path in (
        "name",
        *(f"{state}.terminated.{key}" for state in ("state", "lastState") for key in _TERMINATED),
    )
)
"""The paths of a pod that `latest_end` reads."""


class ContainerPhase(StrEnum):
    """The state of a container in a word."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    TERMINATED = "TERMINATED"


class PodContainerState(Struct, frozen=True):
    """The state of a container, as in `kubectl describe pod`."""

    phase: Annotated[ContainerPhase, Meta(description="Waiting, running or terminated.")]
    reason: Annotated[str | None, Meta(description="The reason for waiting or for the end (`CrashLoopBackOff`).")]
    message: Annotated[str | None, Meta(description="The details of waiting or of the end.")]
    exitCode: Annotated[int | None, Meta(description="The exit code; null unless it is terminated.")]  # noqa: N815
    signal: Annotated[int | None, Meta(description="The signal that ended it; null if there was none.")]
    since: Annotated[
        Time | None, Meta(description="The time at which it started, or ended; null while it waits, or if unknown.")
    ]


class PodContainerTermination(Struct, frozen=True):
    """The end of one run of a container."""

    reason: Annotated[str | None, Meta(description="The reason in a word (`OOMKilled`, `Error`, `Completed`).")]
    message: Annotated[str | None, Meta(description="The details.")]
    exitCode: Annotated[int, Meta(description="The exit code; 0 for success.")]  # noqa: N815  the GraphQL name
    signal: Annotated[int | None, Meta(description="The signal that ended it; null if there was none.")]
    at: Annotated[Time | None, Meta(description="The time at which it ended; null if unknown.")]
    startedAt: Annotated[Time | None, Meta(description="The time at which the run began.")]  # noqa: N815  GraphQL


class PodTermination(Struct, frozen=True):
    """The end of one run of one of a pod's containers."""

    container: Annotated[str, Meta(description="The name of the container.")]
    reason: Annotated[str | None, Meta(description="The reason in a word (`OOMKilled`, `Error`, `Completed`).")]
    message: Annotated[str | None, Meta(description="The details.")]
    exitCode: Annotated[int, Meta(description="The exit code; 0 for success.")]  # noqa: N815  the GraphQL name
    signal: Annotated[int | None, Meta(description="The signal that ended it; null if there was none.")]
    at: Annotated[Time | None, Meta(description="The time at which it ended; null if unknown.")]


def state_of(state: Row | None) -> PodContainerState:
    """Returns a state; one that says nothing is waiting, as in Kubernetes."""
    if state and state.running:
        return PodContainerState(ContainerPhase.RUNNING, None, None, None, None, state.running.startedAt)
    if state and state.terminated and not state.waiting:
        ended = termination_of(state.terminated)
        return PodContainerState(
            ContainerPhase.TERMINATED, ended.reason, ended.message, ended.exitCode, ended.signal, ended.at
        )
    waiting = state.waiting if state else None
    reason, message = (waiting.reason or None, waiting.message or None) if waiting else (None, None)
    return PodContainerState(ContainerPhase.WAITING, reason, message, None, None, None)


def termination_of(ended: Row) -> PodContainerTermination:
    """Returns the end of a run."""
    return PodContainerTermination(
        ended.reason or None,
        ended.message or None,
        ended.exitCode or 0,
        ended.signal or None,
        ended.finishedAt,
        ended.startedAt,
    )


def latest_end(status: Row | None) -> PodTermination | None:
    """Returns the latest end of a run of a pod's containers; None if there was none. Reads `END_READS`."""
    if status is None:
        return None
    ends = [
        *_ends(status.initContainerStatuses, counts_completed=False),
        *_ends(status.containerStatuses, counts_completed=True),
    ]
    if not ends:
        return None
    name, ended = max(ends, key=_time_of) if len(ends) > 1 else ends[0]
    end = termination_of(ended)
    return PodTermination(name or "", end.reason, end.message, end.exitCode, end.signal, end.at)


def _ends(statuses: Sequence[Row] | None, *, counts_completed: bool) -> Iterator[tuple[str | None, Row]]:
    for status in items_of(statuses):
        ended = status.state.terminated if status.state else None
        if ended and (ended.exitCode or counts_completed):
            yield status.name, ended
        if status.lastState and status.lastState.terminated:
            yield status.name, status.lastState.terminated


def _time_of(end: tuple[str | None, Row]) -> datetime:
    time: datetime | None = key(ValueType.TIME, end[1].finishedAt)
    return time or _NO_TIME
