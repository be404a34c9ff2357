"""`viewerCan`: what the identity that a cluster is read with may do there, to an object or to a kind.

The clusters decide: one SelfSubjectRulesReview answers for all objects of a namespace, and a SelfSubjectAccessReview is
asked where that does not decide.
"""

from collections.abc import Sequence

from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from resolvers.access.arguments import AccessQuery, cluster_arguments, object_arguments
from resolvers.access.deciding import AccessTarget, Decider, Decision
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.cluster import CLUSTERS
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, mapped, taken
from resolvers.together import together
from resolvers.unexpected import contained


def object_access(kind: Kind) -> Family:
    """The field of the objects of a kind."""
    family = Family(kind)

    @family.asked(
        description="Whether the caller may do this to the object, as the cluster says now. Null, with an error, if it "
        "does not answer; null without one if it does not let the caller ask.",
        returns=bool | None,
        name="viewerCan",
        arguments=object_arguments(kind),
    )
    async def viewer_can(rows: Rows, operation: Operation, asked: AccessQuery) -> Sequence[Decision]:
        """A few small requests for each cluster and namespace, whatever the number of objects."""
        indexes: dict[FleetCluster, list[int]] = {}
        async for part in batches(enumerate(rows.clusters)):
            for index, cluster in part:
                indexes.setdefault(cluster, []).append(index)
        decided: list[Decision] = [None] * len(rows)

        async def decide(cluster: FleetCluster, own: Sequence[int]) -> None:
            places = await taken(_place(kind, rows.rows[index]) for index in own)
            found = await _decided(operation, cluster, asked, places)
            async for part in batches(zip(own, found, strict=True)):
                for index, decision in part:
                    decided[index] = decision

        await together(*(decide(cluster, own) for cluster, own in indexes.items()))
        return decided

    return family


@CLUSTERS.asked(
    description="Whether the caller may do this to a resource of the cluster, as the cluster says now. Null, with an "
    "error, if it does not answer; null without one if it does not let the caller ask.",
    returns=bool | None,
    name="viewerCan",
    arguments=cluster_arguments(),
)
async def cluster_viewer_can(clusters: Rows, operation: Operation, asked: AccessQuery) -> Sequence[Decision]:
    """One small request for each cluster; those for one namespace share it."""
    place = AccessTarget(asked.namespace, asked.name)
    found = await together(*(_decided(operation, cluster, asked, [place]) for cluster in clusters.rows))
    return [decision for (decision,) in found]


async def _decided(
    operation: Operation, cluster: FleetCluster, asked: AccessQuery, places: Sequence[AccessTarget]
) -> Sequence[Decision]:
    try:
        with contained(cluster.name):
            found = await Decider(operation, cluster, asked.permission).decide(places)
    except ClusterError as error:
        return [error] * len(places)
    return await mapped(found.__getitem__, places)


def _place(kind: Kind, row: Row) -> AccessTarget:
    return AccessTarget(row.metadata.namespace if kind.namespaced else "", row.metadata.name)
