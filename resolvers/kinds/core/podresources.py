"""Requests and limits of a pod: what its containers need together at any time.

Init containers run one after the other before the others, so the largest of them counts; sidecars (init containers that
are restarted always) run beside both. A pod's own resources replace those of its containers.

Source: `PodRequests` and `PodLimits` in k8s.io/component-helpers/resource/helpers.go, v0.37, with the options of
`describeNodeResource` in k8s.io/kubectl/pkg/describe/describe.go.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.amounts import Amount, plus
from resolvers.kinds.longlists import items_of
from resolvers.kinds.resources import ResourceList, add, amounts_of, raise_to

Quantities = Mapping[str, object] | None
"""Quantities by resource as an object has them."""

_POD_LEVEL: Final = frozenset({"cpu", "memory"})
_HUGE_PAGES: Final = "hugepages-"


def _reads(resources: str) -> tuple[str, ...]:
    """Returns the paths of the requests, or of the limits, by the pod's spec."""
    return (
        f"spec.containers.resources.{resources}",
        "spec.initContainers.restartPolicy",
        f"spec.initContainers.resources.{resources}",
        "spec.overhead",
        f"spec.resources.{resources}",
    )


def _resize_reads(*resources: str) -> tuple[str, ...]:
    """Returns the paths of a resize."""
    of_containers = ("spec.containers.name", "spec.initContainers.name")
    statuses = ("status.containerStatuses", "status.initContainerStatuses")
    of_statuses = tuple(f"{status}.{path}" for status in statuses for path in ("name", *resources))
    return (*of_containers, *of_statuses, "status.conditions.type", "status.conditions.reason")


SPEC_READS: Final = tuple(dict.fromkeys((*_reads("requests"), *_reads("limits"))))
"""The paths of requests and limits by the pod's spec."""
REQUEST_READS: Final = (*_reads("requests"), *_resize_reads("allocatedResources", "resources.requests"))
"""The paths of requests by spec and status."""
LIMIT_READS: Final = (*_reads("limits"), *_resize_reads("resources.limits"))
"""The paths of limits by spec and status."""
READS: Final = tuple(dict.fromkeys((*REQUEST_READS, *LIMIT_READS)))
"""The paths of both."""


def pod_requests(pod: Row) -> ResourceList:
    """Returns a pod's requests: while it is resized, the largest of the new, the allocated and the actual ones.

    Reads `REQUEST_READS`.
    """
    spec = pod.spec
    if spec is None:
        return {}
    statuses, is_infeasible = _statuses(pod), _is_resize_infeasible(pod)
    if is_infeasible or _differ(spec, statuses, _is_actual_request):
        allocated = _of_containers(spec, partial(_allocated_requests, statuses, is_infeasible))
        actual = _of_containers(spec, partial(_actual_requests, statuses, is_infeasible))
        total = {} if is_infeasible else _of_containers(spec, _spec_requests)
        raise_to(total, actual)
        raise_to(total, allocated)
    else:
        total = _of_containers(spec, _spec_requests)
    return _with_pod_requests(spec, total)


def pod_limits(pod: Row) -> ResourceList:
    """Returns a pod's limits; while it is resized, the larger of the new and the actual ones. Reads `LIMIT_READS`."""
    spec = pod.spec
    if spec is None:
        return {}
    statuses, is_infeasible = _statuses(pod), _is_resize_infeasible(pod)
    if is_infeasible or _differ(spec, statuses, _is_actual_limit):
        total = {} if is_infeasible else _of_containers(spec, _spec_limits)
        raise_to(total, _of_containers(spec, partial(_actual_limits, statuses, is_infeasible)))
    else:
        total = _of_containers(spec, _spec_limits)
    return _with_pod_limits(spec, total)


def spec_requests(pod: Row) -> ResourceList:
    """Returns a pod's requests by its spec, as in the totals of `kubectl describe node`. Reads `SPEC_READS`."""
    return {} if pod.spec is None else _with_pod_requests(pod.spec, _of_containers(pod.spec, _spec_requests))


def spec_limits(pod: Row) -> ResourceList:
    """Returns a pod's limits by its spec, as in the totals of `kubectl describe node`. Reads `SPEC_READS`."""
    return {} if pod.spec is None else _with_pod_limits(pod.spec, _of_containers(pod.spec, _spec_limits))


def _of_containers(spec: Row, resources_of: Callable[[Row], Quantities]) -> ResourceList:
    """Returns the resources that the containers need together at any time."""
    total: ResourceList = {}
    for container in items_of(spec.containers):
        add(total, amounts_of(resources_of(container)))
    if not spec.initContainers:
        return total
    sidecars, most = ResourceList(), ResourceList()
    for container in items_of(spec.initContainers):
        own = amounts_of(resources_of(container))
        if container.restartPolicy == "Always":
            add(total, own)
            add(sidecars, own)
            raise_to(most, sidecars)
        else:
            add(own, sidecars)
            raise_to(most, own)
    raise_to(total, most)
    return total


def _with_pod_requests(spec: Row, total: ResourceList) -> ResourceList:
    if spec.resources is not None:
        total.update(_of_pod_level(spec.resources.requests))
    if spec.overhead:
        add(total, amounts_of(spec.overhead))
    return total


def _with_pod_limits(spec: Row, total: ResourceList) -> ResourceList:
    if spec.resources is not None:
        total.update(_of_pod_level(spec.resources.limits))
    for name, overhead in amounts_of(spec.overhead).items():
        limit = total.get(name)
        if limit is not None and limit.billionths:
            total[name] = plus(limit, overhead)
    return total


def _of_pod_level(quantities: Quantities) -> dict[str, Amount | None]:
    """Returns the resources of those that a pod can state for all its containers together."""
    amounts = amounts_of(quantities)
    return {name: amounts[name] for name in amounts if name in _POD_LEVEL or name.startswith(_HUGE_PAGES)}


def _statuses(pod: Row) -> Mapping[str, Row]:
    """Returns the statuses of a pod's containers by name."""
    status = pod.status
    if status is None:
        return {}
    every = (items_of(status.initContainerStatuses), items_of(status.containerStatuses))
    return {container.name: container for own in every for container in reversed(own)}


def _differ(spec: Row, statuses: Mapping[str, Row], is_actual: Callable[[Row, Row], bool]) -> bool:
    """Returns whether a container has other resources than its spec."""
    for containers in (spec.containers, spec.initContainers) if statuses else ():
        for container in items_of(containers):
            status = statuses.get(container.name)
            if status is not None and not is_actual(container, status):
                return True
    return False


def _is_actual_request(container: Row, status: Row) -> bool:
    """Returns whether the allocated and the actual requests of a container, if known, are those of its spec."""
    requests = _spec_requests(container)
    allocated, actual = status.allocatedResources, status.resources and status.resources.requests
    return (allocated is None or allocated == requests) and (actual is None or actual == requests)


def _is_actual_limit(container: Row, status: Row) -> bool:
    actual = status.resources and status.resources.limits
    return actual is None or actual == _spec_limits(container)


def _is_resize_infeasible(pod: Row) -> bool:
    conditions = items_of(pod.status.conditions if pod.status else None)
    return next((one.reason == "Infeasible" for one in conditions if one.type == "PodResizePending"), False)


def _spec_requests(container: Row) -> Quantities:
    resources = container.resources
    return resources.requests if resources is not None else None


def _spec_limits(container: Row) -> Quantities:
    resources = container.resources
    return resources.limits if resources is not None else None


def _allocated_requests(statuses: Mapping[str, Row], is_infeasible: bool, container: Row) -> Quantities:
    status = statuses.get(container.name)
    if status is not None and status.allocatedResources is not None:
        return status.allocatedResources  # type: ignore[no-any-return]  # decoded as a map
    return None if is_infeasible else _spec_requests(container)


def _actual_requests(statuses: Mapping[str, Row], is_infeasible: bool, container: Row) -> Quantities:
    status = statuses.get(container.name)
    if status is not None and status.resources is not None and status.resources.requests is not None:
        return status.resources.requests  # type: ignore[no-any-return]  # decoded as a map
    return _allocated_requests(statuses, is_infeasible, container)


def _actual_limits(statuses: Mapping[str, Row], is_infeasible: bool, container: Row) -> Quantities:
    status = statuses.get(container.name)
    if status is not None and status.resources is not None and status.resources.limits is not None:
        return status.resources.limits  # type: ignore[no-any-return]  # decoded as a map
    return None if is_infeasible else _spec_limits(container)
