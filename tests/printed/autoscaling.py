"""Autoscalers with each type of metric."""

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, UNKNOWN, UNSET, field
from tests.printed.entry import Printed, manifest


def _targets(autoscaler: Any, _now: datetime) -> str:
    texts = [_target(one) for one in autoscaler["targets"]]
    more = f" + {len(texts) - 2} more..." if len(texts) > 2 else ""
    return ", ".join(texts[:2]) + more if texts else NONE


def _target(one: Any) -> str:
    named = f"{one['name']}: " if one["type"] in {"Resource", "ContainerResource"} else ""
    is_average = one["type"] in {"Object", "External"} and one["targetType"] == "AverageValue"
    return f"{named}{one['current'] or UNKNOWN}/{one['target'] or '<auto>'}{' (avg)' if is_average else ''}"


def _resource(**target: JsonValue) -> JsonObject:
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _container(**target: JsonValue) -> JsonObject:
    return {
        "type": "ContainerResource",
        "containerResource": {"name": "memory", "container": "app", "target": target},
    }


def _metric(metric_type: str, **target: JsonValue) -> JsonObject:
    described: JsonObject = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "main"}
    source: JsonObject = {"metric": {"name": "requests"}, "target": target}
    return {
        "type": metric_type,
        metric_type.lower(): source | ({"describedObject": described} if metric_type == "Object" else {}),
    }


_UTILIZATION: Final[JsonObject] = {"type": "Utilization", "averageUtilization": 80}
_AVERAGE: Final[JsonObject] = {"type": "AverageValue", "averageValue": "1500m"}
_VALUE: Final[JsonObject] = {"type": "Value", "value": "2k"}
_METRICS: Final[dict[str, JsonObject]] = {
    "resource": _resource(**_UTILIZATION),
    "resource-average": _resource(**_AVERAGE),
    "container": _container(**_UTILIZATION),
    "container-average": _container(**_AVERAGE),
    "pods": _metric("Pods", **_AVERAGE),
    "object": _metric("Object", **_VALUE),
    "object-average": _metric("Object", **_AVERAGE),
    "external": _metric("External", **_VALUE),
    "external-average": _metric("External", **_AVERAGE),
}


def _current(metric: JsonObject) -> JsonObject:
    """Returns the status of a metric."""
    [(source, spec)] = [(key, value) for key, value in metric.items() if key != "type"]
    assert isinstance(spec, dict)
    values: JsonObject = {"averageUtilization": 41, "averageValue": "250m", "value": "7"}
    described = {key: value for key, value in spec.items() if key != "target"}
    return {"type": metric["type"], source: described | {"current": values}}


def _autoscaler(name: str, *metrics: JsonObject, measured: int = 0, **spec: JsonValue) -> JsonObject:
    current: list[JsonValue] = [_current(metric) for metric in metrics[:measured]]
    reference: JsonObject = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "labels"}
    return manifest(
        name,
        spec={"scaleTargetRef": reference, "maxReplicas": 5, **({"metrics": [*metrics]} if metrics else {}), **spec},
        status={"currentReplicas": 2, "desiredReplicas": 3, "currentMetrics": current},
    )


AUTOSCALING: Final = (
    Printed(
        kinds.HORIZONTAL_POD_AUTOSCALER,
        objects=(
            *(_autoscaler(name, metric) for name, metric in _METRICS.items()),
            *(_autoscaler(f"{name}-measured", metric, measured=1) for name, metric in _METRICS.items()),
            _autoscaler("several", *_METRICS.values(), measured=1, minReplicas=2),
            _autoscaler("default-metrics"),
            manifest(
                "new",
                spec={
                    "scaleTargetRef": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "canary"},
                    "maxReplicas": 3,
                },
            ),
        ),
        selection="""targets { type name targetType current target }
            spec { minReplicas maxReplicas scaleTargetRef { kind name } } status { currentReplicas }""",
        cells={
            "Reference": lambda one, _now: "/".join(one["spec"]["scaleTargetRef"][key] for key in ("kind", "name")),
            "Targets": _targets,
            "MinPods": lambda one, _now: str(one["spec"]["minReplicas"] or UNSET),
            "MaxPods": field("spec.maxReplicas"),
            "Replicas": lambda one, _now: one["status"]["currentReplicas"] or 0,
            "Age": AGE,
        },
    ),
)
