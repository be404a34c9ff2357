"""Members of pod disruption budgets beyond their Kubernetes fields."""

from typing import Annotated

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.podspecs.relations import BUDGET_PODS
from resolvers.kinds.podspecs.workloads import add_workloads
from resolvers.links.members import Family
from resolvers.links.selecting import add_selected

POD_DISRUPTION_BUDGETS = Family(kinds.POD_DISRUPTION_BUDGET)


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
add_workloads(POD_DISRUPTION_BUDGETS, BUDGET_PODS)
