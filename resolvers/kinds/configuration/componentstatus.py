"""Members of ComponentStatuses beyond their Kubernetes fields."""

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family

COMPONENT_STATUSES = Family(kinds.COMPONENT_STATUS)


@COMPONENT_STATUSES.derived(
    "conditions.type",
    "conditions.status",
    description="Healthy, Unhealthy or Unknown, as in kubectl's STATUS column.",
)
def state(component: Row) -> str:
    """Returns kubectl's STATUS: that of the first Healthy condition.

    Source: `printComponentStatus` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    condition = _healthy(component)
    if condition is None:
        return "Unknown"
    return "Healthy" if condition.status == "True" else "Unhealthy"


@COMPONENT_STATUSES.derived(
    "conditions.type", "conditions.message", description="The message of its health, as in kubectl's MESSAGE column."
)
def message(component: Row) -> str | None:
    """Returns kubectl's MESSAGE."""
    condition = _healthy(component)
    return condition.message or None if condition is not None else None


@COMPONENT_STATUSES.derived(
    "conditions.type", "conditions.error", description="The error of its health, as in kubectl's ERROR column."
)
def error(component: Row) -> str | None:
    """Returns kubectl's ERROR."""
    condition = _healthy(component)
    return condition.error or None if condition is not None else None


def _healthy(component: Row) -> Row | None:
    return next((one for one in items_of(component.conditions) if one.type == "Healthy"), None)
