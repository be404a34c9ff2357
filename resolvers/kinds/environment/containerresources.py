"""Values of a container's requests and limits in variables: `resourceFieldRef`.

A limit that a container does not set is the pod's, or else what its node can allocate.

Sources: `ExtractContainerResourceValue` and `MergeContainerResourceLimits` of pkg/api/v1/resource,
`defaultPodLimitsForDownwardAPI` of the kubelet, `IsSupportedPodLevelResource` of k8s.io/component-helpers/resource.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.filters.quantities import quantity
from resolvers.kinds.environment.variables import EnvironmentSource, EnvironmentSourceKind, Value, refused

Allocatable = Mapping[str, str | None] | str | None
"""A node's allocatable resources, with null for masked ones.

A text is the reason for not knowing them, None a node that is not there.
"""

_NAMES: Final = frozenset({"cpu", "memory", "ephemeral-storage"})
MASKED_ALLOCATABLE: Final[Mapping[str, str | None]] = dict.fromkeys(sorted(_NAMES))
"""The allocatable resources of a node whose operator masks them."""
_OF_PODS: Final = frozenset({"cpu", "memory"})
_HUGE_PAGES: Final = "hugepages-"
_MOST: Final = 2**63 - 1
_THOUSANDTHS: Final = 1000


def container_resource(pod: Row, container: Row, reference: Row, *, allocatable: Callable[[str], Allocatable]) -> Value:
    """Returns the value of a `resourceFieldRef`.

    Args:
        pod: the pod.
        container: the container that has the variable.
        reference: the `resourceFieldRef`.
        allocatable: returns what a node can allocate; called only if a limit is the node's.
    """
    kind, _, name = (reference.resource or "").partition(".")
    named = reference.containerName or ""
    source = EnvironmentSource(EnvironmentSourceKind.Container, named or container.name or "", reference.resource or "")
    if kind not in {"limits", "requests"} or not (name in _NAMES or name.startswith(_HUGE_PAGES)):
        return refused(source, f"unsupported container resource : {source.key}")
    has_defaults = True
    if named:
        found = _named(pod, named)
        if found is None:
            return refused(source, f"container {named} not found")
        container, has_defaults = found
    amount = _amount(container, kind, name)
    if amount or kind == "requests" or name not in _NAMES or not has_defaults:
        return _divided(amount, reference, name, source)
    of_pod = _pod_limit(pod, name)
    if of_pod:
        return _divided(of_pod, reference, name, EnvironmentSource(EnvironmentSourceKind.Pod, _name(pod), source.key))
    return _of_node(pod, reference, name, allocatable)


def _of_node(pod: Row, reference: Row, name: str, allocatable: Callable[[str], Allocatable]) -> Value:
    """Returns a limit that is what the node can allocate."""
    node = (pod.spec.nodeName if pod.spec else None) or ""
    source = EnvironmentSource(EnvironmentSourceKind.Node, node, f"allocatable.{name}")
    if not node:
        return Value(None, source, f"No limit of {name} is set, so the node decides, and the pod has none yet.")
    known = allocatable(node)
    if known is None:
        return Value(None, source, f'nodes "{node}" not found')
    if isinstance(known, str):
        return Value(None, source, known)
    if name in known and known[name] is None:
        return Value(None, source)
    return _divided(quantity(known.get(name) or "0"), reference, name, source)


def _named(pod: Row, name: str) -> tuple[Row, bool] | None:
    """Returns a container of the pod, and whether its limits have defaults: not those of init containers."""
    spec = pod.spec
    groups: Sequence[tuple[Sequence[Row] | None, bool]] = ((spec.containers, True), (spec.initContainers, False))
    return next(((one, is_first) for some, is_first in groups for one in some or () if one.name == name), None)


def _amount(container: Row, kind: str, name: str) -> Fraction | None:
    amounts = getattr(container.resources, kind, None) if container.resources else None
    return quantity((amounts or {}).get(name) or "0")


def _pod_limit(pod: Row, name: str) -> Fraction | None:
    resources = pod.spec.resources if pod.spec else None
    return quantity(((resources.limits if resources else None) or {}).get(name) or "0") if name in _OF_PODS else None


def _divided(amount: Fraction | None, reference: Row, name: str, source: EnvironmentSource) -> Value:
    """Returns an amount in units of the divisor, rounded up; both are whole, of CPUs in thousandths, before."""
    divisor = quantity(reference.divisor or "0")
    if amount is None or divisor is None:
        return Value(None, source, "The quantity is invalid.")
    unit = _THOUSANDTHS if name == "cpu" else 1
    count, size = (_whole(one * unit) for one in (amount, divisor or Fraction(1)))
    return Value(str(ceil(float(count) / float(size))) if size else None, source, None if size else "The divisor is 0.")


def _whole(amount: Fraction) -> int:
    """Returns an amount as a whole number, rounded away from 0, and at most what 64 bits hold."""
    return max(-_MOST, min(ceil(amount) if amount > 0 else floor(amount), _MOST))


def _name(pod: Row) -> str:
    return pod.metadata.name or ""
