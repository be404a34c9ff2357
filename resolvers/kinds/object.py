"""Members of every kind: identity, and the object that controls it."""

from collections.abc import Sequence

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from resolvers.arguments.globalids import object_id
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import ObjectId
from resolvers.links.fetching import Fetch
from resolvers.links.joining import controller, same
from resolvers.links.members import ANY_KIND, CLUSTER, Family
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, mapped, taken
from resolvers.together import together

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
    """By name, kind by kind, if the uid is the same."""
    references = await mapped(controller, objects.rows)
    kinds_of = await mapped(kind_of, references)

    async def owners(kind: Kind) -> Sequence[Row | None]:
        names = await taken(
            (
                cluster,
                row.metadata.namespace if kind.namespaced else None,
                reference.name if reference and each is kind else None,
            )
            for (cluster, row), reference, each in zip(objects, references, kinds_of, strict=True)
        )
        return await fetch.named(kind, names, "metadata.uid")

    owner_kinds: dict[Kind, None] = {}
    async for part in batches(kinds_of):
        owner_kinds.update((kind, None) for kind in part if kind is not None)
    found = dict(zip(owner_kinds, await together(*map(owners, owner_kinds)), strict=True))
    chosen = await taken(found[kind][place] if kind is not None else None for place, kind in enumerate(kinds_of))
    return await same(references, chosen)


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
