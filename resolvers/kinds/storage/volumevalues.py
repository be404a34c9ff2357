"""Values that persistent volumes and claims have in common, as kubectl prints them."""

from collections.abc import Mapping, Sequence
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Quantity
from resolvers.kinds.longlists import items_of

PHASE_READS: Final = ("metadata.deletionTimestamp", "status.phase")
CLASS_READS: Final = ("metadata.annotations", "spec.storageClassName")
"""The paths of `phase_of` and of `class_of`."""

_SHORT_MODES: Final = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}
_CLASS_ANNOTATION: Final = "volume.beta.kubernetes.io/storage-class"


def phase_of(row: Row) -> str | None:
    """Returns kubectl's STATUS: the phase, or Terminating for an object that is being deleted."""
    if row.metadata.deletionTimestamp is not None:
        return "Terminating"
    return row.status.phase if row.status else None


def class_of(row: Row) -> str | None:
    """Returns the name of the storage class; the older annotation comes first. An empty name is none.

    Source: `GetPersistentVolumeClaimClass` and `GetPersistentVolumeClass` in k8s.io/kubernetes/pkg/apis/core/helper.
    """
    annotated = (row.metadata.annotations or {}).get(_CLASS_ANNOTATION)
    if annotated is not None:
        return annotated or None
    return (row.spec.storageClassName or None) if row.spec else None


def short_modes(modes: Sequence[str] | None) -> list[str]:
    """Returns access modes in kubectl's short form and order, each once; unknown ones are left out.

    Source: `GetAccessModesAsString` in k8s.io/kubernetes/pkg/apis/core/helper/helpers.go.
    """
    found = {*items_of(modes)}
    return [short for mode, short in _SHORT_MODES.items() if mode in found]


def storage_of(resources: Mapping[str, object] | None) -> Quantity | None:
    """Returns the amount of the resource `storage`."""
    amount = (resources or {}).get("storage")
    return Quantity(str(amount)) if amount is not None else None
