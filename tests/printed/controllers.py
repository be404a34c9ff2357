"""Kinds of apps, and the kinds of other groups that are like them."""

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject
from tests.printed.cells import AGE, NONE, field
from tests.printed.entry import Cell, Printed, manifest
from tests.printed.templates import (
    CONTAINERS,
    COUNTS,
    LABELS,
    SELECTOR_FIELDS,
    SELECTORS,
    TEMPLATE_FIELDS,
    WIDE,
    pairs,
    pod_template,
    selector,
)


def _ready(answer: Any, _now: datetime) -> str:
    return f"{answer['replicas']['ready']}/{answer['replicas']['desired']}"


def _controller(revision: Any, _now: datetime) -> str:
    owner = next((one for one in revision["metadata"]["ownerReferences"] or () if one["controller"]), None)
    if owner is None:
        return NONE
    group, slash, _ = owner["apiVersion"].partition("/")
    return f"{owner['kind'].lower()}{f'.{group}' if slash else ''}/{owner['name']}"


def _limit(name: str) -> Cell:
    return lambda budget, _now: "N/A" if (value := budget["spec"][name]) is None else str(value)


_SET_STATUS: Final[JsonObject] = {"replicas": 3, "readyReplicas": 2, "availableReplicas": 1, "observedGeneration": 1}
_OWNER: Final[JsonObject] = {"name": "agent", "uid": "00000000-0000-4000-8000-000000000000"}

APPS: Final = (
    Printed(
        kinds.POD_TEMPLATE,
        objects=(
            manifest("with-labels", template=pod_template()),
            manifest("without-labels", template={"spec": {"containers": CONTAINERS[:1]}}),
        ),
        selection=f"{TEMPLATE_FIELDS} template {{ metadata {{ labels }} }}",
        cells={
            **WIDE,
            "Pod Labels": lambda one, _now: pairs((one["template"]["metadata"] or {}).get("labels")),
        },
    ),
    Printed(
        kinds.REPLICATION_CONTROLLER,
        objects=(
            manifest("new", spec={"replicas": 2, "selector": LABELS, "template": pod_template()}),
            manifest("default", spec={"selector": LABELS, "template": pod_template()}, status=_SET_STATUS),
        ),
        selection=f"{TEMPLATE_FIELDS} replicas {{ desired current ready }} spec {{ selector }}",
        cells=COUNTS | WIDE | {"Age": AGE, "Selector": lambda one, _now: pairs(one["spec"]["selector"])},
    ),
    Printed(
        kinds.REPLICA_SET,
        objects=(
            *(
                manifest(name, spec={"replicas": 4, "selector": one, "template": pod_template()}, status=_SET_STATUS)
                for name, one in SELECTORS.items()
            ),
            manifest("default", spec={"selector": SELECTORS["labels"], "template": pod_template()}),
        ),
        selection=f"{TEMPLATE_FIELDS} replicas {{ desired current ready }} {SELECTOR_FIELDS}",
        cells=COUNTS | WIDE | {"Age": AGE, "Selector": selector},
    ),
    Printed(
        kinds.DAEMON_SET,
        objects=(
            manifest(
                "everywhere",
                spec={"selector": SELECTORS["labels"], "template": pod_template()},
                status={
                    "desiredNumberScheduled": 5,
                    "currentNumberScheduled": 4,
                    "numberReady": 3,
                    "updatedNumberScheduled": 2,
                    "numberAvailable": 1,
                    "numberMisscheduled": 0,
                },
            ),
            manifest(
                "somewhere",
                spec={
                    "selector": SELECTORS["expressions"],
                    "template": pod_template(nodeSelector={"zone": "b", "disk": "ssd"}),
                },
            ),
        ),
        selection=f"""{TEMPLATE_FIELDS} replicas {{ desired current ready updated available }}
            spec {{ selector {{ matchLabels matchExpressions {{ key operator values }} }}
                template {{ spec {{ nodeSelector }} }} }}""",
        cells=COUNTS
        | WIDE
        | {
            "Up-to-date": field("replicas.updated"),
            "Available": field("replicas.available"),
            "Node Selector": lambda one, _now: pairs(one["spec"]["template"]["spec"]["nodeSelector"]),
            "Age": AGE,
            "Selector": selector,
        },
    ),
    Printed(
        kinds.STATEFUL_SET,
        objects=(
            manifest(
                "default",
                spec={"selector": SELECTORS["labels"], "serviceName": "db", "template": pod_template()},
                status={"replicas": 1},
            ),
            manifest(
                "none",
                spec={"replicas": 3, "selector": SELECTORS["labels"], "serviceName": "", "template": pod_template()},
                status={"replicas": 3, "readyReplicas": 2},
            ),
        ),
        selection=f"{TEMPLATE_FIELDS} replicas {{ desired ready }}",
        cells={"Ready": _ready, "Age": AGE, **WIDE},
    ),
    Printed(
        kinds.DEPLOYMENT,
        objects=(
            *(
                manifest(
                    name,
                    spec={"replicas": 4, "selector": one, "template": pod_template()},
                    status=_SET_STATUS | {"updatedReplicas": 3, "unavailableReplicas": 1},
                )
                for name, one in SELECTORS.items()
            ),
            manifest("default", spec={"selector": SELECTORS["labels"], "template": pod_template()}),
        ),
        selection=f"{TEMPLATE_FIELDS} replicas {{ desired ready updated available }} {SELECTOR_FIELDS}",
        cells={
            "Ready": _ready,
            "Up-to-date": field("replicas.updated"),
            "Available": field("replicas.available"),
            "Age": AGE,
            **WIDE,
            "Selector": selector,
        },
    ),
    Printed(
        kinds.CONTROLLER_REVISION,
        objects=(
            manifest(
                "owned",
                metadata={
                    "ownerReferences": [
                        _OWNER | {"apiVersion": "v1", "kind": "Node"},
                        _OWNER | {"apiVersion": "apps/v1", "kind": "DaemonSet", "controller": True},
                    ]
                },
                data={},
                revision=3,
            ),
            manifest(
                "core",
                metadata={"ownerReferences": [_OWNER | {"apiVersion": "v1", "kind": "Node", "controller": True}]},
                data={},
                revision=2**40,
            ),
            manifest("alone", data={"spec": 1}, revision=0),
        ),
        selection="revision metadata { ownerReferences { apiVersion kind name controller } }",
        cells={"Controller": _controller, "Revision": field("revision"), "Age": AGE},
    ),
    Printed(
        kinds.POD_DISRUPTION_BUDGET,
        objects=(
            manifest(
                "minimum",
                spec={"minAvailable": 1},
                status={"disruptionsAllowed": 2, "currentHealthy": 3, "desiredHealthy": 1, "expectedPods": 3},
            ),
            manifest("percentage", spec={"maxUnavailable": "20%"}),
        ),
        selection="spec { minAvailable maxUnavailable } allowed",
        cells={
            "Min Available": _limit("minAvailable"),
            "Max Unavailable": _limit("maxUnavailable"),
            "Allowed Disruptions": field("allowed"),
            "Age": AGE,
        },
    ),
)
