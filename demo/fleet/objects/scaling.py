"""Autoscalers and disruption budgets of workloads."""

from collections.abc import Iterator

from demo.fleet.chance import number
from demo.fleet.company.application import Controller
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, condition, manifest
from demo.fleet.moment import MINUTE_S, stamp

_TARGET_PERCENT = 70
AT_LIMIT = ("prod-ap-1", "checkout", "checkout-api")
"""The autoscaler that needs more than its maximum."""


def autoscalers(workload: Workload) -> Iterator[Manifest]:
    """Yields the autoscaler of a workload, if it has one, with the workload's replicas as desired ones."""
    most = workload.application.most_replicas
    if not most:
        return
    is_limited = is_at_limit(workload)
    usage = 96 if is_limited else 40 + number(25, "usage", workload.uid)
    metric: Manifest = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": _TARGET_PERCENT}}
    current: Manifest = {
        "averageUtilization": usage,
        "averageValue": f"{workload.application.cpu_m * usage // 100}m",
    }
    spec: Manifest = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
        "minReplicas": min(2, workload.desired),
        "maxReplicas": workload.desired if is_limited else max(most, workload.desired + 2),
        "metrics": [{"type": "Resource", "resource": metric}],
    }
    status: Manifest = {
        "currentReplicas": len(workload.active),
        "desiredReplicas": workload.desired,
        "lastScaleTime": stamp(workload.site.start_s - 41 * MINUTE_S),
        "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": current}}],
        "conditions": _conditions(workload, is_limited=is_limited),
    }
    yield manifest(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        metadata=_metadata(workload, "autoscaling", "HorizontalPodAutoscaler"),
        spec=spec,
        status=status,
    )


def is_at_limit(workload: Workload) -> bool:
    """Returns whether a workload's autoscaler is at its maximum."""
    return (workload.site.profile.name, workload.namespace, workload.name) == AT_LIMIT


def _conditions(workload: Workload, *, is_limited: bool) -> list[Manifest]:
    at = stamp(workload.created_s + MINUTE_S)
    able = "recommended size matches current size"
    valid = "the HPA was able to successfully calculate a replica count from cpu resource utilization"
    limit = "the desired replica count is more than the maximum replica count"
    within = "the desired count is within the acceptable range"
    return [
        condition("AbleToScale", True, at, reason="ReadyForNewScale", message=able),
        condition("ScalingActive", True, at, reason="ValidMetricFound", message=valid),
        condition("ScalingLimited", True, at, reason="TooManyReplicas", message=limit)
        if is_limited
        else condition("ScalingLimited", False, at, reason="DesiredWithinRange", message=within),
    ]


def budgets(workload: Workload) -> Iterator[Manifest]:
    """Yields the disruption budget of a workload: one pod at a time."""
    if workload.desired < 2 or workload.kind is Controller.DAEMON_SET:
        return
    expected = workload.desired
    healthy = expected - 1
    allowed = max(0, workload.ready - healthy)
    reason = "SufficientPods" if allowed else "InsufficientPods"
    allows = condition("DisruptionAllowed", allowed > 0, stamp(workload.created_s), reason=reason, message="")
    yield manifest(
        "policy/v1",
        "PodDisruptionBudget",
        metadata={**_metadata(workload, "policy", "PodDisruptionBudget"), "generation": 1},
        spec={"maxUnavailable": 1, "selector": {"matchLabels": workload.selector()}},
        status={
            "observedGeneration": 1,
            "currentHealthy": workload.ready,
            "desiredHealthy": healthy,
            "expectedPods": expected,
            "disruptionsAllowed": allowed,
            "conditions": [{**allows, "observedGeneration": 1}],
        },
    )


def _metadata(workload: Workload, group: str, kind: str) -> Manifest:
    return {
        "name": workload.name,
        "namespace": workload.namespace,
        "uid": workload.site.uid(kind, workload.namespace, workload.name),
        "creationTimestamp": stamp(workload.created_s),
        "labels": workload.labels(),
        "annotations": workload.tracked(f"{group}/{kind}", workload.name),
    }
