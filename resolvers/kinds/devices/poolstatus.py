"""Members of ResourcePoolStatusRequests beyond their Kubernetes fields.

Source: `printResourcePoolStatusRequest` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.devices.allocations import joined
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import Naming, Place, add_named, add_naming
from resolvers.lists.rows import Rows

POOL_STATUS_REQUESTS = Family(kinds.RESOURCE_POOL_STATUS_REQUEST)
REPORTED_SLICES = Family(kinds.RESOURCE_SLICE)
REPORTED_NODES = Family(kinds.NODE)

_COUNTS: Final = ("totalDevices", "availableDevices", "allocatedDevices", "unavailableDevices")
_POOL_READS: Final = ("spec.driver", "spec.poolName")
_SLICE_READS: Final = ("spec.driver", "spec.pool.name")
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


@POOL_STATUS_REQUESTS.link(
    *_POOL_READS,
    to=kinds.RESOURCE_SLICE,
    shape=Shape.MANY,
    description="The slices of the pools that it asks for: of its driver, and of one pool if it names one.",
)
async def resource_slices(requests: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads slices, and joins them by driver and pool."""
    slices = await fetch.children(kinds.RESOURCE_SLICE, *_SLICE_READS)
    return await joined(requests, slices, of_parent=_wanted, of_child=_pools_of)


@REPORTED_SLICES.link(
    *_SLICE_READS,
    to=kinds.RESOURCE_POOL_STATUS_REQUEST,
    shape=Shape.MANY,
    description="The requests for the status of its pool.",
)
async def resource_pool_status_requests(slices: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads requests, and joins them by driver and pool."""
    requests = await fetch.children(kinds.RESOURCE_POOL_STATUS_REQUEST, *_POOL_READS)
    return await joined(slices, requests, of_parent=_pools_of, of_child=_wanted)


def _wanted(request: Row) -> Iterator[tuple[str, str]]:
    """Yields the driver and the pool that a request asks for; an empty pool is all of them."""
    if request.spec is not None:
        yield request.spec.driver or "", request.spec.poolName or ""


def _pools_of(slice_: Row) -> Iterator[tuple[str, str]]:
    """Yields what requests for a slice ask for, as `_wanted` does."""
    spec = slice_.spec
    if spec is not None and spec.driver:
        yield spec.driver, ""
        if spec.pool is not None and spec.pool.name:
            yield spec.driver, spec.pool.name


def _nodes(request: Row) -> Iterator[Place]:
    for pool in items_of(request.status.pools if request.status is not None else None):
        if pool.nodeName:
            yield None, pool.nodeName


_NODES: Final = Naming(kinds.RESOURCE_POOL_STATUS_REQUEST, kinds.NODE, ("status.pools.nodeName",), _nodes)

add_named(POOL_STATUS_REQUESTS, _NODES, description="The nodes of the pools in its status.")
add_naming(REPORTED_NODES, _NODES, description="The requests for the status of pools with a pool of its devices.")


def _ending(request: Row) -> Row | None:
    """Returns the first condition that ended it; None while it is pending."""
    conditions = items_of(request.status.conditions if request.status is not None else None)
    return next((one for one in conditions if one.type in {"Complete", "Failed"} and one.status == "True"), None)
