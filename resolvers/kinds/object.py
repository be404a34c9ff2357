"""Members of every kind: name, namespace, cluster, global id, and the objects that own it."""

from collections.abc import Sequence
from itertools import pairwise

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.globalids import object_id
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import ObjectId
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, CLUSTER, Family, Shape
from resolvers.links.owners import REFERENCES, controller
from resolvers.links.owners import references as references_of
from resolvers.links.references import referenced
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped, worked

OBJECTS = Family(ANY_KIND)


@OBJECTS.derived("metadata.name", description="The object's name, unique in its namespace; the same as metadata.name.")
def name(row: Row) -> str:
    """Returns the name."""
    return row.metadata.name  # type: ignore[no-any-return]  # decoded as str


@OBJECTS.derived("metadata.namespace", description="The object's namespace; null for objects of the whole cluster.")
def namespace(row: Row) -> str | None:
    """Returns the namespace."""
    return row.metadata.namespace  # type: ignore[no-any-return]  # decoded as str or None


@OBJECTS.derived(description="The cluster that it is in.", returns=CLUSTER, name="cluster")
def cluster_of(_row: Row, cluster: FleetCluster) -> FleetCluster:
    """Returns the object's cluster."""
    return cluster


@OBJECTS.link(
    *REFERENCES,
    to=ANY_KIND,
    description="The object that controls this one, by its ownerReferences; null without one, or if it is deleted.",
)
async def owner(objects: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads the controllers by name, kind by kind."""
    return await referenced(fetch, objects.clusters, objects.rows, await mapped(controller, objects.rows))


@OBJECTS.link(
    *REFERENCES,
    to=ANY_KIND,
    shape=Shape.SOME,
    description="The objects that own this one, by its ownerReferences, in their order: the one that controls it, and "
    "others. Those that are deleted are left out. Null if one of them cannot be read.",
)
async def owners(objects: Rows, fetch: Fetch) -> Sequence[Sequence[Row] | None]:
    """Reads all owners by name, kind by kind."""
    clusters, rows, references, starts = list[FleetCluster](), list[Row](), list[Row](), [0]
    of_rows = await worked(lambda row: [*references_of(row)], objects.rows)
    async for batch in batches(zip(objects.clusters, objects.rows, of_rows, strict=True)):
        for cluster, row, own in batch:
            clusters.extend([cluster] * len(own))
            rows.extend([row] * len(own))
            references.extend(own)
            starts.append(len(references))
    unknown = set[int]()
    found = await referenced(fetch, clusters, rows, references, unknown=unknown)
    return await collected(
        None
        if unknown and not unknown.isdisjoint(range(start, stop))
        else [row for row in found[start:stop] if row is not None]
        for start, stop in pairwise(starts)
    )


@OBJECTS.link(
    "metadata.namespace",
    to=kinds.NAMESPACE,
    description="The Namespace that it is in, such as for its labels; null for objects of the whole cluster.",
)
async def namespace_object(objects: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads namespaces by name."""
    names = await collected((cluster, None, row.metadata.namespace or None) for cluster, row in objects)
    return await fetch.named(kinds.NAMESPACE, names)


def identity(kind: Kind | None) -> Family:
    """Returns the family with the global id of a kind's objects; None for a type whose objects may be of any kind."""
    family = Family(kind or ANY_KIND)

    @family.derived(
        "metadata.name",
        *(("metadata.namespace",) if kind is None or kind.namespaced else ()),
        description="Global id, for `object(id:)`. Stable for as long as the object's cluster is registered.",
        name="id",
    )
    def global_id(row: Row, cluster: FleetCluster) -> ObjectId:
        """Returns cluster, kind, namespace and name in one string."""
        of_row: Kind = type(row).kind
        namespace = row.metadata.namespace if of_row.namespaced else None
        return ObjectId(object_id(cluster.id, of_row, namespace, row.metadata.name))

    return family
