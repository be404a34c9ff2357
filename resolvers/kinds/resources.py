"""Resource lists: amounts by the name of their resource, and their form in answers.

Source: `ResourceList` in k8s.io/api/core/v1; sums and maxima as `addResourceList` and `maxResourceList` in
k8s.io/component-helpers/resource/helpers.go.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct

from resolvers.kinds.amounts import ZERO, Amount, amount_of, larger, minus, plus, printed, ratio
from resolvers.kinds.leaves import Quantity, QuantityMap

ResourceList = dict[str, Amount | None]
"""Amounts by resource; None for an amount that is no quantity."""

CPU: Final = "cpu"
MEMORY: Final = "memory"
EPHEMERAL_STORAGE: Final = "ephemeral-storage"
PODS: Final = "pods"
_MOST_NAMES: Final = 1000
"""Resources of one object: real ones have a few, and a hostile cluster's would block other requests."""
_MAIN: Final = (CPU, MEMORY, EPHEMERAL_STORAGE, PODS)
_CPU_TEXT: Final = "Processors, in cores or thousandths (`3920m`)."
_ALL_TEXT: Final = "All resources by name, such as `nvidia.com/gpu`, without values that are no quantities."


class Resources(Struct, frozen=True):
    """Amounts of the main resources, and of all others by name; null for a resource that is not stated."""

    cpu: Annotated[Quantity | None, Meta(description=_CPU_TEXT)]
    memory: Annotated[Quantity | None, Meta(description="Memory in bytes.")]
    ephemeralStorage: Annotated[Quantity | None, Meta(description="Local disk space in bytes.")]  # noqa: N815  GraphQL
    all: Annotated[QuantityMap, Meta(description=_ALL_TEXT)]


class NodeResources(Struct, frozen=True):
    """The main resources of a node, or of all nodes of a cluster, and all others by name."""

    cpu: Annotated[Quantity | None, Meta(description=_CPU_TEXT)]
    memory: Annotated[Quantity | None, Meta(description="Memory in bytes.")]
    ephemeralStorage: Annotated[Quantity | None, Meta(description="Local disk space in bytes.")]  # noqa: N815  GraphQL
    pods: Annotated[Quantity | None, Meta(description="Pods: of a capacity, the largest number of them.")]
    all: Annotated[QuantityMap, Meta(description=_ALL_TEXT)]


class ResourceRatios(Struct, frozen=True):
    """Parts of the allocatable resources: 0.9 is 90 %; null for a resource that is not offered, or not known."""

    cpu: Annotated[float | None, Meta(description="The part of the processors.")]
    memory: Annotated[float | None, Meta(description="The part of the memory.")]
    ephemeralStorage: Annotated[float | None, Meta(description="The part of the local disk.")]  # noqa: N815  GraphQL
    pods: Annotated[float | None, Meta(description="The part of the largest number of pods.")]


def amounts_of(quantities: Mapping[str, object] | None) -> ResourceList:
    """Returns the amounts of a map of quantities, as objects have them, at most 1,000; empty for none."""
    if not quantities:
        return {}
    items = quantities.items() if len(quantities) <= _MOST_NAMES else islice(quantities.items(), _MOST_NAMES)
    return {name: amount_of(value) for name, value in items}


def add(to: ResourceList, more: Mapping[str, Amount | None]) -> None:
    """Adds amounts to those of the same resources; the others are taken over."""
    for name, amount in more.items():
        to[name] = plus(to[name], amount) if name in to else amount


def raise_to(to: ResourceList, least: Mapping[str, Amount | None]) -> None:
    """Replaces amounts by those of the same resources that are larger; the others are taken over."""
    for name, amount in least.items():
        to[name] = larger(to[name], amount) if name in to else amount


def remainder(whole: Mapping[str, Amount | None], part: Mapping[str, Amount | None]) -> ResourceList:
    """Returns what is left of each resource of the whole; negative if the part is larger."""
    return {name: minus(amount, part.get(name, ZERO)) for name, amount in whole.items()}


def resources(amounts: Mapping[str, Amount | None]) -> Resources:
    """Returns amounts in the form of answers."""
    texts = _texts(amounts)
    return Resources(texts.get(CPU), texts.get(MEMORY), texts.get(EPHEMERAL_STORAGE), QuantityMap(texts))


def node_resources(amounts: Mapping[str, Amount | None]) -> NodeResources:
    """Returns amounts of a node or of all nodes in the form of answers."""
    return _of_node(_texts(amounts))


def stated_resources(quantities: Mapping[str, object] | None) -> NodeResources:
    """Returns quantities of a node as the node states them."""
    return _of_node({name: Quantity(str(value)) for name, value in (quantities or {}).items()})


def _of_node(texts: dict[str, Quantity]) -> NodeResources:
    cpu, memory, disk, pods = map(texts.get, _MAIN)
    return NodeResources(cpu, memory, disk, pods, QuantityMap(texts))


def resource_ratios(part: Mapping[str, Amount | None], whole: Mapping[str, Amount | None]) -> ResourceRatios:
    """Returns the part of each main resource; a resource that is not in the part counts as zero."""
    return ResourceRatios(*(ratio(part.get(name, ZERO), whole.get(name)) for name in _MAIN))


def _texts(amounts: Mapping[str, Amount | None]) -> dict[str, Quantity]:
    return {name: text for name, amount in amounts.items() if (text := printed(amount)) is not None}
