"""What a deployment has beyond its Kubernetes fields."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.decoding import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.fetching import Fetch
from resolvers.links.joining import grouped, owner_uid
from resolvers.links.members import Family, Shape
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, taken
from resolvers.together import together

DEPLOYMENTS = Family(kinds.DEPLOYMENT)
_OWNERS = ("metadata.ownerReferences.uid", "metadata.ownerReferences.controller")


class DeploymentReplicas(Struct, frozen=True):
    """How many replicas a deployment should have and has."""

    desired: Annotated[int, Meta(description="Wanted by its spec.")]
    ready: Annotated[int, Meta(description="Of all its pods, those that serve requests.")]
    updated: Annotated[int, Meta(description="Made from the current template.")]
    available: Annotated[int, Meta(description="Ready for at least minReadySeconds.")]


class DeploymentRollout(Struct, frozen=True):
    """How far the current template has been rolled out, as `kubectl rollout status` says it."""

    complete: Annotated[bool, Meta(description="Whether all replicas are updated and available, and no old ones left.")]
    reason: Annotated[str, Meta(description="What it waits for, or why it stopped, in words.")]


@DEPLOYMENTS.derived(
    "spec.replicas",
    "status.readyReplicas",
    "status.updatedReplicas",
    "status.availableReplicas",
    description="How many replicas it should have and has.",
)
def replicas(deployment: Row) -> DeploymentReplicas:
    """Counts of its status; what is left out there is 0."""
    status = deployment.status
    if status is None:
        return DeploymentReplicas(_desired(deployment), 0, 0, 0)
    return DeploymentReplicas(
        _desired(deployment), status.readyReplicas or 0, status.updatedReplicas or 0, status.availableReplicas or 0
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
    description="How far the current template has been rolled out, as `kubectl rollout status` says it.",
)
def rollout(deployment: Row) -> DeploymentRollout:
    """Source: `DeploymentStatusViewer` in k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go."""
    waits_for = _waits_for(deployment)
    return DeploymentRollout(waits_for is None, waits_for or "Successfully rolled out.")


@DEPLOYMENTS.link(
    "metadata.uid",
    to=kinds.REPLICA_SET,
    shape=Shape.MANY,
    description="The replica sets that it controls, old and new.",
)
async def replica_sets(deployments: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Replica sets by owner."""
    children = await grouped(await fetch.children(kinds.REPLICA_SET, *_OWNERS), lambda row: (owner_uid(row),))
    return await taken(children.get((cluster, row.metadata.uid), []) for cluster, row in deployments)


@DEPLOYMENTS.link(
    "metadata.uid", to=kinds.POD, shape=Shape.MANY, description="The pods of its replica sets, old and new."
)
async def pods(deployments: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """From a deployment to its replica sets to their pods."""
    sets, found = await together(
        fetch.steps(kinds.REPLICA_SET, "metadata.uid", *_OWNERS), fetch.children(kinds.POD, *_OWNERS)
    )
    deployment_of: dict[tuple[object, str | None], str | None] = {}
    async for part in batches(sets):
        deployment_of.update(((cluster, row.metadata.uid), owner_uid(row)) for cluster, row in part)
    children: dict[tuple[object, str | None], list[Row]] = {}
    async for part in batches(found):
        for cluster, pod in part:
            children.setdefault((cluster, deployment_of.get((cluster, owner_uid(pod)))), []).append(pod)
    return await taken(children.get((cluster, row.metadata.uid), []) for cluster, row in deployments)


def _desired(deployment: Row) -> int:
    replicas = deployment.spec.replicas if deployment.spec else None
    return 1 if replicas is None else int(replicas)


def _waits_for(deployment: Row) -> str | None:
    status = deployment.status
    if status is None or (deployment.metadata.generation or 0) > (status.observedGeneration or 0):
        return "Waiting for the deployment's spec to be observed."
    conditions = items_of(status.conditions)
    if any(each.type == "Progressing" and each.reason == "ProgressDeadlineExceeded" for each in conditions):
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
