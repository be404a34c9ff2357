"""Members of ResourceClaims and ResourceClaimTemplates beyond their Kubernetes fields."""

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.devices.allocations import ALLOCATION_READS, allocated_devices
from resolvers.kinds.podspecs.relations import POD_RESOURCE_CLAIMS
from resolvers.links.members import Family
from resolvers.links.naming import Naming, add_named, add_naming, by_paths

CLAIMS = Family(kinds.RESOURCE_CLAIM)
CLAIM_TEMPLATES = Family(kinds.RESOURCE_CLAIM_TEMPLATE)
DEVICE_CLASSES = Family(kinds.DEVICE_CLASS)
TEMPLATE_PODS = Family(kinds.POD)

_TEMPLATES = by_paths(kinds.POD, kinds.RESOURCE_CLAIM_TEMPLATE, "spec.resourceClaims.resourceClaimTemplateName")


@CLAIMS.derived(
    "metadata.deletionTimestamp",
    "status.allocation.allocationTimestamp",
    "status.reservedFor.name",
    description="Its state, as in kubectl's STATE column: pending, or allocated and reserved, such as "
    "`allocated,reserved`; before them `deleted` if its deletion has been requested.",
)
def state(claim: Row) -> str:
    """Returns kubectl's STATE.

    Source: `resourceClaimState` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    is_deleted = claim.metadata.deletionTimestamp is not None
    states = ["deleted"] if is_deleted else []
    if claim.status is None or claim.status.allocation is None:
        states += [] if is_deleted else ["pending"]
    else:
        states += ["allocated", "reserved"] if claim.status.reservedFor else ["allocated"]
    return ",".join(states)


@CLAIMS.derived(*ALLOCATION_READS, description="Its allocated devices, as `driver/pool/device`.")
def device_names(claim: Row) -> list[str]:
    """Returns the allocated devices."""
    return ["/".join(device) for device in allocated_devices(claim)]


def _classes(of: Kind, requests: str) -> Naming:
    paths = f"{requests}.exactly.deviceClassName", f"{requests}.firstAvailable.deviceClassName"
    return by_paths(of, kinds.DEVICE_CLASS, *paths)


_CLAIM_CLASSES = _classes(kinds.RESOURCE_CLAIM, "spec.devices.requests")
_TEMPLATE_CLASSES = _classes(kinds.RESOURCE_CLAIM_TEMPLATE, "spec.spec.devices.requests")

add_naming(CLAIMS, POD_RESOURCE_CLAIMS, description="The pods that use it, by its name or by a template of theirs.")
add_named(CLAIMS, _CLAIM_CLASSES, description="The classes of devices that it requests.")
add_named(CLAIM_TEMPLATES, _TEMPLATE_CLASSES, description="The classes of devices that its claims request.")
add_naming(CLAIM_TEMPLATES, _TEMPLATES, description="The pods for which claims are made of it.")
add_named(TEMPLATE_PODS, _TEMPLATES, description="The templates of which claims are made for it.")
add_naming(DEVICE_CLASSES, _CLAIM_CLASSES, description="The claims that request devices of it.")
add_naming(DEVICE_CLASSES, _TEMPLATE_CLASSES, description="The templates whose claims request devices of it.")
