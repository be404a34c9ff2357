"""The join of claims, slices and taints by devices: a device is named by its driver, its pool and its own name."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import items_of
from resolvers.lists.rows import Rows
from resolvers.pacing import worked

K = TypeVar("K", bound=Hashable)

Device = tuple[str, str, str]
"""Driver, pool and name of a device."""

ALLOCATION_READS: Final = tuple(f"status.allocation.devices.results.{key}" for key in ("driver", "pool", "device"))
"""The paths that `allocated_devices` reads of a claim."""
POOL_READS: Final = ("spec.driver", "spec.pool.name", "spec.devices.name")
"""The paths that `slice_devices` reads of a slice."""


def allocated_devices(claim: Row) -> list[Device]:
    """Returns the devices that are allocated to a claim."""
    allocation = claim.status.allocation if claim.status is not None else None
    results = allocation.devices.results if allocation is not None and allocation.devices is not None else None
    return [(one.driver or "", one.pool or "", one.device or "") for one in items_of(results)]


def slice_devices(slice_: Row) -> Iterator[Device]:
    """Yields the devices of a slice."""
    spec = slice_.spec
    if spec is not None:
        pool = spec.driver or "", spec.pool.name or "" if spec.pool is not None else ""
        for device in items_of(spec.devices):
            yield *pool, device.name or ""


async def joined(
    parents: Rows,
    children: Rows,
    *,
    of_parent: Callable[[Row], Iterable[K]],
    of_child: Callable[[Row], Iterable[K]],
) -> Sequence[Sequence[Row]]:
    """Returns, for each parent, the children with one of its keys, such as devices, in the order of the children."""
    found: dict[tuple[FleetCluster, K], list[int]] = {}

    def add(place: tuple[int, tuple[FleetCluster, Row]]) -> None:
        index, (cluster, child) = place
        for key in dict.fromkeys(of_child(child)):
            found.setdefault((cluster, key), []).append(index)

    def of_each(placed: tuple[FleetCluster, Row]) -> list[Row]:
        cluster, parent = placed
        indexes = {index for key in of_parent(parent) for index in found.get((cluster, key), ())}
        return [children.rows[index] for index in sorted(indexes)]

    await worked(add, enumerate(children))
    return await worked(of_each, parents)
