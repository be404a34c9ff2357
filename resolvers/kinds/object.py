"""Members of every kind: name, namespace, cluster, global id, and the object that controls it."""

from collections.abc import Sequence

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.globalids import object_id
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import ObjectId
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, CLUSTER, Family
from resolvers.links.owners import controller, kind_of, owner_key, owners
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped
from resolvers.together import together

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
    "metadata.ownerReferences",
    to=ANY_KIND,
    description="The object that controls this one, by its ownerReferences; null if there is none, if it is deleted, "
    "or if its kind is not built into Kubernetes.",
)
async def owner(objects: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads the owners by name, kind by kind."""
    owner_kinds = await mapped(lambda row: kind_of(controller(row)), objects.rows)

    async def of_kind(kind: Kind) -> Sequence[Row | None]:
        keys = await collected(
            owner_key(cluster, row, kind) if owner_kind is kind else None
            for (cluster, row), owner_kind in zip(objects, owner_kinds, strict=True)
        )
        return await owners(fetch.named, objects.clusters, kind, keys=keys)

    distinct: dict[Kind, None] = {}
    async for batch in batches(owner_kinds):
        distinct.update((kind, None) for kind in batch if kind is not None)
    by_kind = dict(zip(distinct, await together(*map(of_kind, distinct)), strict=True))
    return await collected(by_kind[kind][place] if kind is not None else None for place, kind in enumerate(owner_kinds))


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
