"""Members of ResourcePoolStatusRequests beyond their Kubernetes fields.

Source: `printResourcePoolStatusRequest` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family

POOL_STATUS_REQUESTS = Family(kinds.RESOURCE_POOL_STATUS_REQUEST)

_COUNTS: Final = ("totalDevices", "availableDevices", "allocatedDevices", "unavailableDevices")
_CONDITION_READS: Final = tuple(f"status.conditions.{key}" for key in ("type", "status", "lastTransitionTime"))


class PoolDevices(Struct, frozen=True):
    """The devices of all pools that a request asked for."""

    total: Annotated[int, Meta(description="All devices.")]
    available: Annotated[int, Meta(description="Devices that can be allocated.")]
    allocated: Annotated[int, Meta(description="Devices that are allocated.")]
    unavailable: Annotated[int, Meta(description="Devices that cannot be allocated, such as tainted ones.")]
    invalidPools: Annotated[int, Meta(description="Pools with a validation error.")]  # noqa: N815  GraphQL


@POOL_STATUS_REQUESTS.derived(
    *_CONDITION_READS,
    "status.poolCount",
    "status.pools.poolName",
    description="Pending, Complete or Failed, as in kubectl's STATUS column: with the numbers of pools, such as "
    "`Complete (3/5 pools)`, if the answer is truncated.",
)
def state(request: Row) -> str:
    """Returns kubectl's STATUS."""
    condition = _ending(request)
    if condition is None or condition.type == "Failed":
        return "Pending" if condition is None else "Failed"
    pools, count = len(request.status.pools or ()), request.status.poolCount or 0
    return f"Complete ({pools}/{count} pools)" if count > pools else "Complete"


@POOL_STATUS_REQUESTS.derived(
    *_CONDITION_READS, description="The time at which it was completed, whose age kubectl's COMPLETED column has."
)
def completed_at(request: Row) -> Time | None:
    """Returns the time of the Complete condition."""
    condition = _ending(request)
    return condition.lastTransitionTime if condition is not None and condition.type == "Complete" else None


@POOL_STATUS_REQUESTS.derived(
    *_CONDITION_READS,
    *(f"status.pools.{count}" for count in _COUNTS),
    "status.pools.validationError",
    description="The devices of its pools, as in kubectl's columns; null if it has no status, or has failed.",
)
def device_counts(request: Row) -> PoolDevices | None:
    """Returns the sums over all pools."""
    condition = _ending(request)
    if request.status is None or (condition is not None and condition.type == "Failed"):
        return None
    pools = items_of(request.status.pools)
    total, available, allocated, unavailable = (sum(getattr(pool, count) or 0 for pool in pools) for count in _COUNTS)
    invalid = sum(pool.validationError is not None for pool in pools)
    return PoolDevices(total, available, allocated, unavailable, invalid)


def _ending(request: Row) -> Row | None:
    """Returns the first condition that ended it; None while it is pending."""
    conditions = items_of(request.status.conditions if request.status is not None else None)
    return next((one for one in conditions if one.type in {"Complete", "Failed"} and one.status == "True"), None)
