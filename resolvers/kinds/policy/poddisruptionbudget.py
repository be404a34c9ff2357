"""Members of pod disruption budgets beyond their Kubernetes fields."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.podspecs.relations import BUDGET_PODS
from resolvers.kinds.podspecs.templates import labels_of_template
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.owners import REFERENCES, controller, kind_of
from resolvers.links.selecting import add_selected
from resolvers.lists.rows import Rows
from resolvers.pacing import collected, mapped
from resolvers.together import together

POD_DISRUPTION_BUDGETS = Family(kinds.POD_DISRUPTION_BUDGET)

WORKLOADS: Final = (
    kinds.DEPLOYMENT,
    kinds.STATEFUL_SET,
    kinds.DAEMON_SET,
    kinds.REPLICA_SET,
    kinds.REPLICATION_CONTROLLER,
    kinds.JOB,
)
"""The kinds in which the workloads of a budget are looked for."""
_READS: Final = ("metadata.namespace", "spec.template.metadata.labels", *REFERENCES)


class DisruptionBudgetHealth(Struct, frozen=True):
    """The healthy pods of a disruption budget."""

    current: Annotated[int, Meta(description="Pods that are healthy now.")]
    desired: Annotated[int, Meta(description="The number of pods that have to be healthy.")]
    expected: Annotated[int, Meta(description="The number of pods that it counts.")]


@POD_DISRUPTION_BUDGETS.derived(
    "status.disruptionsAllowed",
    description="The number of pods that may be evicted now, as in kubectl's ALLOWED DISRUPTIONS column.",
)
def allowed(budget: Row) -> int:
    """Returns the count of its status."""
    return (budget.status.disruptionsAllowed if budget.status else None) or 0


@POD_DISRUPTION_BUDGETS.derived(
    "status.currentHealthy", "status.desiredHealthy", "status.expectedPods", description="Its healthy pods."
)
def healthy(budget: Row) -> DisruptionBudgetHealth:
    """Returns the counts of its status; missing ones are 0."""
    status = budget.status
    if status is None:
        return DisruptionBudgetHealth(0, 0, 0)
    return DisruptionBudgetHealth(status.currentHealthy or 0, status.desiredHealthy or 0, status.expectedPods or 0)


add_selected(
    POD_DISRUPTION_BUDGETS,
    BUDGET_PODS,
    description="The pods that its selector matches: an empty one all of its namespace, a missing one none.",
)


@POD_DISRUPTION_BUDGETS.link(
    *BUDGET_PODS.reads,
    "metadata.namespace",
    to=ANY_KIND,
    shape=Shape.SOME,
    lists=lambda _: len(WORKLOADS),
    description="The workloads whose pods its selector matches, by their templates: deployments, stateful sets, daemon "
    "sets, and replica sets, replication controllers and jobs that none of these control; ordered by kind and name.",
)
async def workloads(budgets: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads the lists of all kinds of workloads at once, and compares their templates' labels with the selectors."""
    lists = await together(*(_selected(kind, budgets, fetch) for kind in WORKLOADS))
    return await collected([row for found in lists for row in found[index]] for index in range(len(budgets)))


async def _selected(kind: Kind, budgets: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Returns the workloads of a kind that each budget selects."""
    apart = replace(fetch, answers={}, failures={}, partial=[])
    children = await apart.children(kind, *_READS)
    fetch.failures |= apart.failures
    fetch.partial += apart.partial
    own = await children.picked([index for index, row in enumerate(children.rows) if not _is_controlled(row)])
    templates = Rows(await mapped(labels_of_template, own.rows), own.clusters)
    found = await BUDGET_PODS.among(templates, budgets)
    return await collected([template.workload for template in selected] for selected in found)


def _is_controlled(row: Row) -> bool:
    """Returns whether another workload controls it, which is selected in its place."""
    return kind_of(controller(row)) in WORKLOADS
