"""Members of deployments beyond their Kubernetes fields."""

from typing import Annotated

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.apps.rollout import REVISION_READS, revision_of
from resolvers.kinds.apps.strategy import STRATEGY_READS, RolloutStrategy, strategy_of
from resolvers.kinds.autoscaling.scaled import add_autoscalers
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.templates import add_template_fields, add_template_names, add_template_selecting
from resolvers.links.grandowning import GrandOwning, add_grand_owned
from resolvers.links.members import Family
from resolvers.links.owning import Owning, add_owned

DEPLOYMENTS = Family(kinds.DEPLOYMENT)
REPLICA_SETS = Owning(kinds.DEPLOYMENT, kinds.REPLICA_SET)


class DeploymentReplicas(Struct, frozen=True):
    """The desired and actual replicas of a deployment."""

    desired: Annotated[int, Meta(description="Replicas by its spec.")]
    ready: Annotated[int, Meta(description="Pods that serve requests.")]
    updated: Annotated[int, Meta(description="Pods of the current template.")]
    available: Annotated[int, Meta(description="Pods that have been ready for at least minReadySeconds.")]
    terminating: Annotated[
        int | None, Meta(description="Pods that are being deleted; null where its cluster does not count them.")
    ] = None


class DeploymentRollout(Struct, frozen=True):
    """The progress of the current template's rollout, as in `kubectl rollout status`."""

    complete: Annotated[bool, Meta(description="True if all replicas are updated and available, and no old ones left.")]
    reason: Annotated[str, Meta(description="The reason for waiting or for having stopped, in words.")]


@DEPLOYMENTS.derived(
    "spec.replicas",
    "status.readyReplicas",
    "status.updatedReplicas",
    "status.availableReplicas",
    "status.terminatingReplicas",
    description="Its desired and actual replicas.",
)
def replicas(deployment: Row) -> DeploymentReplicas:
    """Returns the counts of its status; missing ones are 0."""
    status = deployment.status
    if status is None:
        return DeploymentReplicas(_desired(deployment), 0, 0, 0)
    return DeploymentReplicas(
        _desired(deployment),
        status.readyReplicas or 0,
        status.updatedReplicas or 0,
        status.availableReplicas or 0,
        status.terminatingReplicas,
    )


@DEPLOYMENTS.derived(
    "metadata.generation",
    "spec.replicas",
    "status.observedGeneration",
    "status.replicas",
    "status.updatedReplicas",
    "status.availableReplicas",
    "status.conditions.type",
    "status.conditions.reason",
    description="The progress of the current template's rollout, as in `kubectl rollout status`.",
)
def rollout(deployment: Row) -> DeploymentRollout:
    """Returns the progress of the rollout.

    Source: `DeploymentStatusViewer` in k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go.
    """
    waits_for = _waits_for(deployment)
    return DeploymentRollout(waits_for is None, waits_for or "Successfully rolled out.")


@DEPLOYMENTS.derived(
    *STRATEGY_READS,
    description="The way in which it replaces its pods, with its limits as numbers of pods.",
)
def strategy(deployment: Row) -> RolloutStrategy | None:
    """Returns the strategy of its spec."""
    return strategy_of(deployment)


@DEPLOYMENTS.derived(
    REVISION_READS,
    description="The revision of its current template, as in `kubectl rollout history`; null before its first rollout.",
)
def revision(deployment: Row) -> int | None:
    """Returns the number in the annotation of its controller."""
    return revision_of(deployment)


add_template_fields(DEPLOYMENTS)
add_template_names(DEPLOYMENTS, kinds.DEPLOYMENT)
add_template_selecting(DEPLOYMENTS)
add_autoscalers(DEPLOYMENTS, kinds.DEPLOYMENT)
add_owned(DEPLOYMENTS, REPLICA_SETS, description="The replica sets that it controls, old and new.")


add_grand_owned(
    DEPLOYMENTS,
    GrandOwning(kinds.DEPLOYMENT, kinds.REPLICA_SET),
    kinds.POD,
    description="The pods of its replica sets, old and new.",
)


def _desired(deployment: Row) -> int:
    replicas = deployment.spec.replicas if deployment.spec else None
    return 1 if replicas is None else int(replicas)


def _waits_for(deployment: Row) -> str | None:
    status = deployment.status
    if status is None or (deployment.metadata.generation or 0) > (status.observedGeneration or 0):
        return "Waiting for the deployment's spec to be observed."
    conditions = items_of(status.conditions)
    if any(one.type == "Progressing" and one.reason == "ProgressDeadlineExceeded" for one in conditions):
        return "It exceeded its progress deadline."
    desired, updated = _desired(deployment), status.updatedReplicas or 0
    existing, available = status.replicas or 0, status.availableReplicas or 0
    if updated < desired:
        return f"{updated} of {desired} new replicas have been updated."
    if existing > updated:
        return f"{existing - updated} old replicas are pending termination."
    if available < updated:
        return f"{available} of {updated} updated replicas are available."
    return None
