"""Members of storage classes and of volume attributes classes beyond their Kubernetes fields."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.selection import LEAF
from resolvers.kinds.storage.csi import CAPACITY_CLASS, CSI_DRIVERS
from resolvers.kinds.storage.defaultclass import DEFAULT_READS, default_classes
from resolvers.kinds.storage.persistentvolume import VOLUME_ATTRIBUTES, VOLUME_CLASS
from resolvers.kinds.storage.persistentvolumeclaim import CLAIM_ATTRIBUTES, CLAIM_CLASS
from resolvers.links.absent import NoValue, any_absence
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import collected

STORAGE_CLASSES = Family(kinds.STORAGE_CLASS)
VOLUME_ATTRIBUTES_CLASSES = Family(kinds.VOLUME_ATTRIBUTES_CLASS)


@STORAGE_CLASSES.remote(
    description="True if claims that name no class get it: kubectl's `(default)`. Of several classes with the "
    "annotation `storageclass.kubernetes.io/is-default-class` it is the newest one, so it takes the list of classes.",
    returns=bool | None,
)
async def is_default(classes: Rows, operation: Operation) -> Sequence[bool | NoValue]:
    """Reads the metadata of all classes, and compares the names with the default of each cluster."""
    fetch = Fetch(operation, classes, lambda _: LEAF)
    listed = await fetch.steps(kinds.STORAGE_CLASS, *DEFAULT_READS)
    if (absent := any_absence(fetch.absents)) is not None:
        return [absent] * len(classes)
    defaults = await default_classes(listed)
    return await collected(
        fetch.failures.get(cluster) or row.metadata.name == defaults.get(cluster) for cluster, row in classes
    )


ATTRIBUTES_DRIVER = by_paths(kinds.VOLUME_ATTRIBUTES_CLASS, kinds.CSI_DRIVER, "driverName")
CLASS_DRIVER = by_paths(kinds.STORAGE_CLASS, kinds.CSI_DRIVER, "provisioner")

add_naming(STORAGE_CLASSES, VOLUME_CLASS, description="The persistent volumes of this class.")
add_naming(STORAGE_CLASSES, CLAIM_CLASS, description="The persistent volume claims of this class, bound or not.")
add_naming(STORAGE_CLASSES, CAPACITY_CLASS, description="The storage that its driver reports as available.")
add_named(
    STORAGE_CLASSES,
    CLASS_DRIVER,
    shape=Shape.ONE,
    description="The CSI driver that provisions its volumes; null for other provisioners.",
)
add_naming(CSI_DRIVERS, CLASS_DRIVER, description="The storage classes whose volumes it provisions.")

add_naming(VOLUME_ATTRIBUTES_CLASSES, VOLUME_ATTRIBUTES, description="The persistent volumes with its attributes.")
add_naming(
    VOLUME_ATTRIBUTES_CLASSES,
    CLAIM_ATTRIBUTES,
    description="The persistent volume claims that ask for its attributes, whether their volumes have them yet or not.",
)
add_named(
    VOLUME_ATTRIBUTES_CLASSES,
    ATTRIBUTES_DRIVER,
    shape=Shape.ONE,
    description="The CSI driver that applies its attributes; null if it is not installed.",
)
add_naming(CSI_DRIVERS, ATTRIBUTES_DRIVER, description="The classes of attributes that it applies.")
