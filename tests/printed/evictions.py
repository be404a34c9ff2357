"""Evictions, and requests for them."""

from datetime import datetime, timedelta
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, UNKNOWN, UNSET, field, human_duration, instant, since
from tests.printed.entry import Printed, manifest

_UID: Final = "11111111-1111-4111-8111-11111111111"
_PAST: Final = "2026-01-01T00:00:00Z"


def _target(number: int) -> JsonObject:
    return {"pod": {"name": f"web-{number}", "uid": f"{_UID}{number}"}}


def _condition(kind: str, reason: str, status: str = "True") -> JsonObject:
    return {"type": kind, "status": status, "reason": reason, "message": "M", "lastTransitionTime": _PAST}


def _eviction(number: int, **status: JsonValue) -> JsonObject:
    return manifest(f"{_UID}{number}", spec={"target": _target(number)}, status=status)


def _request(number: int, intent: str, **status: JsonValue) -> JsonObject:
    requester: JsonObject = {"requester": "ops.example.com/drain", "intent": intent}
    return manifest(f"request-{number}", spec={"target": _target(number), **requester}, status=status)


def _requester(name: str, intent: str = "Eviction") -> JsonObject:
    return {"name": f"{name}.example.com/one", "intent": intent}


_EVICTIONS: Final = (
    _eviction(0),
    _eviction(1, observedGeneration=1, requesters=[_requester("b"), _requester("a"), _requester("c", "Withdrawn")]),
    _eviction(2, requesters=[_requester("a", "Withdrawn")]),
    _eviction(3, conditions=[_condition("TargetEvicted", "PodDeleted")]),
    _eviction(4, conditions=[_condition("Failed", "NoFurtherResponder")]),
    _eviction(5, conditions=[_condition("Failed", "EvictionInvalid"), _condition("TargetEvicted", "A", "False")]),
)
"""API servers accept responders step by step, at the present time: tests/resolvers/kinds/lifecycle has those."""


def _responder(eviction: Any, _now: datetime) -> str:
    one = eviction["progress"]
    return f"{one['responder'] or UNSET} ({one['processed']}/{one['total']})"


def _responder_status(eviction: Any, now: datetime) -> str:
    one = eviction["progress"]
    if not one["isReported"]:
        return UNSET
    if one["state"] == "Active" and one["startedAt"]:
        return f"Started ({since(one['startedAt'], now)} ago)"
    if one["state"] == "Completed" and one["completedAt"]:
        return f"Completed ({since(one['completedAt'], now)} ago)"
    return str(one["state"])


def _finish(eviction: Any, now: datetime) -> str:
    one = eviction["progress"]
    if not one["isReported"] or (one["state"] == "Active" and not (one["startedAt"] and one["expectedAt"])):
        return UNKNOWN
    if one["state"] != "Active":
        return "-"
    left = instant(one["expectedAt"]) - now
    return f"in {human_duration(left)}" if left > timedelta() else f"{since(one['expectedAt'], now)} ago"


def _requesters(eviction: Any, _now: datetime) -> str:
    active = eviction["activeRequesters"]
    if not active:
        return "<withdrawn>" if eviction["status"]["requesters"] else NONE
    return str(active[0]) + (f" + {len(active) - 1} more..." if len(active) > 1 else "")


def _heartbeat(eviction: Any, now: datetime) -> str:
    time = eviction["progress"]["heartbeatAt"]
    return f"{since(time, now)} ago" if time else UNSET


def _target_type(one: Any, _now: datetime) -> str:
    return "Pod" if one["spec"]["target"]["pod"] else UNSET


PRINTED: tuple[Printed, ...] = (
    Printed(
        kinds.EVICTION,
        objects=_EVICTIONS,
        selection="""state activeRequesters spec { target { pod { name } } } status { requesters { name } } progress {
            responder state processed total isReported startedAt expectedAt completedAt heartbeatAt message }""",
        cells={
            "Target": field("spec.target.pod.name", empty=UNSET),
            "Target Type": _target_type,
            "Status": field("state"),
            "Active Responder": _responder,
            "Responder Status": _responder_status,
            "Responder Expected Finish": _finish,
            "Requesters": _requesters,
            "Age": AGE,
            "Responder Heartbeat": _heartbeat,
            "Responder Status Message": field("progress.message", empty=UNSET),
        },
        is_patched=True,
    ),
    Printed(
        kinds.EVICTION_REQUEST,
        objects=(
            _request(0, "Eviction"),
            _request(1, "Eviction", observedGeneration=1),
            _request(2, "Withdrawn", conditions=[_condition("Failed", "EvictionFailed")]),
            _request(3, "Eviction", conditions=[_condition("TargetEvicted", "PodTerminal")]),
        ),
        selection="state spec { requester intent target { pod { name } } }",
        cells={
            "Target": field("spec.target.pod.name", empty=UNSET),
            "Target Type": _target_type,
            "Status": field("state"),
            "Requester": field("spec.requester"),
            "Intent": field("spec.intent"),
            "Age": AGE,
        },
        is_patched=True,
    ),
)
