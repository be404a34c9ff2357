"""Links of CSI drivers, of their nodes and attachments, and of the capacity that they report."""

from collections.abc import Iterator

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.node import NODES
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.relations import POD_CSI_DRIVERS
from resolvers.kinds.storage.persistentvolume import PERSISTENT_VOLUMES, VOLUME_DRIVER
from resolvers.links.labels import ObjectSelector, label_selector, selector_reads
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths
from resolvers.links.selecting import Selecting, add_selected, add_selecting

CSI_DRIVERS = Family(kinds.CSI_DRIVER)
CSI_NODES = Family(kinds.CSI_NODE)
CSI_STORAGE_CAPACITIES = Family(kinds.CSI_STORAGE_CAPACITY)
VOLUME_ATTACHMENTS = Family(kinds.VOLUME_ATTACHMENT)


@CSI_NODES.derived(
    "spec.drivers.name", description="The names of the drivers on its node; kubectl prints their number."
)
def driver_names(csi_node: Row) -> list[str]:
    """Returns the names of the drivers.

    Source: `printCSINode` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    return [driver.name or "" for driver in items_of(csi_node.spec.drivers if csi_node.spec else None)]


def _topology(capacity: Row) -> Iterator[ObjectSelector]:
    selector = label_selector(capacity.nodeTopology)
    if selector is not None:
        yield selector


NODE_CSI = by_paths(kinds.NODE, kinds.CSI_NODE, "metadata.name")
CSI_NODE_NODE = by_paths(kinds.CSI_NODE, kinds.NODE, "metadata.name")
"""A node and its CSI node have the same name."""
CSI_NODE_DRIVERS = by_paths(kinds.CSI_NODE, kinds.CSI_DRIVER, "spec.drivers.name")
ATTACHMENT_VOLUME = by_paths(kinds.VOLUME_ATTACHMENT, kinds.PERSISTENT_VOLUME, "spec.source.persistentVolumeName")
ATTACHMENT_NODE = by_paths(kinds.VOLUME_ATTACHMENT, kinds.NODE, "spec.nodeName")
ATTACHMENT_DRIVER = by_paths(kinds.VOLUME_ATTACHMENT, kinds.CSI_DRIVER, "spec.attacher")
CAPACITY_CLASS = by_paths(kinds.CSI_STORAGE_CAPACITY, kinds.STORAGE_CLASS, "storageClassName")
CAPACITY_NODES = Selecting(kinds.CSI_STORAGE_CAPACITY, kinds.NODE, selector_reads("nodeTopology"), _topology)

add_naming(CSI_DRIVERS, CSI_NODE_DRIVERS, description="The CSI nodes of the nodes that it runs on.")
add_naming(CSI_DRIVERS, VOLUME_DRIVER, description="The persistent volumes that it provides.")
add_naming(CSI_DRIVERS, POD_CSI_DRIVERS, description="The pods with volumes of their own that it provides.")
add_naming(CSI_DRIVERS, ATTACHMENT_DRIVER, description="The attachments of volumes that it makes.")

add_named(CSI_NODES, CSI_NODE_NODE, shape=Shape.ONE, description="The node whose drivers it lists.")
add_named(
    CSI_NODES, CSI_NODE_DRIVERS, description="The drivers on its node; those that are not installed are left out."
)

add_named(
    VOLUME_ATTACHMENTS,
    ATTACHMENT_VOLUME,
    shape=Shape.ONE,
    description="The persistent volume that it attaches; null for a volume inside a pod's spec.",
)
add_named(VOLUME_ATTACHMENTS, ATTACHMENT_NODE, shape=Shape.ONE, description="The node that it attaches the volume to.")
add_named(
    VOLUME_ATTACHMENTS,
    ATTACHMENT_DRIVER,
    shape=Shape.ONE,
    description="The CSI driver that attaches the volume; null if it is not installed.",
)

add_named(
    CSI_STORAGE_CAPACITIES,
    CAPACITY_CLASS,
    shape=Shape.ONE,
    description="The storage class that the capacity is for; null if none of that name exists.",
)
add_selected(
    CSI_STORAGE_CAPACITIES,
    CAPACITY_NODES,
    description="The nodes that can use the capacity, by its topology: an empty one means all nodes, a missing one "
    "none.",
)

add_naming(PERSISTENT_VOLUMES, ATTACHMENT_VOLUME, description="Its attachments to nodes.")
add_naming(NODES, ATTACHMENT_NODE, description="The attachments of volumes to it.")
add_named(NODES, NODE_CSI, shape=Shape.ONE, description="The drivers of storage on it; null if there are none.")
add_selecting(NODES, CAPACITY_NODES, description="The storage that drivers report as available to it.")
