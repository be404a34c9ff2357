"""Members of every kind: identity, and the object that controls it."""

import asyncio
from collections.abc import Sequence

from k8s.decoding import Row
from k8s.kind import Kind
from k8s.kinds import BUILT_IN
from resolvers.cluster import FleetCluster
from resolvers.fetching import Fetch, grouped
from resolvers.globalids import object_id
from resolvers.leaves import ObjectId
from resolvers.members import ANY_KIND, CLUSTER, Family
from resolvers.pacing import mapped
from resolvers.rows import Rows

OBJECTS = Family(ANY_KIND)
_KINDS = {(kind.group, kind.name): kind for kind in BUILT_IN}


@OBJECTS.derived("metadata.name", description="The object's name, unique in its namespace; the same as metadata.name.")
def name(row: Row) -> str:
    """The name."""
    return row.metadata.name  # type: ignore[no-any-return]  # decoded as str


@OBJECTS.derived("metadata.namespace", description="The object's namespace; null for objects of the whole cluster.")
def namespace(row: Row) -> str | None:
    """The namespace."""
    return row.metadata.namespace  # type: ignore[no-any-return]  # decoded as str or None


@OBJECTS.derived(description="The cluster that it is in.", returns=CLUSTER, name="cluster")
def cluster_of(_row: Row, cluster: FleetCluster) -> FleetCluster:
    """Its cluster."""
    return cluster


@OBJECTS.link(
    "metadata.ownerReferences",
    to=ANY_KIND,
    description="The object that controls this one, as its ownerReferences say; null if there is none, if it is gone, "
    "or if its kind is not built into Kubernetes.",
)
async def owner(objects: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """One list per cluster and kind of owner."""
    references = await mapped(controller, objects.rows)
    found: dict[tuple[FleetCluster, str], list[Row]] = {}
    owner_kinds = {kind for reference in references if (kind := kind_of(reference))}
    for children in await asyncio.gather(*(fetch.children(kind, "metadata.uid") for kind in owner_kinds)):
        found |= await grouped(children, lambda row: (row.metadata.uid,))
    return [
        found.get((cluster, reference.uid), [None])[0] if reference else None
        for cluster, reference in zip(objects.clusters, references, strict=True)
    ]


def controller(row: Row) -> Row | None:
    """The owner reference that says `controller: true`."""
    return next((reference for reference in row.metadata.ownerReferences or () if reference.controller), None)


def kind_of(reference: Row | None) -> Kind | None:
    """The built-in kind that an owner reference names, whatever its version."""
    if reference is None:
        return None
    group, slash, _version = (reference.apiVersion or "").partition("/")
    return _KINDS.get((group if slash else "", reference.kind))


def identity(kind: Kind) -> Family:
    """The global id, which knows its kind."""
    family = Family(kind)

    @family.derived(
        "metadata.name",
        *(("metadata.namespace",) if kind.namespaced else ()),
        description="Global id: finds the object again with `object(id:)`. Stable for as long as the object's cluster "
        "is registered.",
        name="id",
    )
    def global_id(row: Row, cluster: FleetCluster) -> ObjectId:
        """Cluster, kind, namespace and name in one string."""
        where = row.metadata.namespace if kind.namespaced else None
        return ObjectId(object_id(cluster.id, kind, where, row.metadata.name))

    return family
