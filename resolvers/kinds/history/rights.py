"""The rights to see the usage of objects: those of the metrics API, whether a cluster serves it or not.

A Prometheus knows no callers. One that fleetgraph asks directly would show every caller everything, so the cluster's
RBAC is asked: who may list `pods.metrics.k8s.io` in a namespace sees the history of the usage there, and who may list
`nodes.metrics.k8s.io` sees that of nodes and of the cluster.
"""

from collections.abc import Collection, Mapping

from k8s.apiserver.access import Permission
from k8s.errors import Forbidden
from k8s.kinds.kind import Kind
from resolvers.access.deciding import AccessTarget, Decider
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.absent import Absent
from resolvers.lists.clusternotes import NoteCode
from resolvers.lists.visibility import unseen
from resolvers.operation.operation import Operation


async def hidden_namespaces(
    operation: Operation, cluster: FleetCluster, metrics: Kind, namespaces: Collection[str]
) -> Mapping[str, Absent]:
    """Returns the namespaces whose usage the caller may not see, with the reason.

    Args:
        operation: the operation.
        cluster: the cluster, with the identity of the caller.
        metrics: the kind of the metrics.
        namespaces: the namespaces; empty for the whole cluster, whose name is empty.

    Raises:
        ClusterError: the cluster failed.
    """
    targets = [AccessTarget(namespace, "") for namespace in namespaces or ("",)]
    decisions = await Decider(operation, cluster, Permission("list", metrics.group, metrics.plural)).decide(targets)
    return {
        target.namespace: _refused(unseen(cluster, metrics, *filter(None, [target.namespace])))
        for target, is_allowed in decisions.items()
        if not is_allowed
    }


def _refused(error: Forbidden) -> Absent:
    return Absent(NoteCode.FORBIDDEN, error.cause)
