"""The rule of each kind that has its own, and the health of an object by it.

Source: `legacyTypes` of core.go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from resolvers.kinds.health import resources, workloads
from resolvers.kinds.health.generic import STATUS_READS, by_ready, decided
from resolvers.kinds.health.objecthealth import ObjectHealth, unknown
from resolvers.kinds.health.objectvalues import ObjectValues, StatusInvalid


@dataclass(frozen=True, slots=True)
class HealthRule:
    """The rule of a kind.

    Attributes:
        health: returns the health of an object that the generic rules do not decide on.
        reads: the paths that it reads, beside those of the generic rules.
    """

    health: Callable[[ObjectValues], ObjectHealth]
    reads: tuple[str, ...] = ()


_DEPLOYMENT: Final = HealthRule(
    workloads.deployment,
    (
        "spec.replicas",
        "spec.progressDeadlineSeconds",
        "status.replicas",
        "status.updatedReplicas",
        "status.readyReplicas",
        "status.availableReplicas",
    ),
)
_REPLICA_SET: Final = HealthRule(
    workloads.replica_set,
    (
        "spec.replicas",
        "status.replicas",
        "status.readyReplicas",
        "status.availableReplicas",
        "status.fullyLabeledReplicas",
    ),
)
_DAEMON_SET: Final = HealthRule(
    workloads.daemon_set,
    (
        "status.desiredNumberScheduled",
        "status.currentNumberScheduled",
        "status.updatedNumberScheduled",
        "status.numberAvailable",
        "status.numberReady",
    ),
)
_ALWAYS: Final = HealthRule(resources.always)
_ANY: Final = HealthRule(by_ready)

RULES: Final[Mapping[tuple[str, str], HealthRule]] = {
    ("", "Service"): HealthRule(resources.service, ("spec.type", "spec.clusterIP")),
    ("", "Pod"): HealthRule(
        resources.pod,
        ("status.phase", *resources.CONTAINER_READS),
    ),
    ("", "Secret"): _ALWAYS,
    ("", "ConfigMap"): _ALWAYS,
    ("", "PersistentVolumeClaim"): HealthRule(resources.persistent_volume_claim, ("status.phase",)),
    ("apps", "StatefulSet"): HealthRule(
        workloads.stateful_set,
        (
            "spec.replicas",
            "spec.updateStrategy.type",
            "spec.updateStrategy.rollingUpdate.partition",
            "status.replicas",
            "status.readyReplicas",
            "status.currentReplicas",
            "status.updatedReplicas",
            "status.currentRevision",
            "status.updateRevision",
        ),
    ),
    ("apps", "DaemonSet"): _DAEMON_SET,
    ("extensions", "DaemonSet"): _DAEMON_SET,
    ("apps", "Deployment"): _DEPLOYMENT,
    ("extensions", "Deployment"): _DEPLOYMENT,
    ("apps", "ReplicaSet"): _REPLICA_SET,
    ("extensions", "ReplicaSet"): _REPLICA_SET,
    ("policy", "PodDisruptionBudget"): HealthRule(resources.pod_disruption_budget),
    ("batch", "CronJob"): _ALWAYS,
    ("batch", "Job"): HealthRule(
        resources.job,
        (
            "spec.parallelism",
            "spec.completions",
            "status.succeeded",
            "status.active",
            "status.failed",
            "status.startTime",
        ),
    ),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): HealthRule(resources.custom_resource_definition),
}
"""Rules by API group and kind; objects of other kinds are judged by their condition Ready."""


def health_reads(group: str, kind: str) -> tuple[str, ...]:
    """Returns the paths, beside those of the metadata, that decide on the health of objects of a kind."""
    return (*STATUS_READS, *RULES.get((group, kind), _ANY).reads)


def health_of(group: str, values: ObjectValues) -> ObjectHealth:
    """Returns the health of an object; Unknown if its status is not what the rules know."""
    try:
        return decided(values) or RULES.get((group, values.kind), _ANY).health(values)
    except StatusInvalid as error:
        return unknown(str(error))
