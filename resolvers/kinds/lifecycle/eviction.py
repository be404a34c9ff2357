"""Members of Evictions and EvictionRequests beyond their Kubernetes fields, and of the pods that they evict.

Source: `printEviction` and `printEvictionRequest` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths

EVICTIONS = Family(kinds.EVICTION)
EVICTION_REQUESTS = Family(kinds.EVICTION_REQUEST)
EVICTED_PODS = Family(kinds.POD)

_STATE_READS: Final = (
    "status.observedGeneration",
    *(f"status.conditions.{key}" for key in ("type", "status", "reason")),
)
_PROCESSED: Final = frozenset({"Canceled", "Interrupted", "Completed"})
_ACTIVE: Final = "Active"
_WITHDRAWN: Final = "Withdrawn"


class EvictionProgress(Struct, frozen=True):
    """The responder at work on an eviction, else the last one that was."""

    responder: Annotated[str | None, Meta(description="Its name; null before any has begun.")]
    state: Annotated[str | None, Meta(description="Its state: Active, Completed, Canceled or Interrupted.")]
    processed: Annotated[int, Meta(description="The number of responders that have begun or ended.")]
    total: Annotated[int, Meta(description="The number of all responders.")]
    isReported: Annotated[  # noqa: N815  GraphQL
        bool, Meta(description="True if the responder has reported; the fields below are null before that.")
    ]
    startedAt: Annotated[Time | None, Meta(description="The time at which it began.")]  # noqa: N815  GraphQL
    expectedAt: Annotated[  # noqa: N815  GraphQL
        Time | None, Meta(description="The time at which it expects to end.")
    ]
    completedAt: Annotated[Time | None, Meta(description="The time at which it ended.")]  # noqa: N815  GraphQL
    heartbeatAt: Annotated[Time | None, Meta(description="The time of its last report.")]  # noqa: N815  GraphQL
    message: Annotated[str | None, Meta(description="Its message.")]


def _state(eviction: Row) -> str:
    status = eviction.status
    if status is None:
        return "Pending"
    conditions = items_of(status.conditions)
    for wanted in ("TargetEvicted", "Failed"):
        condition = next((one for one in conditions if one.type == wanted), None)
        if condition is not None and condition.status == "True":
            return f"{condition.type} ({condition.reason or ''})"
    return "Progressing" if (status.observedGeneration or 0) > 0 else "Pending"


def _add_state(family: Family) -> None:
    family.derived(
        *_STATE_READS,
        name="state",
        description="Pending, Progressing, or the condition that ended it with its reason, such as "
        "`Failed (Reason)`, as in kubectl's STATUS column.",
    )(_state)


@EVICTIONS.derived(
    "status.targetResponders.name",
    "status.targetResponders.state",
    *(
        f"status.responders.{key}"
        for key in ("name", "startTime", "expectedCompletionTime", "completionTime", "heartbeatTime", "message")
    ),
    description="The responder at work on it, as in kubectl's columns.",
)
def progress(eviction: Row) -> EvictionProgress:
    """Returns the active responder; else the last one that has ended."""
    status = eviction.status
    targets = items_of(status.targetResponders if status is not None else None)
    active = [one for one in targets if one.state == _ACTIVE]
    ended = [one for one in targets if one.state in _PROCESSED]
    current = next(reversed(active or ended), None)
    processed, total = len(active) + len(ended), len(targets)
    if current is None:
        return EvictionProgress(None, None, processed, total, False, *[None] * 5)
    responders = items_of(status.responders)
    report = next((one for one in responders if one.name == current.name), None)
    if report is None:
        return EvictionProgress(current.name, current.state, processed, total, False, *[None] * 5)
    times = report.startTime, report.expectedCompletionTime, report.completionTime, report.heartbeatTime
    message = (report.message or "").strip() or None
    return EvictionProgress(current.name, current.state, processed, total, True, *times, message)


@EVICTIONS.derived(
    "status.requesters.name",
    "status.requesters.intent",
    description="Those who have requested it and have not withdrawn, sorted, as in kubectl's REQUESTERS column.",
)
def active_requesters(eviction: Row) -> list[str]:
    """Returns the names of requesters."""
    requesters: Sequence[Row] = items_of(eviction.status.requesters if eviction.status is not None else None)
    return sorted(one.name or "" for one in requesters if one.intent != _WITHDRAWN)


_PODS = by_paths(kinds.EVICTION, kinds.POD, "spec.target.pod.name")
_REQUESTED_PODS = by_paths(kinds.EVICTION_REQUEST, kinds.POD, "spec.target.pod.name")

_add_state(EVICTIONS)
_add_state(EVICTION_REQUESTS)
add_named(EVICTIONS, _PODS, shape=Shape.ONE, description="The pod that it evicts; null once that is gone.")
add_named(EVICTION_REQUESTS, _REQUESTED_PODS, shape=Shape.ONE, description="The pod whose eviction it requests.")
add_naming(EVICTED_PODS, _PODS, description="The evictions of it.")
add_naming(EVICTED_PODS, _REQUESTED_PODS, description="The requests for its eviction.")
