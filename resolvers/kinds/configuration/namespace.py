"""Members of namespaces beyond their Kubernetes fields and the lists of the objects in them."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family

NAMESPACE_DELETIONS = Family(kinds.NAMESPACE)

_OBSTACLES: Final = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
)
"""The conditions that hold up the deletion of a namespace while they are True, in the order of their cause.

Source: `namespaceConditionUpdater` in kubernetes/pkg/controller/namespace/deletion/status_condition_utils.go, v1.37.
"""


class NamespaceObstacle(Struct, frozen=True):
    """Something that holds up the deletion of a namespace."""

    condition: Annotated[str, Meta(description="The type of the condition, such as `NamespaceContentRemaining`.")]
    reason: Annotated[str | None, Meta(description="The reason of the condition, in one word.")]
    message: Annotated[str | None, Meta(description="The resources or finalizers that are left, or the failure.")]
    since: Annotated[Time | None, Meta(description="The time of the condition's last change.")]


@NAMESPACE_DELETIONS.derived(
    *(f"status.conditions.{key}" for key in ("type", "status", "reason", "message", "lastTransitionTime")),
    description="The reasons why a namespace that is being deleted is still there: conditions of its status that are "
    "True. Empty for other namespaces.",
)
def terminating_because(namespace: Row) -> list[NamespaceObstacle]:
    """Returns the conditions that hold up its deletion."""
    conditions = items_of(namespace.status.conditions if namespace.status is not None else None)
    true = {one.type: one for one in reversed(conditions) if one.status == "True"}
    return [
        NamespaceObstacle(known, true[known].reason, true[known].message, true[known].lastTransitionTime)
        for known in _OBSTACLES
        if known in true
    ]
