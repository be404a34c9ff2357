"""The default of a cluster's storage classes: claims that name no class get it.

Source: `getEffectiveDefaultStorageClass` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go (1.37), and
`IsDefaultAnnotation` in pkg/apis/storage/util.
"""

from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.pacing import worked

DEFAULT_READS: Final = ("metadata.name", "metadata.annotations", "metadata.creationTimestamp")
"""The paths that the default is chosen by."""

_ANNOTATIONS: Final = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


async def default_classes(classes: Rows) -> dict[FleetCluster, str]:
    """Returns the name of each cluster's default class.

    Of several with the annotation it is the newest; of those of the same second, the first by name.
    """
    defaults: dict[FleetCluster, Row] = {}

    def add(place: tuple[FleetCluster, Row]) -> None:
        cluster, row = place
        if _is_annotated(row) and (cluster not in defaults or _is_before(row, defaults[cluster])):
            defaults[cluster] = row

    await worked(add, classes)
    return {cluster: row.metadata.name for cluster, row in defaults.items()}


def _is_annotated(row: Row) -> bool:
    annotations = row.metadata.annotations or {}
    return any(annotations.get(key) == "true" for key in _ANNOTATIONS)


def _is_before(row: Row, other: Row) -> bool:
    own, best = row.metadata.creationTimestamp or "", other.metadata.creationTimestamp or ""
    return bool(own > best or (own == best and row.metadata.name < other.metadata.name))
