"""Autoscalers and the objects that they scale, of any kind, in both directions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.labels import ObjectSelector, label_selector, map_selector
from resolvers.links.members import Family
from resolvers.links.naming import NamedPlace, Naming, add_naming, namespace_of
from resolvers.links.owners import (
    REFERENCES,
    UID,
    OwnerKey,
    built_in_kind,
    controller,
    group_of,
    kind_of,
    own_key,
    reference_key,
)
from resolvers.links.targets import Target
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, worked
from resolvers.together import together

TARGET_READS: Final = (
    "metadata.namespace",
    *(f"spec.scaleTargetRef.{key}" for key in ("apiVersion", "kind", "name")),
)

SELECTORS: Final[dict[Kind, Callable[[Row], ObjectSelector | None]]] = {
    kinds.DEPLOYMENT: label_selector,
    kinds.REPLICA_SET: label_selector,
    kinds.STATEFUL_SET: label_selector,
    kinds.REPLICATION_CONTROLLER: map_selector,
}
"""The built-in kinds with the subresource scale, and the reader of their selector."""
BETWEEN: Final = (kinds.REPLICA_SET, kinds.STATEFUL_SET, kinds.JOB, kinds.DEPLOYMENT)
"""The kinds that objects of custom kinds control, and that control pods, themselves or by replica sets."""
_MOST_STEPS: Final = 3

_Key: TypeAlias = tuple[Kind, OwnerKey]
_Controller: TypeAlias = tuple[Target, _Key | None]
Controllers: TypeAlias = Mapping[_Key, _Controller]
"""The controllers of objects, with their own keys if they are of a kind in `BETWEEN`."""
PodsOfTargets: TypeAlias = Mapping[tuple[FleetCluster, Target | None], Sequence[Row]]
"""Pods by their cluster and the objects above them."""


def target_of(autoscaler: Row) -> Target | None:
    """Returns the object that an autoscaler scales; reads `TARGET_READS`."""
    reference = autoscaler.spec.scaleTargetRef if autoscaler.spec else None
    if reference is None or not reference.kind or not reference.name:
        return None
    return Target(group_of(reference), reference.kind, reference.name, namespace_of(autoscaler))


def is_custom(target: Target | None) -> bool:
    """Returns whether a target is of a kind whose selector is not known."""
    return target is not None and built_in_kind(target.group, target.kind) not in SELECTORS


async def pods_of_targets(pods: Rows, fetch: Fetch) -> PodsOfTargets:
    """Returns pods by the objects above them; reads `REFERENCES` of pods.

    These are the objects by which `horizontalPodAutoscalers` of a pod is found.
    """
    above = await controllers(fetch, BETWEEN)
    found: dict[tuple[FleetCluster, Target | None], list[Row]] = {}

    def add(one: tuple[FleetCluster, Row]) -> None:
        cluster, pod = one
        for target in targets_above(cluster, pod, above):
            found.setdefault((cluster, target), []).append(pod)

    await worked(add, pods)
    return found


async def controllers(fetch: Fetch, between: Sequence[Kind]) -> Controllers:
    """Returns the controllers of the objects of some kinds."""
    found: dict[_Key, _Controller] = {}
    lists = await together(*(fetch.steps(kind, UID, *REFERENCES) for kind in between))
    for kind, rows in zip(between, lists, strict=True):
        async for batch in batches(rows):
            for cluster, row in batch:
                if (above := _controller(cluster, row)) is not None:
                    found[kind, own_key(cluster, row, kind)] = above
    return found


def targets_above(cluster: FleetCluster, pod: Row, above: Controllers) -> Iterator[Target]:
    """Yields the controller of a pod, that of the controller, and so on; reads `REFERENCES`."""
    step = _controller(cluster, pod)
    for _ in range(_MOST_STEPS):
        if step is None:
            return
        target, key = step
        yield target
        step = above.get(key) if key is not None else None


def _controller(cluster: FleetCluster, row: Row) -> _Controller | None:
    reference = controller(row)
    if reference is None:
        return None
    kind = kind_of(reference)
    key = reference_key(cluster, row, reference, kind) if kind in BETWEEN else None
    target = Target(group_of(reference), reference.kind or "", reference.name or "", namespace_of(row))
    return target, (kind, key) if kind is not None and key is not None else None


def scaling(kind: Kind) -> Naming:
    """Returns the autoscalers that scale objects of a kind."""

    def places(autoscaler: Row) -> Iterator[NamedPlace]:
        target = target_of(autoscaler)
        if target is not None and (target.group, target.kind) == (kind.group, kind.name):
            yield target.namespace, target.name

    return Naming(kinds.HORIZONTAL_POD_AUTOSCALER, kind, TARGET_READS, places)


def add_autoscalers(family: Family, kind: Kind) -> None:
    """Adds the link from an object with replicas to its autoscalers."""
    add_naming(family, scaling(kind), description="The autoscalers that scale it; more than one work against another.")
