"""Members of every kind: name, namespace, cluster, global id, and the object that controls it."""

from collections.abc import Sequence

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.globalids import object_id
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import ObjectId
from resolvers.links.fetching import Fetch
from resolvers.links.joining import controller, same
from resolvers.links.members import ANY_KIND, CLUSTER, Family
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped
from resolvers.together import together

OBJECTS = Family(ANY_KIND)
_KINDS = {(kind.group, kind.name): kind for kind in BUILT_IN}


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
    """Reads the owners by name, kind by kind, and returns those with the uid of the reference."""
    references = await mapped(controller, objects.rows)
    reference_kinds = await mapped(kind_of, references)

    async def owners(kind: Kind) -> Sequence[Row | None]:
        names = await collected(
            (
                cluster,
                row.metadata.namespace if kind.namespaced else None,
                reference.name if reference and reference_kind is kind else None,
            )
            for (cluster, row), reference, reference_kind in zip(objects, references, reference_kinds, strict=True)
        )
        return await fetch.named(kind, names, "metadata.uid")

    owner_kinds: dict[Kind, None] = {}
    async for batch in batches(reference_kinds):
        owner_kinds.update((kind, None) for kind in batch if kind is not None)
    by_kind = dict(zip(owner_kinds, await together(*map(owners, owner_kinds)), strict=True))
    rows = await collected(
        by_kind[kind][place] if kind is not None else None for place, kind in enumerate(reference_kinds)
    )
    return await same(references, rows)


def kind_of(reference: Row | None) -> Kind | None:
    """Returns the built-in kind of an owner reference, in any version; None for another kind or no reference."""
    if reference is None:
        return None
    group, slash, _version = (reference.apiVersion or "").partition("/")
    return _KINDS.get((group if slash else "", reference.kind))


def identity(kind: Kind) -> Family:
    """Returns the family with the global id of a kind's objects."""
    family = Family(kind)

    @family.derived(
        "metadata.name",
        *(("metadata.namespace",) if kind.namespaced else ()),
        description="Global id, for `object(id:)`. Stable for as long as the object's cluster is registered.",
        name="id",
    )
    def global_id(row: Row, cluster: FleetCluster) -> ObjectId:
        """Returns cluster, kind, namespace and name in one string."""
        namespace = row.metadata.namespace if kind.namespaced else None
        return ObjectId(object_id(cluster.id, kind, namespace, row.metadata.name))

    return family
