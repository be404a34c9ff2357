"""Members of replica sets and of replication controllers beyond their Kubernetes fields."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.apps.rollout import REVISION_READS, revision_of
from resolvers.kinds.autoscaling.scaled import add_autoscalers
from resolvers.kinds.podspecs.relations import REPLICA_SET_PODS, REPLICATION_CONTROLLER_PODS
from resolvers.kinds.podspecs.templates import add_template_fields, add_template_names, add_template_selecting
from resolvers.links.members import Family
from resolvers.links.owning import Owning, add_owned, add_owner

REPLICA_SETS = Family(kinds.REPLICA_SET)
REPLICATION_CONTROLLERS = Family(kinds.REPLICATION_CONTROLLER)

_READS: Final = ("spec.replicas", "status.replicas", "status.readyReplicas", "status.availableReplicas")
_DESCRIPTION: Final = "Its desired and actual replicas, as kubectl's columns show them."


class ReplicaSetReplicas(Struct, frozen=True):
    """The desired and actual replicas of a replica set or a replication controller."""

    desired: Annotated[int, Meta(description="Replicas by its spec.")]
    current: Annotated[int, Meta(description="Its pods, except those that are being deleted.")]
    ready: Annotated[int, Meta(description="Pods that serve requests.")]
    available: Annotated[int, Meta(description="Pods that have been ready for at least minReadySeconds.")]
    terminating: Annotated[
        int | None, Meta(description="Pods that are being deleted; null where its cluster does not count them.")
    ]


def _replicas(row: Row, terminating: int | None) -> ReplicaSetReplicas:
    desired = row.spec.replicas if row.spec else None
    counts = (row.status.replicas, row.status.readyReplicas, row.status.availableReplicas) if row.status else (0, 0, 0)
    current, ready, available = (count or 0 for count in counts)
    return ReplicaSetReplicas(1 if desired is None else desired, current, ready, available, terminating)


@REPLICA_SETS.derived(*_READS, "status.terminatingReplicas", description=_DESCRIPTION)
def replicas(replica_set: Row) -> ReplicaSetReplicas:
    """Returns the counts of its status; missing ones are 0."""
    return _replicas(replica_set, replica_set.status.terminatingReplicas if replica_set.status else None)


@REPLICATION_CONTROLLERS.derived(*_READS, description=_DESCRIPTION, name="replicas")
def replicas_of_controller(controller: Row) -> ReplicaSetReplicas:
    """Returns the counts of its status; missing ones are 0."""
    return _replicas(controller, None)


@REPLICA_SETS.derived(
    REVISION_READS,
    description="The revision of its deployment for which it was made or last used, as in `kubectl rollout history`; "
    "null without one.",
)
def revision(replica_set: Row) -> int | None:
    """Returns the number in the annotation of the controller of deployments."""
    return revision_of(replica_set)


for _family, _kind in ((REPLICA_SETS, kinds.REPLICA_SET), (REPLICATION_CONTROLLERS, kinds.REPLICATION_CONTROLLER)):
    add_template_fields(_family)
    add_template_names(_family, _kind)
    add_template_selecting(_family)
    add_autoscalers(_family, _kind)

add_owned(REPLICA_SETS, REPLICA_SET_PODS, description="The pods that it controls.")
add_owned(REPLICATION_CONTROLLERS, REPLICATION_CONTROLLER_PODS, description="The pods that it controls.")
add_owner(
    REPLICA_SETS,
    Owning(kinds.DEPLOYMENT, kinds.REPLICA_SET),
    description="The deployment that controls it; null if there is none.",
)
