"""Members of workloads beyond their Kubernetes fields."""

from collections.abc import Iterator, Sequence
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.scheduling.podgroup import COMPOSITE_WORKLOAD, GROUP_WORKLOAD, POD_POD_GROUP
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_naming, namespace_of
from resolvers.links.targets import Target, target_of_each
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped
from resolvers.together import together

WORKLOADS = Family(kinds.WORKLOAD)

_Place = tuple[FleetCluster, str | None, str | None]
"""Cluster, namespace and name."""

_READS: Final = ("metadata.namespace", *(f"spec.controllerRef.{key}" for key in ("apiGroup", "kind", "name")))

add_naming(WORKLOADS, GROUP_WORKLOAD, description="The pod groups of its templates.")
add_naming(WORKLOADS, COMPOSITE_WORKLOAD, description="The composite pod groups of its templates.")


@WORKLOADS.link(
    *_READS,
    to=ANY_KIND,
    description="The object whose pods it describes, such as a job, of any kind; null if it names none.",
)
async def controller(workloads: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads the objects by name, kind by kind."""
    return await target_of_each(fetch, workloads.clusters, await mapped(_target, workloads.rows))


@WORKLOADS.link(
    "metadata.name",
    "metadata.namespace",
    to=kinds.POD,
    shape=Shape.MANY,
    lists=lambda _: 2,
    description="The pods of the pod groups of its templates.",
)
async def pods(workloads: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads pod groups and pods concurrently, and joins them by name."""
    groups, all_pods = await together(
        fetch.steps(kinds.POD_GROUP, *GROUP_WORKLOAD.reads), fetch.children(kinds.POD, *POD_POD_GROUP.reads)
    )
    workload_of = dict[_Place, _Place]()
    async for batch in batches(groups):
        for cluster, group in batch:
            for namespace, name in GROUP_WORKLOAD.places(group):
                workload_of[cluster, namespace, group.metadata.name] = cluster, namespace, name
    pods_of = dict[_Place, list[Row]]()
    async for batch in batches(all_pods):
        for cluster, pod in batch:
            for place in POD_POD_GROUP.places(pod):
                if (workload := workload_of.get((cluster, *place))) is not None:
                    pods_of.setdefault(workload, []).append(pod)
    return await collected(
        pods_of.get((cluster, namespace_of(row), row.metadata.name), ()) for cluster, row in workloads
    )


def _add_described(kind: Kind) -> Family:
    """Returns the link from the objects of a kind to the workloads that describe their pods."""

    def places(workload: Row) -> Iterator[NamedPlace]:
        target = _target(workload)
        if target is not None and (target.group, target.kind) == (kind.group, kind.name):
            yield target.namespace, target.name

    family = Family(kind)
    add_naming(
        family,
        Naming(kinds.WORKLOAD, kind, _READS, places),
        description="The Workloads of scheduling.k8s.io that describe its pods to the scheduler.",
    )
    return family


def _target(workload: Row) -> Target | None:
    reference = workload.spec.controllerRef if workload.spec else None
    if reference is None or not reference.kind or not reference.name:
        return None
    return Target(reference.apiGroup or "", reference.kind, reference.name, namespace_of(workload))


DESCRIBED: Final = tuple(
    map(_add_described, (kinds.JOB, kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.REPLICA_SET, kinds.DAEMON_SET))
)
"""The families of the built-in kinds that workloads describe."""
