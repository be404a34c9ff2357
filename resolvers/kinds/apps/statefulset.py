"""Members of stateful sets beyond their Kubernetes fields."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.apps.rollout import WorkloadRollout
from resolvers.kinds.autoscaling.scaled import add_autoscalers
from resolvers.kinds.core.service import SERVICES
from resolvers.kinds.podspecs.relations import STATEFUL_SET_PODS
from resolvers.kinds.podspecs.templates import add_template_fields, add_template_names, add_template_selecting
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths
from resolvers.links.owning import Owning, add_owned, add_owner

STATEFUL_SETS = Family(kinds.STATEFUL_SET)
REVISIONS_OF_STATEFUL_SETS = Family(kinds.CONTROLLER_REVISION)

_REVISIONS: Final = Owning(kinds.STATEFUL_SET, kinds.CONTROLLER_REVISION)
_SERVICE: Final = by_paths(kinds.STATEFUL_SET, kinds.SERVICE, "spec.serviceName")


class StatefulSetReplicas(Struct, frozen=True):
    """The desired and actual replicas of a stateful set."""

    desired: Annotated[int, Meta(description="Replicas by its spec.")]
    current: Annotated[int, Meta(description="Its pods.")]
    ready: Annotated[int, Meta(description="Pods that serve requests.")]
    updated: Annotated[int, Meta(description="Pods of the current template.")]
    available: Annotated[int, Meta(description="Pods that have been ready for at least minReadySeconds.")]


@STATEFUL_SETS.derived(
    "spec.replicas",
    "status.replicas",
    "status.readyReplicas",
    "status.updatedReplicas",
    "status.availableReplicas",
    description="Its desired and actual replicas.",
)
def replicas(stateful_set: Row) -> StatefulSetReplicas:
    """Returns the counts of its status; missing ones are 0."""
    status, desired = stateful_set.status, _desired(stateful_set)
    if status is None:
        return StatefulSetReplicas(desired, 0, 0, 0, 0)
    return StatefulSetReplicas(
        desired,
        status.replicas or 0,
        status.readyReplicas or 0,
        status.updatedReplicas or 0,
        status.availableReplicas or 0,
    )


@STATEFUL_SETS.derived(
    "metadata.generation",
    "spec.replicas",
    "spec.updateStrategy.type",
    "spec.updateStrategy.rollingUpdate.partition",
    "status.observedGeneration",
    "status.readyReplicas",
    "status.currentReplicas",
    "status.updatedReplicas",
    "status.currentRevision",
    "status.updateRevision",
    description="The progress of the current template's rollout, as in `kubectl rollout status`: with a partition, it "
    "is complete as soon as the pods from that ordinal on are updated. Null for the strategy OnDelete, whose rollouts "
    "nobody drives.",
)
def rollout(stateful_set: Row) -> WorkloadRollout | None:
    """Returns the progress of the rollout.

    Source: `StatefulSetStatusViewer` in k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go.
    """
    strategy, status = (stateful_set.spec.updateStrategy if stateful_set.spec else None), stateful_set.status
    if strategy is None or strategy.type != "RollingUpdate":
        return None
    observed = (status.observedGeneration if status is not None else None) or 0
    if observed == 0 or (stateful_set.metadata.generation or 0) > observed:
        return WorkloadRollout(False, "Waiting for the stateful set's spec to be observed.")
    desired, updated = _desired(stateful_set), status.updatedReplicas or 0
    if (ready := status.readyReplicas or 0) < desired:
        return WorkloadRollout(False, f"Waiting for {desired - ready} pods to be ready.")
    if strategy.rollingUpdate is not None:
        wanted = desired - (strategy.rollingUpdate.partition or 0)
        if updated < wanted:
            return WorkloadRollout(False, f"{updated} of {wanted} new pods have been updated, by its partition.")
        return WorkloadRollout(True, f"The partitioned rollout is complete: {updated} new pods have been updated.")
    if status.updateRevision != status.currentRevision:
        return WorkloadRollout(False, f"{updated} pods are at revision {status.updateRevision}.")
    return WorkloadRollout(True, f"{status.currentReplicas or 0} pods are at revision {status.currentRevision}.")


add_template_fields(STATEFUL_SETS)
add_template_names(STATEFUL_SETS, kinds.STATEFUL_SET)
add_template_selecting(STATEFUL_SETS)
add_autoscalers(STATEFUL_SETS, kinds.STATEFUL_SET)
add_owned(STATEFUL_SETS, STATEFUL_SET_PODS, description="The pods that it controls.")
add_owned(
    STATEFUL_SETS,
    _REVISIONS,
    description="Its templates, the current one and earlier ones.",
)
add_owner(
    REVISIONS_OF_STATEFUL_SETS,
    _REVISIONS,
    description="The stateful set of whose templates it is; null if there is none.",
)
add_named(
    STATEFUL_SETS,
    _SERVICE,
    shape=Shape.ONE,
    description="The service that gives its pods their names, by `spec.serviceName`; null if that does not exist.",
)
add_naming(SERVICES, _SERVICE, description="The stateful sets to whose pods it gives names, by their serviceName.")


def _desired(stateful_set: Row) -> int:
    replicas = stateful_set.spec.replicas if stateful_set.spec else None
    return 1 if replicas is None else int(replicas)
