"""Members of persistent volumes beyond their Kubernetes fields."""

from collections.abc import Iterator, Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.node import NODES
from resolvers.kinds.leaves import Quantity
from resolvers.kinds.storage.nodeaffinity import AFFINITY_READS, NODE_READS, selected_nodes, selecting_volumes
from resolvers.kinds.storage.volumevalues import CLASS_READS, PHASE_READS, class_of, phase_of, short_modes, storage_of
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, by_paths
from resolvers.links.owners import UID
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

PERSISTENT_VOLUMES = Family(kinds.PERSISTENT_VOLUME)


@PERSISTENT_VOLUMES.derived(
    *PHASE_READS, description="Its phase, as in kubectl's STATUS column: `Terminating` while it is being deleted."
)
def phase(volume: Row) -> str | None:
    """Returns kubectl's STATUS."""
    return phase_of(volume)


@PERSISTENT_VOLUMES.derived("spec.capacity", description="Its size, as in kubectl's CAPACITY column.")
def capacity(volume: Row) -> Quantity | None:
    """Returns kubectl's CAPACITY."""
    return storage_of(volume.spec.capacity if volume.spec else None)


@PERSISTENT_VOLUMES.derived(
    "spec.accessModes", description="Its access modes in short, as kubectl prints them: RWO, ROX, RWX and RWOP."
)
def access_modes(volume: Row) -> list[str]:
    """Returns kubectl's ACCESS MODES."""
    return short_modes(volume.spec.accessModes if volume.spec else None)


@PERSISTENT_VOLUMES.derived(
    *CLASS_READS,
    description="The name of its storage class: that of the older annotation `volume.beta.kubernetes.io/storage-class` "
    "first, as kubectl prints it. Null if it has none.",
)
def storage_class_name(volume: Row) -> str | None:
    """Returns kubectl's STORAGECLASS."""
    return class_of(volume)


@PERSISTENT_VOLUMES.link(
    "spec.claimRef.namespace",
    "spec.claimRef.name",
    "spec.claimRef.uid",
    to=kinds.PERSISTENT_VOLUME_CLAIM,
    description="The claim that it is bound or reserved to; null without one, and if that claim is deleted, even if a "
    "new one has its name.",
)
async def persistent_volume_claim(volumes: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads claims by name, and compares their uids."""
    references = await collected(volume.spec.claimRef if volume.spec else None for volume in volumes.rows)
    names = await collected(
        (cluster, reference.namespace or None, reference.name or None) if reference else (cluster, None, None)
        for cluster, reference in zip(volumes.clusters, references, strict=True)
    )
    claims = await fetch.named(kinds.PERSISTENT_VOLUME_CLAIM, names, UID)
    return await collected(
        claim if claim and reference and reference.uid in (None, "", claim.metadata.uid) else None
        for claim, reference in zip(claims, references, strict=True)
    )


@PERSISTENT_VOLUMES.link(
    *AFFINITY_READS,
    to=kinds.NODE,
    shape=Shape.MANY,
    description="The nodes that its node affinity selects, such as the one of a local disk; none without an affinity, "
    "because any node may then use it.",
)
async def nodes(volumes: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads all nodes, and compares them with the terms of the volumes."""
    return await selected_nodes(volumes, await fetch.children(kinds.NODE, *NODE_READS))


@NODES.link(
    *NODE_READS,
    to=kinds.PERSISTENT_VOLUME,
    shape=Shape.MANY,
    description="The persistent volumes whose node affinity selects it, such as its local disks.",
)
async def persistent_volumes(nodes: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads all volumes, and compares their terms with the nodes."""
    return await selecting_volumes(nodes, await fetch.children(kinds.PERSISTENT_VOLUME, *AFFINITY_READS))


def _class_places(row: Row) -> Iterator[NamedPlace]:
    yield None, class_of(row)


VOLUME_CLASS = Naming(kinds.PERSISTENT_VOLUME, kinds.STORAGE_CLASS, CLASS_READS, _class_places)
VOLUME_ATTRIBUTES = by_paths(kinds.PERSISTENT_VOLUME, kinds.VOLUME_ATTRIBUTES_CLASS, "spec.volumeAttributesClassName")
VOLUME_DRIVER = by_paths(kinds.PERSISTENT_VOLUME, kinds.CSI_DRIVER, "spec.csi.driver")

add_named(
    PERSISTENT_VOLUMES,
    VOLUME_CLASS,
    shape=Shape.ONE,
    description="Its storage class; null if none of that name exists.",
)
add_named(
    PERSISTENT_VOLUMES, VOLUME_ATTRIBUTES, shape=Shape.ONE, description="Its class of attributes; null without one."
)
add_named(
    PERSISTENT_VOLUMES, VOLUME_DRIVER, shape=Shape.ONE, description="Its CSI driver; null for volumes without one."
)
