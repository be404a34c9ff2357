"""Parts in use: of what nodes offer, and of what pods request and may use at most."""

from typing import Annotated

from msgspec import Meta, Struct

from resolvers.kinds.amounts import Amount
from resolvers.kinds.resources import CPU, MEMORY, ResourceList
from resolvers.kinds.usage.measures import NANO, ratio
from resolvers.kinds.usage.usage import UsageSum


class UsageRatio(Struct, frozen=True, gc=False):
    """The parts of processors and memory in use: 0.9 is 90 %; null where usage or the whole is unknown."""

    cpu: Annotated[float | None, Meta(description="The part of the processors in use.")]
    memory: Annotated[float | None, Meta(description="The part of the memory in use.")]


class PodUsageRatio(Struct, frozen=True, gc=False):
    """Usage of a pod or a container, compared with its requests and its limits."""

    requests: Annotated[UsageRatio, Meta(description="Usage ÷ requests; above 1 if it uses more than it requests.")]
    limits: Annotated[UsageRatio, Meta(description="Usage ÷ limits; null where there is no limit.")]


def ratio_of(used: UsageSum, whole: ResourceList) -> UsageRatio:
    """Returns the parts of resources that are in use."""
    memory = _billionths(whole.get(MEMORY))
    bytes_ = None if memory is None else memory // NANO
    return UsageRatio(ratio(used.cpu, _billionths(whole.get(CPU))), ratio(used.memory, bytes_))


def pod_ratio(used: UsageSum, requests: ResourceList, limits: ResourceList) -> PodUsageRatio:
    """Returns the parts of requests and of limits that are in use."""
    return PodUsageRatio(ratio_of(used, requests), ratio_of(used, limits))


def _billionths(amount: Amount | None) -> int | None:
    return None if amount is None else amount.billionths
