"""Members of horizontal pod autoscalers beyond their Kubernetes fields."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.autoscaling.metrictargets import READS, AutoscalerTarget, metric_targets
from resolvers.kinds.autoscaling.scaled import (
    BETWEEN,
    SELECTORS,
    TARGET_READS,
    is_custom,
    pods_of_targets,
    scaling,
    target_of,
)
from resolvers.kinds.longlists import items_of
from resolvers.links.fetching import Fetch
from resolvers.links.labels import ObjectSelector, selector_reads
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.owners import REFERENCES, built_in_kind
from resolvers.links.selecting import LABELS, Selecting
from resolvers.links.targets import target_of_each
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped
from resolvers.together import together

HORIZONTAL_POD_AUTOSCALERS = Family(kinds.HORIZONTAL_POD_AUTOSCALER)


class AutoscalerLimit(StrEnum):
    """The limit that keeps an autoscaler from other numbers of replicas."""

    MAXIMUM = "MAXIMUM"
    MINIMUM = "MINIMUM"
    SCALING_LIMITED = "SCALING_LIMITED"


@HORIZONTAL_POD_AUTOSCALERS.derived(
    *READS,
    description="Its metrics in their order, with current and target values, as in kubectl's TARGETS column. Empty "
    "without metrics.",
)
def targets(autoscaler: Row) -> list[AutoscalerTarget]:
    """Returns the metrics of its spec."""
    return metric_targets(autoscaler)


@HORIZONTAL_POD_AUTOSCALERS.derived(
    "spec.minReplicas",
    "spec.maxReplicas",
    "status.currentReplicas",
    "status.conditions.type",
    "status.conditions.status",
    description="The limit that it has reached: its largest or smallest number of replicas, or another one by its "
    "condition ScalingLimited; null if it may scale both ways, or before its first look at its target.",
)
def limit_reached(autoscaler: Row) -> AutoscalerLimit | None:
    """Returns the limit that the current replicas have reached."""
    spec, status = autoscaler.spec, autoscaler.status
    if spec is None or status is None or not status.currentReplicas:
        return None
    if spec.maxReplicas is not None and status.currentReplicas >= spec.maxReplicas:
        return AutoscalerLimit.MAXIMUM
    if status.currentReplicas <= (1 if spec.minReplicas is None else spec.minReplicas):
        return AutoscalerLimit.MINIMUM
    limited = any(one.type == "ScalingLimited" and one.status == "True" for one in items_of(status.conditions))
    return AutoscalerLimit.SCALING_LIMITED if limited else None


@HORIZONTAL_POD_AUTOSCALERS.link(
    *TARGET_READS,
    to=ANY_KIND,
    description="The object that it scales, of any kind; null if that does not exist.",
)
async def target(autoscalers: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads the targets by name, kind by kind."""
    return await target_of_each(fetch, autoscalers.clusters, await mapped(target_of, autoscalers.rows))


@HORIZONTAL_POD_AUTOSCALERS.link(
    *TARGET_READS,
    to=kinds.POD,
    shape=Shape.MANY,
    lists=lambda _: 1 + len(SELECTORS) + len(BETWEEN),
    description="The pods that it counts: those that the selector of its target selects. Of a target of a custom kind, "
    "whose selector is not known, the pods that it controls, itself or by deployments, replica sets, stateful sets or "
    "jobs; null if there are none.",
)
async def pods(autoscalers: Rows, fetch: Fetch) -> Sequence[Sequence[Row] | None]:
    """Reads the selectors of the targets, kind by kind, and then pods; None for hidden targets."""
    selectors: dict[int, ObjectSelector] = {}
    found = await together(*(_selectors(kind, autoscalers, fetch) for kind in SELECTORS))
    for of_kind in found:
        async for batch in batches(zip(autoscalers.rows, of_kind, strict=True)):
            selectors.update((id(row), selector) for row, selector in batch if selector is not None)

    def selectors_of(autoscaler: Row) -> Iterable[ObjectSelector]:
        selector = selectors.get(id(autoscaler))
        return () if selector is None else (selector,)

    selecting = Selecting(kinds.HORIZONTAL_POD_AUTOSCALER, kinds.POD, (), selectors_of)
    has_custom = any(is_custom(target) for target in await mapped(target_of, autoscalers.rows))
    children = await fetch.children(kinds.POD, LABELS, *(REFERENCES if has_custom else ()))
    selected = await selecting.among(children, autoscalers, fetch.operation.memory.charge)
    scaled = await pods_of_targets(children, fetch) if has_custom else {}
    return await collected(
        scaled.get((cluster, target_of(autoscaler)))
        if is_custom(target_of(autoscaler))
        else None
        if fetch.partial and _is_hidden(autoscaler, cluster, fetch)
        else own
        for (cluster, autoscaler), own in zip(autoscalers, selected, strict=True)
    )


def _is_hidden(autoscaler: Row, cluster: FleetCluster, fetch: Fetch) -> bool:
    """Returns whether the target of an autoscaler is of a kind that may not be listed in its namespace."""
    target = target_of(autoscaler)
    kind = None if target is None else built_in_kind(target.group, target.kind)
    return target is not None and kind in SELECTORS and fetch.hides(cluster, kind, target.namespace)


async def _selectors(kind: Kind, autoscalers: Rows, fetch: Fetch) -> Sequence[ObjectSelector | None]:
    """Returns the selectors of the targets of a kind; None for targets of other kinds."""
    of_kind = scaling(kind)
    places = await mapped(lambda row: next(iter(of_kind.places(row)), (None, None)), autoscalers.rows)
    names = await collected((cluster, *place) for cluster, place in zip(autoscalers.clusters, places, strict=True))
    if all(name is None for _, _, name in names):
        return [None] * len(names)
    apart = replace(fetch, answers={}, failures={}, partial=[])
    reads = ("spec.selector",) if kind is kinds.REPLICATION_CONTROLLER else selector_reads("spec.selector")
    rows = await apart.named_steps(kind, names, *reads)
    fetch.failures |= apart.failures
    fetch.partial += apart.partial
    read = SELECTORS[kind]
    return await mapped(lambda row: read(row.spec.selector) if row is not None and row.spec else None, rows)
