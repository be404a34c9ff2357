"""The rules of the kinds that keep replicas: their counts must agree, and the rollout must have ended.

Source: core.go.
"""

from typing import Final

from resolvers.kinds.health.objecthealth import ObjectHealth, current, failed, in_progress
from resolvers.kinds.health.objectvalues import ObjectValues

_NO_DEADLINE: Final = 2**31 - 1
"""The value of `progressDeadlineSeconds` that means none: then there is no condition Progressing."""


def stateful_set(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a StatefulSet, whose controller sets no conditions."""
    if values.text("spec.updateStrategy.type") == "OnDelete":
        return current("StatefulSet is using the ondelete update strategy")
    desired, replicas = values.integer("spec.replicas", 1), values.integer("status.replicas")
    ready, updated = values.integer("status.readyReplicas"), values.integer("status.updatedReplicas")
    partition = values.integer("spec.updateStrategy.rollingUpdate.partition", -1)
    waiting = _fewer("Replicas", replicas, desired) or _fewer("Ready", ready, desired) or _surplus(replicas, desired)
    if waiting is not None:
        return waiting
    if partition != -1:
        return _fewer("updated", updated, desired - partition) or current(
            f"Partition rollout complete. updated: {updated}"
        )
    if waiting := _fewer("current", values.integer("status.currentReplicas"), desired):
        return waiting
    if values.text("status.currentRevision") != values.text("status.updateRevision"):
        return in_progress("Waiting for updated revision to match current")
    return current(f"All replicas scheduled as expected. Replicas: {replicas}")


def deployment(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a Deployment; it has failed once its progress deadline is exceeded.

    Raises:
        StatusInvalid: the conditions are invalid.
    """
    has_progressed = values.integer("spec.progressDeadlineSeconds", _NO_DEADLINE) == _NO_DEADLINE
    is_available = False
    for condition in values.conditions():
        if condition.type == "Progressing" and condition.reason == "ProgressDeadlineExceeded":
            return failed("Progress deadline exceeded")
        is_true = condition.status == "True"
        has_progressed |= is_true and (condition.type, condition.reason) == ("Progressing", "NewReplicaSetAvailable")
        is_available |= is_true and condition.type == "Available"
    desired, replicas = values.integer("spec.replicas", 1), values.integer("status.replicas")
    updated = values.integer("status.updatedReplicas")
    waiting = (
        _fewer("Replicas", replicas, desired)
        or _fewer("Updated", updated, desired)
        or _surplus(replicas, desired)
        or _fewer("Available", values.integer("status.availableReplicas"), updated)
        or _fewer("Ready", values.integer("status.readyReplicas"), desired)
    )
    if waiting is not None:
        return waiting
    if not has_progressed:
        return in_progress("ReplicaSet not Available")
    if not is_available:
        return in_progress("Deployment not Available")
    return current(f"Deployment is available. Replicas: {replicas}")


def replica_set(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a ReplicaSet.

    Raises:
        StatusInvalid: the conditions are invalid.
    """
    if any(condition.type == "ReplicaFailure" and condition.status == "True" for condition in values.conditions()):
        return in_progress("Replica Failure condition. Check Pods")
    desired, replicas = values.integer("spec.replicas", 1), values.integer("status.replicas")
    return (
        _fewer("Labelled", values.integer("status.fullyLabeledReplicas"), desired)
        or _fewer("Available", values.integer("status.availableReplicas"), desired)
        or _fewer("Ready", values.integer("status.readyReplicas"), desired)
        or _surplus(replicas, desired)
        or current(f"ReplicaSet is available. Replicas: {replicas}")
    )


def daemon_set(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a DaemonSet; one without generations has not been observed yet."""
    for path in ("metadata.generation", "status.observedGeneration"):
        if values.value(path) is None:
            return in_progress(f"{values.kind} {path} not found")
    desired = values.integer("status.desiredNumberScheduled", -1)
    if desired == -1:
        return in_progress("Missing .status.desiredNumberScheduled")
    return (
        _fewer("Current", values.integer("status.currentNumberScheduled"), desired)
        or _fewer("Updated", values.integer("status.updatedNumberScheduled"), desired)
        or _fewer("Available", values.integer("status.numberAvailable"), desired)
        or _fewer("Ready", values.integer("status.numberReady"), desired)
        or current(f"All replicas scheduled as expected. Replicas: {desired}")
    )


def _fewer(what: str, count: int, desired: int) -> ObjectHealth | None:
    return in_progress(f"{what}: {count}/{desired}") if desired > count else None


def _surplus(count: int, desired: int) -> ObjectHealth | None:
    return in_progress(f"Pending termination: {count - desired}") if count > desired else None
