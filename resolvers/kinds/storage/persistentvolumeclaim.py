"""Members of persistent volume claims beyond their Kubernetes fields."""

from collections.abc import Iterator

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Quantity
from resolvers.kinds.podspecs.relations import POD_CLAIMS
from resolvers.kinds.storage.volumevalues import CLASS_READS, PHASE_READS, class_of, phase_of, short_modes, storage_of
from resolvers.kinds.uses.usedby import add_uses
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming, by_paths

PERSISTENT_VOLUME_CLAIMS = Family(kinds.PERSISTENT_VOLUME_CLAIM)


@PERSISTENT_VOLUME_CLAIMS.derived(
    *PHASE_READS, description="Its phase, as in kubectl's STATUS column: `Terminating` while it is being deleted."
)
def phase(claim: Row) -> str | None:
    """Returns kubectl's STATUS."""
    return phase_of(claim)


@PERSISTENT_VOLUME_CLAIMS.derived(
    "spec.volumeName",
    "status.capacity",
    description="The size of its volume, as in kubectl's CAPACITY column; null while it has no volume. `requested` is "
    "what it asks for.",
)
def capacity(claim: Row) -> Quantity | None:
    """Returns kubectl's CAPACITY.

    Source: `printPersistentVolumeClaim` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    return storage_of(claim.status.capacity) if _is_bound(claim) and claim.status else None


@PERSISTENT_VOLUME_CLAIMS.derived("spec.resources.requests", description="The size that it asks for.")
def requested(claim: Row) -> Quantity | None:
    """Returns the request for storage."""
    resources = claim.spec.resources if claim.spec else None
    return storage_of(resources.requests if resources else None)


@PERSISTENT_VOLUME_CLAIMS.derived(
    "spec.volumeName",
    "status.accessModes",
    description="The access modes of its volume in short, as kubectl prints them: RWO, ROX, RWX and RWOP; empty while "
    "it has no volume.",
)
def access_modes(claim: Row) -> list[str]:
    """Returns kubectl's ACCESS MODES."""
    return short_modes(claim.status.accessModes) if _is_bound(claim) and claim.status else []


@PERSISTENT_VOLUME_CLAIMS.derived(
    *CLASS_READS,
    description="The name of its storage class: that of the older annotation `volume.beta.kubernetes.io/storage-class` "
    "first, as kubectl prints it. Null if it has none.",
)
def storage_class_name(claim: Row) -> str | None:
    """Returns kubectl's STORAGECLASS."""
    return class_of(claim)


def _is_bound(claim: Row) -> bool:
    return bool(claim.spec and claim.spec.volumeName)


def _class_places(claim: Row) -> Iterator[NamedPlace]:
    yield None, class_of(claim)


CLAIM_VOLUME = by_paths(kinds.PERSISTENT_VOLUME_CLAIM, kinds.PERSISTENT_VOLUME, "spec.volumeName")
CLAIM_CLASS = Naming(kinds.PERSISTENT_VOLUME_CLAIM, kinds.STORAGE_CLASS, CLASS_READS, _class_places)
CLAIM_ATTRIBUTES = by_paths(
    kinds.PERSISTENT_VOLUME_CLAIM, kinds.VOLUME_ATTRIBUTES_CLASS, "spec.volumeAttributesClassName"
)

add_named(
    PERSISTENT_VOLUME_CLAIMS,
    CLAIM_VOLUME,
    shape=Shape.ONE,
    description="The volume that it is bound to; null while it waits for one.",
)
add_named(
    PERSISTENT_VOLUME_CLAIMS,
    CLAIM_CLASS,
    shape=Shape.ONE,
    description="Its storage class; null if none of that name exists.",
)
add_named(
    PERSISTENT_VOLUME_CLAIMS,
    CLAIM_ATTRIBUTES,
    shape=Shape.ONE,
    description="The class of attributes that it asks for; null without one.",
)
add_naming(
    PERSISTENT_VOLUME_CLAIMS,
    POD_CLAIMS,
    description="The pods that mount it, running or not: `Used By` of `kubectl describe`. Pods with ephemeral "
    "volumes count as well.",
)
add_uses(
    PERSISTENT_VOLUME_CLAIMS,
    kinds.PERSISTENT_VOLUME_CLAIM,
    examples="as volumes, or made for ephemeral volumes and of the templates of stateful sets",
)
