"""Members of ResourceSlices and DeviceTaintRules beyond their Kubernetes fields, and of nodes with devices."""

from collections.abc import Iterator, Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.devices.allocations import (
    ALLOCATION_READS,
    POOL_READS,
    allocated_devices,
    joined,
    slice_devices,
)
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths
from resolvers.lists.rows import Rows
from resolvers.pacing import collected, worked

SLICES = Family(kinds.RESOURCE_SLICE)
TAINT_RULES = Family(kinds.DEVICE_TAINT_RULE)
NODES_WITH_DEVICES = Family(kinds.NODE)
ALLOCATED_CLAIMS = Family(kinds.RESOURCE_CLAIM)

_NODES = by_paths(kinds.RESOURCE_SLICE, kinds.NODE, "spec.nodeName")
_SELECTOR_READS = tuple(f"spec.deviceSelector.{key}" for key in ("driver", "pool", "device"))


@SLICES.derived("spec.devices.name", description="The number of its devices.")
def device_count(slice_: Row) -> int:
    """Returns the number of devices."""
    return len(slice_.spec.devices or ()) if slice_.spec is not None else 0


add_named(
    SLICES,
    _NODES,
    shape=Shape.ONE,
    description="The node that has its devices; null for devices of several nodes.",
)
add_naming(NODES_WITH_DEVICES, _NODES, description="The slices of its own devices.")


@SLICES.link(
    *POOL_READS,
    to=kinds.RESOURCE_CLAIM,
    shape=Shape.MANY,
    description="The claims to which one of its devices is allocated.",
)
async def resource_claims(slices: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads claims and joins them by device."""
    claims = await fetch.children(kinds.RESOURCE_CLAIM, *ALLOCATION_READS)
    return await joined(slices, claims, of_parent=slice_devices, of_child=allocated_devices)


@ALLOCATED_CLAIMS.link(
    *ALLOCATION_READS,
    to=kinds.RESOURCE_SLICE,
    shape=Shape.SOME,
    description="The slices whose devices are allocated to it.",
)
async def resource_slices(claims: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads slices and joins them by device."""
    slices = await fetch.children(kinds.RESOURCE_SLICE, *POOL_READS)
    return await joined(claims, slices, of_parent=allocated_devices, of_child=slice_devices)


@ALLOCATED_CLAIMS.link(
    *ALLOCATION_READS,
    to=kinds.NODE,
    shape=Shape.SOME,
    description="The nodes that have its devices, by the slices of those; empty for devices of several nodes.",
)
async def nodes(claims: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads slices, joins them by device, and reads their nodes by name."""
    slices = await fetch.steps(kinds.RESOURCE_SLICE, *POOL_READS, "spec.nodeName")
    lists = await joined(claims, slices, of_parent=allocated_devices, of_child=slice_devices)
    names = await worked(_node_names, lists)
    places = [(cluster, None, name) for cluster, own in zip(claims.clusters, names, strict=True) for name in own]
    found = iter(await fetch.named(kinds.NODE, places))
    return await collected([node for node in (next(found) for _ in own) if node is not None] for own in names)


def _node_names(slices: Sequence[Row]) -> list[str]:
    return [*dict.fromkeys(one.spec.nodeName for one in slices if one.spec is not None and one.spec.nodeName)]


@TAINT_RULES.link(
    *_SELECTOR_READS,
    to=kinds.RESOURCE_SLICE,
    shape=Shape.MANY,
    description="The slices with a device that it taints: of its driver, pool and device, each if it names one.",
)
async def tainted_slices(rules: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads slices, and compares the devices of each with the rules.

    Source: `DeviceTaintSelector` of resource.k8s.io: all criteria must hold; without a selector nothing is tainted.
    """
    slices = await fetch.children(kinds.RESOURCE_SLICE, *POOL_READS)
    return await joined(rules, slices, of_parent=_criteria, of_child=_keys)


@SLICES.link(
    *POOL_READS,
    to=kinds.DEVICE_TAINT_RULE,
    shape=Shape.MANY,
    description="The rules that taint one of its devices.",
)
async def device_taint_rules(slices: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads rules, and compares the devices of each slice with them."""
    rules = await fetch.children(kinds.DEVICE_TAINT_RULE, *_SELECTOR_READS)
    return await joined(slices, rules, of_parent=_keys, of_child=_criteria)


def _keys(slice_: Row) -> Iterator[tuple[str, str, str]]:
    """Yields the criteria that a slice meets; an empty text is one that is not asked for."""
    for driver, pool, device in slice_devices(slice_):
        for of_driver in ("", driver):
            for of_pool in ("", pool):
                yield of_driver, of_pool, ""
                yield of_driver, of_pool, device


def _criteria(rule: Row) -> Iterator[tuple[str, str, str]]:
    """Yields the criteria of a rule; none without a selector."""
    selector = rule.spec.deviceSelector if rule.spec is not None else None
    if selector is not None:
        yield selector.driver or "", selector.pool or "", selector.device or ""
