"""The limits of autoscalers, strange metrics, and the pods of targets of custom kinds."""

from typing import Final

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.builtin import HORIZONTAL_POD_AUTOSCALER
from k8s.reading.rowdecoders import Row
from resolvers.kinds.autoscaling.horizontalpodautoscaler import AutoscalerLimit, limit_reached, targets
from resolvers.kinds.autoscaling.metrictargets import READS as METRIC_READS
from resolvers.kinds.autoscaling.metrictargets import AutoscalerTarget, MetricTargetType
from resolvers.kinds.autoscaling.scaled import BETWEEN, TARGET_READS, target_of
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row
from tests.resolvers.links.owning import PLATFORM, ROLLOUT, cluster_with, object_of, reference
from tests.resolvers.links.owning import answered as answer_of

READS: Final = (
    *METRIC_READS,
    *TARGET_READS,
    *("spec.minReplicas", "spec.maxReplicas", "status.currentReplicas"),
    *("status.conditions.type", "status.conditions.status"),
)


def autoscaler(spec: JsonObject, status: JsonObject) -> Row:
    """Returns an autoscaler."""
    return row(HORIZONTAL_POD_AUTOSCALER, *READS, spec=spec, status=status)


def _limited(status: str) -> list[JsonValue]:
    return [{"type": "AbleToScale", "status": "True"}, {"type": "ScalingLimited", "status": status}]


@pytest.mark.parametrize(
    ("spec", "status", "limit"),
    [
        ({"minReplicas": 2, "maxReplicas": 5}, {"currentReplicas": 5}, AutoscalerLimit.MAXIMUM),
        ({"minReplicas": 2, "maxReplicas": 5}, {"currentReplicas": 7}, AutoscalerLimit.MAXIMUM),
        ({"minReplicas": 2, "maxReplicas": 5}, {"currentReplicas": 2}, AutoscalerLimit.MINIMUM),
        ({"maxReplicas": 5}, {"currentReplicas": 1}, AutoscalerLimit.MINIMUM),
        ({"minReplicas": 3, "maxReplicas": 3}, {"currentReplicas": 3}, AutoscalerLimit.MAXIMUM),
        ({"maxReplicas": 5}, {"currentReplicas": 3, "conditions": _limited("True")}, AutoscalerLimit.SCALING_LIMITED),
        ({"maxReplicas": 5}, {"currentReplicas": 3, "conditions": _limited("False")}, None),
        ({"maxReplicas": 5}, {"currentReplicas": 3}, None),
        ({"maxReplicas": 5}, {}, None),
        ({}, {"currentReplicas": 3}, None),
    ],
)
def test_limits(spec: JsonObject, status: JsonObject, limit: AutoscalerLimit | None) -> None:
    assert limit_reached(autoscaler(spec, status)) == limit


@pytest.mark.parametrize(
    "metric",
    [{}, {"type": "Pods"}, {"type": "Else", "pods": {}}, {"type": "Resource", "external": {}}],
    ids=["empty", "no-source", "unknown", "another"],
)
def test_a_metric_that_is_none_has_neither_value_nor_target(metric: JsonObject) -> None:
    expected = AutoscalerTarget(str(metric.get("type", "")), "", None, MetricTargetType.Value, None, None)

    assert targets(autoscaler({"metrics": [metric]}, {})) == [expected]


def test_a_metric_without_target_or_name() -> None:
    found = targets(autoscaler({"metrics": [{"type": "External", "external": {}}]}, {"currentMetrics": [{}]}))

    assert found == [AutoscalerTarget("External", "", None, MetricTargetType.Value, None, None)]


def test_the_current_value_of_another_metric_is_not_taken() -> None:
    spec: JsonObject = {"name": "cpu", "target": {"averageUtilization": 80}}
    current: JsonObject = {"type": "Pods", "pods": {"current": {"averageValue": "5"}}}

    [found] = targets(autoscaler({"metrics": [{"type": "Resource", "resource": spec}]}, {"currentMetrics": [current]}))

    assert (found.current, found.target) == (None, "80%")


@pytest.mark.parametrize("reference", [{}, {"kind": "Deployment"}, {"name": "web"}, {"kind": "", "name": ""}])
def test_a_reference_without_kind_or_name_leads_nowhere(reference: JsonObject) -> None:
    assert target_of(autoscaler({"scaleTargetRef": reference}, {})) is None
    assert target_of(row(HORIZONTAL_POD_AUTOSCALER, *READS)) is None


@pytest.mark.parametrize("forbidden", [(), ("replicasets",), ("statefulsets",)])
async def test_pods_of_custom_targets_are_those_that_they_control(engine: Engine, forbidden: tuple[str, ...]) -> None:
    def scaler(name: str, kind: str, api_version: str = ROLLOUT.api_version) -> JsonObject:
        target: JsonObject = {"apiVersion": api_version, "kind": kind, "name": name}
        made: JsonObject = object_of(HORIZONTAL_POD_AUTOSCALER, name) | {"spec": {"scaleTargetRef": target}}
        return made

    objects = [
        scaler("canary", "Rollout"),
        scaler("direct", "Rollout"),
        scaler("idle", "Rollout"),
        scaler("web", "Deployment", "apps/v1"),
        *(scaler(name, "Rollout") for name in ("stateful", "working", "deployed")),
        object_of(kinds.STATEFUL_SET, "stateful-1", reference(ROLLOUT, "stateful")),
        object_of(kinds.POD, "d", reference(kinds.STATEFUL_SET, "stateful-1")),
        object_of(kinds.JOB, "working-1", reference(ROLLOUT, "working")),
        object_of(kinds.POD, "e", reference(kinds.JOB, "working-1")),
        object_of(kinds.DEPLOYMENT, "deployed-1", reference(ROLLOUT, "deployed")),
        object_of(kinds.REPLICA_SET, "deployed-1-1", reference(kinds.DEPLOYMENT, "deployed-1")),
        object_of(kinds.POD, "f", reference(kinds.REPLICA_SET, "deployed-1-1")),
        object_of(kinds.REPLICA_SET, "canary-1", reference(ROLLOUT, "canary")),
        object_of(kinds.POD, "a", reference(kinds.REPLICA_SET, "canary-1")),
        object_of(kinds.POD, "b", reference(ROLLOUT, "direct")),
        object_of(kinds.POD, "elsewhere", reference(ROLLOUT, "direct"), namespace="till"),
        object_of(kinds.POD, "c", reference(PLATFORM, "direct")),
    ]
    serves = (ROLLOUT, PLATFORM, HORIZONTAL_POD_AUTOSCALER, kinds.POD, *BETWEEN)
    sender = cluster_with(objects, serves=serves, forbidden=forbidden)
    back = "pods { nodes { name horizontalPodAutoscalers { nodes { name } } } }"

    answer = await answer_of(engine, f"{{ horizontalPodAutoscalers {{ nodes {{ name {back} }} }} }}", sender)

    found = {one["name"]: one["pods"] for one in answer["data"]["horizontalPodAutoscalers"]["nodes"]}
    if forbidden:
        assert found == dict.fromkeys(("canary", "direct", "idle", "web", "stateful", "working", "deployed"))
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
        return
    assert "errors" not in answer

    def pods_of(name: str, *pods: str) -> JsonObject:
        return {"nodes": [{"name": pod, "horizontalPodAutoscalers": {"nodes": [{"name": name}]}} for pod in pods]}

    assert found == {
        "canary": pods_of("canary", "a"),
        "direct": pods_of("direct", "b"),
        "idle": None,
        "web": pods_of("web"),
        "stateful": pods_of("stateful", "d"),
        "working": pods_of("working", "e"),
        "deployed": pods_of("deployed", "f"),
    }
