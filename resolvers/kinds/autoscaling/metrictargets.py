"""The metrics of an autoscaler with their current and target values, as kubectl's TARGETS column shows them.

Source: `formatHPAMetrics` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
"""

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of

_SOURCES: Final = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
"""The field of each type of metric."""
_RESOURCES: Final = ("resource", "containerResource")
_VALUES: Final = ("averageUtilization", "averageValue", "value")

READS: Final = (
    "spec.metrics.type",
    "spec.metrics.containerResource.container",
    *(f"{metrics}.{source}.name" for metrics in ("spec.metrics",) for source in _RESOURCES),
    *(f"spec.metrics.{source}.metric.name" for source in ("pods", "object", "external")),
    *(f"spec.metrics.{source}.target.{value}" for source in _SOURCES.values() for value in _VALUES),
    *(f"status.currentMetrics.{source}.current.{value}" for source in _SOURCES.values() for value in _VALUES),
)


class MetricTargetType(StrEnum):
    """The quantity of a metric that is compared with its target."""

    Utilization = "Utilization"
    AverageValue = "AverageValue"
    Value = "Value"


class AutoscalerTarget(Struct, frozen=True):
    """A metric of an autoscaler: its current value beside the target."""

    type: Annotated[
        str, Meta(description="The type of its source: Resource, ContainerResource, Pods, Object or External.")
    ]
    name: Annotated[str, Meta(description="The resource, such as `cpu`, or the name of the metric.")]
    container: Annotated[
        str | None, Meta(description="The container whose resource it is; null for other types than ContainerResource.")
    ]
    targetType: Annotated[  # noqa: N815  GraphQL
        MetricTargetType, Meta(description="The quantity that is compared with the target.")
    ]
    current: Annotated[
        str | None,
        Meta(description="Its current value, such as `41%` or `250m`; null while it is unknown."),
    ]
    target: Annotated[
        str | None, Meta(description="The value to keep, such as `80%` or `500m`; null for the default of the cluster.")
    ]


def metric_targets(autoscaler: Row) -> list[AutoscalerTarget]:
    """Returns the metrics of the spec in their order; reads `READS`."""
    current = items_of(autoscaler.status.currentMetrics if autoscaler.status else None)
    return [
        _target(metric, current[place] if place < len(current) else None)
        for place, metric in enumerate(items_of(autoscaler.spec.metrics if autoscaler.spec else None))
    ]


def _target(metric: Row, status: Row | None) -> AutoscalerTarget:
    source = _SOURCES.get(metric.type or "")
    spec = getattr(metric, source) if source is not None else None
    if source is None or spec is None:
        return AutoscalerTarget(metric.type or "", "", None, MetricTargetType.Value, None, None)
    target_type = _target_type(source, spec.target)
    measured = getattr(status, source) if status is not None else None
    return AutoscalerTarget(
        metric.type,
        (spec.name if source in _RESOURCES else spec.metric.name if spec.metric else None) or "",
        spec.container if source == "containerResource" else None,
        target_type,
        _value(target_type, measured.current if measured is not None else None),
        _value(target_type, spec.target),
    )


def _target_type(source: str, target: Row | None) -> MetricTargetType:
    if source == "pods" or (target is not None and target.averageValue is not None):
        return MetricTargetType.AverageValue
    return MetricTargetType.Utilization if source in _RESOURCES else MetricTargetType.Value


def _value(target_type: MetricTargetType, values: Row | None) -> str | None:
    if values is None:
        return None
    if target_type is MetricTargetType.Utilization:
        return f"{values.averageUtilization}%" if values.averageUtilization is not None else None
    value = values.averageValue if target_type is MetricTargetType.AverageValue else values.value
    return str(value) if value is not None else None
