"""Jobs and cron jobs."""

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, field, human_duration, instant, since
from tests.printed.entry import Printed, manifest
from tests.printed.templates import (
    SELECTOR_FIELDS,
    TEMPLATE_FIELDS,
    WIDE,
    pod_template,
    selector,
)

_BEGUN: Final = "2026-01-01T00:00:00Z"
_ENDED: Final = "2026-01-01T00:10:05Z"


def _conditions(*types: str) -> list[JsonValue]:
    return [{"type": one, "status": "True", "lastTransitionTime": _BEGUN, "lastProbeTime": _BEGUN} for one in types]


def _job(name: str, *conditions: str, succeeded: int = 0, **spec: JsonValue) -> JsonObject:
    template = pod_template(restart_policy="Never")
    ended: JsonObject = {"completionTime": _ENDED} if "Complete" in conditions else {}
    status: JsonObject = {
        "startTime": _BEGUN,
        "succeeded": succeeded,
        "conditions": _conditions(*conditions),
        **ended,
        "uncountedTerminatedPods": {},
    }
    return manifest(name, spec={"template": template, **spec}, status=status)


def _deleted(job: JsonObject) -> JsonObject:
    metadata = job["metadata"]
    assert isinstance(metadata, dict)
    return job | {"metadata": metadata | {"deletionTimestamp": _BEGUN}}


def _duration(job: Any, now: datetime) -> str:
    begun, ended = job["status"]["startTime"], job["status"]["completionTime"]
    return human_duration((instant(ended) if ended else now) - instant(begun)) if begun else ""


def _cron_job(name: str, status: "JsonObject | None" = None, **spec: JsonValue) -> JsonObject:
    template: JsonObject = {"spec": {"template": pod_template(restart_policy="Never")}}
    return manifest(name, spec={"schedule": "*/5 * * * *", "jobTemplate": template, **spec}, status=status or {})


def _last_schedule(cron_job: Any, now: datetime) -> str:
    last = cron_job["status"]["lastScheduleTime"]
    return since(last, now) if last else NONE


BATCH: Final = (
    Printed(
        kinds.JOB,
        objects=(
            _job("running", completions=3, succeeded=1),
            manifest("new", spec={"template": pod_template(restart_policy="Never")}),
            manifest("parallel", spec={"template": pod_template(restart_policy="Never"), "parallelism": 5}),
            _job("complete", "SuccessCriteriaMet", "Complete", succeeded=1),
            _job("failed", "FailureTarget", "Failed"),
            _job("failing", "FailureTarget"),
            _job("succeeding", "SuccessCriteriaMet"),
            _job("suspended", "Suspended"),
            _deleted(_job("deleted")),
            _deleted(_job("deleted-complete", "SuccessCriteriaMet", "Complete", succeeded=1)),
        ),
        selection=f"""{TEMPLATE_FIELDS} state completions status {{ startTime completionTime }}
            {SELECTOR_FIELDS}""",
        cells={
            "Status": field("state"),
            "Completions": field("completions"),
            "Duration": _duration,
            "Age": AGE,
            **WIDE,
            "Selector": selector,
        },
    ),
    Printed(
        kinds.CRON_JOB,
        objects=(
            _cron_job("new"),
            _cron_job(
                "zoned",
                {"lastScheduleTime": _BEGUN, "active": [{"name": "one"}, {"name": "two"}]},
                timeZone="Asia/Tokyo",
                suspend=True,
            ),
        ),
        selection=f"""{TEMPLATE_FIELDS} spec {{ schedule timeZone suspend }}
            status {{ lastScheduleTime active {{ name }} }}""",
        cells={
            "Schedule": field("spec.schedule"),
            "Timezone": field("spec.timeZone", empty=NONE),
            "Suspend": lambda one, _now: str(one["spec"]["suspend"]),
            "Active": lambda one, _now: len(one["status"]["active"] or ()),
            "Last Schedule": _last_schedule,
            "Age": AGE,
            **WIDE,
            "Selector": lambda _one, _now: NONE,
        },
    ),
)
