"""Config maps, secrets, accounts, namespaces, events, quotas and classes."""

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject
from tests.printed.cells import AGE, CREATED_AT, field, since
from tests.printed.entry import Printed, manifest

_ABOUT: Final[JsonObject] = {"kind": "Pod", "namespace": "printed-config", "name": "web"}
_FIRST, _LAST, _MICRO = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00.000000Z"
_REPORTED: Final[JsonObject] = {
    "reportingComponent": "example.com/c",
    "reportingInstance": "c-1",
    "action": "Do",
    "eventTime": _MICRO,
}


def _event(name: str, **parts: Any) -> JsonObject:
    common: JsonObject = {"involvedObject": _ABOUT, "type": "Normal", "reason": "Tested", "message": " it was \n"}
    return manifest(name, **(common | parts))


_EVENTS: Final = (
    _event("older", firstTimestamp=_FIRST, lastTimestamp=_LAST, count=3, source={"component": "kubelet", "host": "n"}),
    _event("older-first-only", firstTimestamp=_FIRST, source={"component": "kubelet"}),
    _event("no-times", involvedObject={"kind": "Pod", "namespace": "printed-config", "fieldPath": "spec.x"}),
    _event("newer", **_REPORTED),
    _event("newer-series", series={"count": 9, "lastObservedTime": _MICRO}, **_REPORTED),
    _event("of-both", firstTimestamp=_FIRST, source={"component": "kubelet"}, **_REPORTED),
)


def _event_cells(subject: str, message: str, first: str, last: str) -> dict[str, Any]:
    def of_object(event: Any, _now: datetime) -> str:
        about = event[subject]
        return f"{about['kind'].lower()}/{about['name']}" if about["name"] else about["kind"].lower()

    def last_seen(event: Any, now: datetime) -> str:
        series = event["series"]
        time = series["lastObservedTime"] if series else event[last] or event["firstSeen"]
        return since(time, now)

    def text(event: Any, _now: datetime) -> str:
        return (event[message] or "").strip()

    def subobject(event: Any, _now: datetime) -> str:
        return event[subject]["fieldPath"] or ""

    return {
        "Last Seen": last_seen,
        "Type": field("type"),
        "Reason": field("reason"),
        "Object": of_object,
        "Subobject": subobject,
        "Source": field("sourceText", empty=""),
        "Message": text,
        "First Seen": lambda event, now: since(event["firstSeen"], now),
        "Count": field("occurrences"),
    }


def _events(kind: Kind, subject: str, message: str, first: str, last: str, objects: Any = ()) -> Printed:
    return Printed(
        kind,
        objects=objects,
        selection=f"type reason {subject} {{ kind name fieldPath }} {message} {last} firstSeen sourceText occurrences "
        "series { lastObservedTime }",
        cells=_event_cells(subject, message, first, last),
    )


_HARD: Final[JsonObject] = {
    "pods": "10",
    "requests.cpu": "2",
    "limits.cpu": "4",
    "limits.memory": "8Gi",
    "count/jobs.batch": "5",
}


def _quota(limits: bool) -> Any:
    def cell(quota: Any, _now: datetime) -> str:
        rows = (one for one in quota["resources"] if one["resource"].startswith("limits.") == limits)
        return ", ".join(f"{one['resource']}: {one['used']}/{one['hard']}" for one in rows)

    return cell


PRINTED = (
    Printed(
        kinds.CONFIG_MAP,
        objects=(
            manifest("none"),
            manifest("texts", data={"a": "1", "b": "2"}),
            manifest("both", data={"a": "1"}, binaryData={"b": "AAE=", "c": "AA=="}),
        ),
        selection="keyCount",
        cells={"Data": field("keyCount"), "Age": AGE},
    ),
    Printed(
        kinds.SECRET,
        objects=(
            manifest("none"),
            manifest("some", data={"a": "AA==", "b": ""}),
            manifest("typed", type="example.com/kind", stringData={"a": "x"}),
        ),
        selection="type keyCount",
        cells={"Type": field("type"), "Data": field("keyCount"), "Age": AGE},
    ),
    Printed(kinds.SERVICE_ACCOUNT, objects=(manifest("one"),), selection="mountsToken", cells={"Age": AGE}),
    Printed(
        kinds.NAMESPACE,
        objects=(manifest("printed-config-other"),),
        selection="status { phase }",
        cells={"Status": field("status.phase"), "Age": AGE},
    ),
    _events(kinds.EVENT, "involvedObject", "message", "firstTimestamp", "lastTimestamp", _EVENTS),
    _events(kinds.EVENTS_EVENT, "regarding", "note", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"),
    Printed(
        kinds.RESOURCE_QUOTA,
        objects=(
            manifest("uncounted", spec={"hard": {"pods": "1"}}),
            manifest(
                "counted",
                spec={"hard": _HARD},
                status={"hard": _HARD, "used": {"pods": "3", "limits.cpu": "1500m", "limits.memory": "2Gi"}},
            ),
        ),
        selection="resources { resource used hard }",
        cells={"Request": _quota(limits=False), "Limit": _quota(limits=True), "Age": AGE},
    ),
    Printed(
        kinds.LIMIT_RANGE,
        objects=(manifest("one", spec={"limits": [{"type": "Container", "default": {"cpu": "1"}}]}),),
        selection="resources { resource }",
        cells={"Created At": CREATED_AT},
    ),
    Printed(
        kinds.COMPONENT_STATUS,
        objects=(),
        selection="state message error",
        cells={
            "Status": field("state"),
            "Message": field("message", empty=""),
            "Error": field("error", empty=""),
        },
    ),
    Printed(
        kinds.PRIORITY_CLASS,
        objects=(
            manifest("printed-high", value=1000, globalDefault=True),
            manifest("printed-never", value=-1, preemptionPolicy="Never"),
        ),
        selection="value globalDefault preemptionPolicy",
        cells={
            "Value": field("value"),
            "Global-Default": lambda one, _now: bool(one["globalDefault"]),
            "Age": AGE,
            "PreemptionPolicy": field("preemptionPolicy", empty=""),
        },
    ),
    Printed(
        kinds.RUNTIME_CLASS,
        objects=(manifest("printed-gvisor", handler="runsc"),),
        selection="handler",
        cells={"Handler": field("handler"), "Age": AGE},
    ),
)
