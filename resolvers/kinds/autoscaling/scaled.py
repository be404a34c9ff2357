"""Autoscalers and the objects that they scale, of any kind, in both directions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.links.naming import NamedPlace, Naming, add_naming, namespace_of
from resolvers.links.owners import REFERENCES, UID, controller, group_of, own_key, owner_key
from resolvers.links.targets import Target
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, worked

TARGET_READS: Final = (
    "metadata.namespace",
    *(f"spec.scaleTargetRef.{key}" for key in ("apiVersion", "kind", "name")),
)

PodsOfTargets: TypeAlias = Mapping[tuple[FleetCluster, Target | None], Sequence[Row]]
"""Pods by their cluster and the object that controls them."""


def target_of(autoscaler: Row) -> Target | None:
    """Returns the object that an autoscaler scales; reads `TARGET_READS`."""
    reference = autoscaler.spec.scaleTargetRef if autoscaler.spec else None
    if reference is None or not reference.kind or not reference.name:
        return None
    return Target(group_of(reference), reference.kind, reference.name, namespace_of(autoscaler))


async def pods_of_targets(pods: Rows, fetch: Fetch) -> PodsOfTargets:
    """Returns pods by the objects that control them, or that control their replica sets; reads `REFERENCES` of pods.

    These are the objects by which `horizontalPodAutoscalers` of a pod is found.
    """
    sets = await fetch.steps(kinds.REPLICA_SET, UID, *REFERENCES)
    above: dict[object, Target] = {}
    async for batch in batches(sets):
        for cluster, replica_set in batch:
            reference = controller(replica_set)
            if reference is not None:
                above[own_key(cluster, replica_set, kinds.REPLICA_SET)] = _referred(replica_set, reference)
    found: dict[tuple[FleetCluster, Target | None], list[Row]] = {}

    def add(one: tuple[FleetCluster, Row]) -> None:
        cluster, pod = one
        reference = controller(pod)
        if reference is not None:
            for target in (_referred(pod, reference), above.get(owner_key(cluster, pod, kinds.REPLICA_SET))):
                if target is not None:
                    found.setdefault((cluster, target), []).append(pod)

    await worked(add, pods)
    return found


def _referred(row: Row, reference: Row) -> Target:
    return Target(group_of(reference), reference.kind or "", reference.name or "", namespace_of(row))


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
