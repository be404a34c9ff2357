"""The rules of other built-in kinds.

Source: core.go.
"""

from datetime import timedelta
from typing import Final

from k8s.reading.openpaths import below
from resolvers.kinds.health.objecthealth import ObjectHealth, current, failed, in_progress, unknown
from resolvers.kinds.health.objectvalues import ObjectValues
from resolvers.kinds.longlists import items_of

_SCHEDULING: Final = timedelta(seconds=15)
"""The time that a pod has to be scheduled before it counts as unschedulable."""

CONTAINER_READS: Final = ("status.containerStatuses.name", "status.containerStatuses.state.waiting.reason")
"""The paths of the containers of a pod."""


def pod(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a pod.

    Raises:
        StatusInvalid: the conditions are invalid.
    """
    match values.text("status.phase"):
        case "Succeeded":
            return current("Pod has completed successfully")
        case "Failed":
            return current("Pod has completed, but not successfully")
        case "Running":
            return _running(values)
        case "Pending":
            return _pending(values)
        case "":
            return in_progress("Pod phase not available")
        case phase:
            return unknown(f"unknown phase {phase}")


def _running(values: ObjectValues) -> ObjectHealth:
    for condition in values.conditions():
        if condition.type == "Ready" and condition.status == "True":
            return current("Pod is Ready")
    containers = values.value("status.containerStatuses")
    crashing = [*map(_crashing, items_of(containers))] if isinstance(containers, list) else []
    names = [name for name in crashing if name is not None]
    if names:
        return failed(f"Containers in CrashLoop state: {','.join(names)}")
    return in_progress("Pod is running but is not Ready")


def _crashing(status: object) -> str | None:
    """Returns the name of a container that waits after crashes; None for others."""
    reason, name = below(status, ("state", "waiting", "reason")), below(status, ("name",))
    return name if reason == "CrashLoopBackOff" and isinstance(name, str) else None


def _pending(values: ObjectValues) -> ObjectHealth:
    scheduled = (one for one in values.conditions() if one.type == "PodScheduled" and one.status == "False")
    first = next(scheduled, None)
    if first is None or first.reason != "Unschedulable":
        return in_progress("Pod is in the Pending phase")
    created = values.time("metadata.creationTimestamp")
    if created is not None and values.now() - _SCHEDULING < created:
        return in_progress("Pod has not been scheduled")
    return failed("Pod could not be scheduled")


def job(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a Job: one that runs is Current.

    Raises:
        StatusInvalid: the conditions are invalid.
    """
    completions = values.integer("spec.completions", values.integer("spec.parallelism", 1))
    succeeded, failures = values.integer("status.succeeded"), values.integer("status.failed")
    for condition in values.conditions():
        if condition.type == "Complete" and condition.status == "True":
            return current(f"Job Completed. succeeded: {succeeded}/{completions}")
        if condition.type == "Failed" and condition.status == "True":
            return failed(f"Job Failed. failed: {failures}/{completions}")
    if not values.text("status.startTime"):
        return in_progress("Job not started")
    active = values.integer("status.active")
    return current(f"Job in progress. success:{succeeded}, active: {active}, failed: {failures}")


def service(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a Service: one with a load balancer needs an address."""
    if values.text("spec.type", "ClusterIP") == "LoadBalancer" and not values.text("spec.clusterIP"):
        return in_progress("ClusterIP not set. Service type: LoadBalancer")
    return current("Service is ready")


def persistent_volume_claim(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a PersistentVolumeClaim, which must be bound."""
    phase = values.text("status.phase", "unknown")
    return current("PVC is Bound") if phase == "Bound" else in_progress(f"PVC is not Bound. phase: {phase}")


def pod_disruption_budget(_values: ObjectValues) -> ObjectHealth:
    """Returns Current: its controller has observed it, as the generic rules have found."""
    return current("AllowedDisruptions has been computed.")


def custom_resource_definition(values: ObjectValues) -> ObjectHealth:
    """Returns the health of a CustomResourceDefinition, whose kind must be served.

    Raises:
        StatusInvalid: the conditions are invalid.
    """
    for condition in values.conditions():
        if condition.type == "NamesAccepted" and condition.status == "False":
            return failed(condition.message or "")
        if condition.type == "Established" and condition.status == "False" and condition.reason != "Installing":
            return failed(condition.message or "")
        if condition.type == "Established" and condition.status == "True":
            return current("CRD is established")
    return in_progress("Install in progress")


def always(_values: ObjectValues) -> ObjectHealth:
    """Returns the health of a kind without a controller."""
    return current("Resource is always ready")
