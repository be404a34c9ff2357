"""Requests and limits of usual pods, which need none of the rules of `podresources` but the sum of their containers.

The pods of a workload are alike, so that their answers are remembered, and shared by all of them.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from k8s.reading.rowdecoders import Row
from resolvers.kinds.core import podresources
from resolvers.kinds.resources import ResourceList, Resources, add, amounts_of, resources

_Items: TypeAlias = tuple[tuple[tuple[str, object], ...], ...]
"""The quantities of each container by resource."""

_MOST: Final = 8
"""Containers of a usual pod, and its resources in each; likewise its conditions."""
_LONG: Final = 1000
"""Characters of a pod's quantities above which its answer is not remembered: clusters send texts of any length."""


def requests_of(pod: Row) -> Resources:
    """Returns `podresources.pod_requests` in the form of answers; reads `podresources.REQUEST_READS`."""
    containers, status = _containers(pod), pod.status
    if containers is not None:
        own = [one.resources.requests if one.resources is not None else None for one in containers]
        if status is None or _are_requests_actual(containers, own, status):
            usual = _usual(own)
            if usual is not None:
                return usual
    return resources(podresources.pod_requests(pod))


def limits_of(pod: Row) -> Resources:
    """Returns `podresources.pod_limits` in the form of answers; reads `podresources.LIMIT_READS`."""
    containers, status = _containers(pod), pod.status
    if containers is not None:
        own = [one.resources.limits if one.resources is not None else None for one in containers]
        if status is None or _are_limits_actual(containers, own, status):
            usual = _usual(own)
            if usual is not None:
                return usual
    return resources(podresources.pod_limits(pod))


def _containers(pod: Row) -> Sequence[Row] | None:
    """Returns the few containers that are all that counts for a usual pod; None for another pod."""
    spec = pod.spec
    if spec is None or spec.initContainers or spec.overhead or spec.resources is not None:
        return None
    containers = spec.containers or ()
    return containers if len(containers) <= _MOST else None


def _are_requests_actual(containers: Sequence[Row], own: Sequence[Mapping[str, object] | None], status: Row) -> bool:
    """Returns whether no resize is pending, and the allocated and actual requests are those of the spec."""
    if not _is_settled(status):
        return False
    statuses = {one.name: one for one in status.containerStatuses or ()}
    for container, requests in zip(containers, own, strict=True):
        one = statuses.get(container.name)
        if one is not None:
            allocated, actual = one.allocatedResources, one.resources
            if allocated is not None and allocated != requests:
                return False
            if actual is not None and actual.requests is not None and actual.requests != requests:
                return False
    return True


def _are_limits_actual(containers: Sequence[Row], own: Sequence[Mapping[str, object] | None], status: Row) -> bool:
    """Returns whether no resize is pending, and the actual limits are those of the spec."""
    if not _is_settled(status):
        return False
    statuses = {one.name: one for one in status.containerStatuses or ()}
    for container, limits in zip(containers, own, strict=True):
        one = statuses.get(container.name)
        if one is not None and one.resources is not None:
            actual = one.resources.limits
            if actual is not None and actual != limits:
                return False
    return True


def _is_settled(status: Row) -> bool:
    conditions = status.conditions or ()
    if len(conditions) > _MOST or len(status.containerStatuses or ()) > _MOST or status.initContainerStatuses:
        return False
    for one in conditions:  # noqa: SIM110  a generator takes longer than all the rest
        if one.type == "PodResizePending":
            return False
    return True


def _usual(own: Sequence[Mapping[str, object] | None]) -> Resources | None:
    """Returns the answer for the sum of containers; None if their quantities are too many or too long."""
    for quantities in own:
        if quantities is not None and len(quantities) > _MOST:
            return None
    try:
        return _answer(tuple([tuple(quantities.items()) for quantities in own if quantities]))
    except _LongQuantities:
        return None


@lru_cache(maxsize=2048)
def _answer(items: _Items) -> Resources:
    if sum(len(name) + len(str(quantity)) for quantities in items for name, quantity in quantities) > _LONG:
        raise _LongQuantities
    total: ResourceList = {}
    for quantities in items:
        add(total, amounts_of(dict(quantities)))
    return resources(total)


class _LongQuantities(Exception):
    """Quantities that are too long to be remembered."""
