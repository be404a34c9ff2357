"""The workloads whose pods an object selects: found by the labels of their templates, without reading any pod."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.podspecs.relations import NETWORK_POLICY_PODS, SERVICE_PODS
from resolvers.kinds.podspecs.templates import labels_of_template
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import unknown_parents
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.owners import REFERENCES, controller, kind_of
from resolvers.links.selecting import Selecting
from resolvers.lists.rows import Rows
from resolvers.memory.share import REFERENCE_BYTES
from resolvers.pacing import collected, mapped, worked
from resolvers.together import together

WORKLOADS: Final = (
    kinds.DEPLOYMENT,
    kinds.STATEFUL_SET,
    kinds.DAEMON_SET,
    kinds.REPLICA_SET,
    kinds.REPLICATION_CONTROLLER,
    kinds.JOB,
)
"""The kinds in which workloads are looked for, in the order of the answer."""

_READS: Final = ("metadata.namespace", "spec.template.metadata.labels", *REFERENCES)


SERVICE_WORKLOADS: Final = Family(kinds.SERVICE)
NETWORK_POLICY_WORKLOADS: Final = Family(kinds.NETWORK_POLICY)


def add_workloads(family: Family, selecting: Selecting) -> None:
    """Adds the link from an object that selects pods to the workloads of these pods."""

    async def workloads(parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row] | None]:
        """Reads the lists of all kinds at once; None for an object some of whose workloads cannot be read."""
        lists = await together(*(_selected(kind, selecting, parents, fetch) for kind in WORKLOADS))
        unknown = await unknown_parents(parents, await fetch.hidden(), fetch.failures)
        known: dict[tuple[int, ...], list[Row]] = {}

        def joined(index: int) -> list[Row] | None:
            if index in unknown:
                return None
            own = [found[index] for found in lists]
            key = tuple(map(id, own))  # parents with equal selectors have the same lists
            if key not in known:
                known[key] = [template.workload for templates in own for template in templates]
                fetch.operation.memory.charge(len(known[key]) * REFERENCE_BYTES)
            return known[key]

        return await worked(joined, range(len(parents)))

    family.link(
        "metadata.namespace",
        *selecting.reads,
        to=ANY_KIND,
        shape=Shape.SOME,
        lists=lambda _: len(WORKLOADS),
        description="The workloads whose pods its selector matches, by their templates: deployments, stateful sets, "
        "daemon sets, and replica sets, replication controllers and jobs that none of these control. Each kind is one "
        "list for each cluster. Null if some kind cannot be read.",
    )(workloads)


async def _selected(kind: Kind, selecting: Selecting, parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Returns the templates of the workloads of a kind that each parent selects."""
    apart = replace(fetch, answers={}, failures={}, partial=[])
    children = await apart.children(kind, *_READS)
    fetch.failures |= apart.failures
    fetch.partial += apart.partial
    controlled = await mapped(_is_controlled, children.rows)
    own = await children.picked(await collected(index for index, one in enumerate(controlled) if not one))
    templates = Rows(await mapped(labels_of_template, own.rows), own.clusters)
    return await selecting.among(templates, parents, fetch.operation.memory.charge)


def _is_controlled(row: Row) -> bool:
    """Returns whether another workload controls it, which is selected in its place."""
    return kind_of(controller(row)) in WORKLOADS


add_workloads(SERVICE_WORKLOADS, SERVICE_PODS)
add_workloads(NETWORK_POLICY_WORKLOADS, NETWORK_POLICY_PODS)
