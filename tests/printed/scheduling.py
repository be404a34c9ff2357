"""Pods that are scheduled together."""

from typing import Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, field
from tests.printed.entry import Printed, manifest

_BEGUN: Final = "2026-01-01T00:00:00Z"
_SCHEDULED: Final = "PodGroupInitiallyScheduled"


def _group(name: str, *conditions: tuple[str, str, str], **spec: JsonValue) -> JsonObject:
    whole: list[JsonValue] = [
        {"type": one, "status": status, "reason": reason, "message": "", "lastTransitionTime": _BEGUN}
        for one, status, reason in conditions
    ]
    basic: JsonObject = {"schedulingPolicy": {"basic": {}}}
    return manifest(name, spec={**basic, **spec}, status={"conditions": whole} if whole else {})


_WORKLOAD: Final[JsonObject] = {"workloadName": "training", "templateName": "workers"}
_GANG: Final[JsonObject] = {"gang": {"minCount": 2}}

SCHEDULING: Final = (
    Printed(
        kinds.WORKLOAD,
        objects=(
            manifest("training", spec={"podGroupTemplates": [{"name": "workers", "schedulingPolicy": {"basic": {}}}]}),
        ),
        selection="",
        cells={"Age": AGE},
    ),
    Printed(
        kinds.POD_GROUP,
        objects=(
            _group("pending"),
            _group("gang", schedulingPolicy=_GANG, workloadRef=_WORKLOAD),
            _group("scheduled", (_SCHEDULED, "True", "Scheduled")),
            _group("unschedulable", (_SCHEDULED, "False", "Unschedulable")),
            _group(
                "disrupted", ("DisruptionTarget", "True", "PreemptionByScheduler"), (_SCHEDULED, "True", "Scheduled")
            ),
        ),
        selection="policy state spec { workloadRef { workloadName } }",
        cells={
            "Policy": field("policy"),
            "Workload": field("spec.workloadRef.workloadName", empty=NONE),
            "Status": field("state"),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.COMPOSITE_POD_GROUP,
        objects=(
            _group("basic", workloadRef=_WORKLOAD),
            _group("gang", schedulingPolicy={"gang": {"minGroupCount": 2}}, workloadRef=_WORKLOAD),
        ),
        selection="policy spec { workloadRef { workloadName } }",
        cells={
            "Policy": field("policy"),
            "Workload": field("spec.workloadRef.workloadName"),
            "Age": AGE,
        },
    ),
)
