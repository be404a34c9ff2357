"""Members of pod groups, of composite pod groups and of their pods beyond their Kubernetes fields."""

from enum import StrEnum
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family, Shape
from resolvers.links.naming import Naming, add_named, add_naming, by_paths

POD_GROUPS = Family(kinds.POD_GROUP)
COMPOSITE_POD_GROUPS = Family(kinds.COMPOSITE_POD_GROUP)
GROUPED_PODS = Family(kinds.POD)

GROUP_WORKLOAD: Final = by_paths(kinds.POD_GROUP, kinds.WORKLOAD, "spec.workloadRef.workloadName")
COMPOSITE_WORKLOAD: Final = by_paths(kinds.COMPOSITE_POD_GROUP, kinds.WORKLOAD, "spec.workloadRef.workloadName")
POD_POD_GROUP: Final = by_paths(kinds.POD, kinds.POD_GROUP, "spec.schedulingGroup.podGroupName")
_PARENT: Final = "spec.parentCompositePodGroupName"
_GROUP_PARENT: Final = by_paths(kinds.POD_GROUP, kinds.COMPOSITE_POD_GROUP, _PARENT)
_COMPOSITE_PARENT: Final = by_paths(kinds.COMPOSITE_POD_GROUP, kinds.COMPOSITE_POD_GROUP, _PARENT)

_STATE_READS: Final = tuple(f"status.conditions.{key}" for key in ("type", "status", "reason"))
_POLICY_TEXT: Final = "Its scheduling policy, as in kubectl's POLICY column: all of its pods at once, or one by one."


class SchedulingPolicy(StrEnum):
    """The way in which the pods of a group are scheduled."""

    Basic = "Basic"
    Gang = "Gang"


def _policy(group: Row) -> SchedulingPolicy:
    policy = group.spec.schedulingPolicy if group.spec else None
    return SchedulingPolicy.Basic if policy is None or policy.gang is None else SchedulingPolicy.Gang


@POD_GROUPS.derived("spec.schedulingPolicy.gang.minCount", description=_POLICY_TEXT)
def policy(group: Row) -> SchedulingPolicy:
    """Returns kubectl's POLICY."""
    return _policy(group)


@POD_GROUPS.derived(
    *_STATE_READS,
    description="Its state in a word, as in kubectl's STATUS column: `Pending`, `Scheduled`, `Unschedulable`, or the "
    "reason for which it is being disrupted.",
)
def state(group: Row) -> str:
    """Returns kubectl's STATUS.

    Source: `printPodGroup` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    return _state(group, "PodGroupInitiallyScheduled")


@COMPOSITE_POD_GROUPS.derived(
    *_STATE_READS,
    name="state",
    description="Its state in a word, by the rule of pod groups, because kubectl prints none: `Pending`, `Scheduled`, "
    "`Unschedulable`, or the reason for which it is being disrupted.",
)
def state_of_groups(group: Row) -> str:
    """Returns the state by its conditions.

    Source: `CompositePodGroupStatus` of scheduling.k8s.io/v1alpha3.
    """
    return _state(group, "CompositePodGroupInitiallyScheduled")


def _state(group: Row, scheduled_type: str) -> str:
    last = {condition.type: condition for condition in items_of(group.status.conditions if group.status else None)}
    disrupted, scheduled = last.get("DisruptionTarget"), last.get(scheduled_type)
    if disrupted is not None:
        return disrupted.reason or ""
    if scheduled is None:
        return "Pending"
    return "Scheduled" if scheduled.status == "True" else "Unschedulable"


@COMPOSITE_POD_GROUPS.derived("spec.schedulingPolicy.gang.minGroupCount", description=_POLICY_TEXT, name="policy")
def policy_of_groups(group: Row) -> SchedulingPolicy:
    """Returns kubectl's POLICY."""
    return _policy(group)


def _add_one(family: Family, naming: Naming, description: str, name: str | None = None) -> None:
    add_named(family, naming, shape=Shape.ONE, description=description, name=name)


_add_one(POD_GROUPS, GROUP_WORKLOAD, "The workload of whose template it is; null if it names none.")
_add_one(COMPOSITE_POD_GROUPS, COMPOSITE_WORKLOAD, "The workload of whose template it is; null if it names none.")
_add_one(POD_GROUPS, _GROUP_PARENT, "The composite pod group that it is part of; null if it is part of none.", "parent")
_add_one(
    COMPOSITE_POD_GROUPS,
    _COMPOSITE_PARENT,
    "The composite pod group that it is part of; null if it is part of none.",
    "parent",
)
_add_one(GROUPED_PODS, POD_POD_GROUP, "The pod group with which it is scheduled; null if it names none.")
add_naming(POD_GROUPS, POD_POD_GROUP, description="Its pods.")
add_naming(COMPOSITE_POD_GROUPS, _GROUP_PARENT, description="The pod groups that are part of it.")
add_naming(COMPOSITE_POD_GROUPS, _COMPOSITE_PARENT, description="The composite pod groups that are part of it.")
