"""Members of ResourceQuotas beyond their Kubernetes fields."""

from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.amounts import amount_of, ratio
from resolvers.kinds.leaves import Quantity
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.links.members import Family

RESOURCE_QUOTAS = Family(kinds.RESOURCE_QUOTA)

_READS = ("status.hard", "status.used")


class QuotaResource(Struct, frozen=True):
    """One resource of a quota."""

    resource: Annotated[str, Meta(description="The resource, such as `pods`, `requests.cpu` or `count/jobs.batch`.")]
    used: Annotated[Quantity, Meta(description="The amount that the namespace uses; 0 before it is counted.")]
    hard: Annotated[Quantity, Meta(description="The limit.")]
    ratio: Annotated[
        float | None, Meta(description="Used ÷ hard: 0.9 is 90 %; null for a limit of 0 or an invalid amount.")
    ]


@RESOURCE_QUOTAS.derived(
    *_READS,
    description="Its resources, sorted, with their use, as in kubectl's REQUEST and LIMIT columns. The fullest one: "
    "`maxRatio`.",
)
def resources(quota: Row) -> list[QuotaResource]:
    """Returns the resources of its status.

    Source: `printResourceQuota` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    hard, used = (quota.status.hard or {}, quota.status.used or {}) if quota.status is not None else ({}, {})
    return [_resource(name, used.get(name), hard[name]) for name in sorted(islice(hard, MAX_ITEMS))]


@RESOURCE_QUOTAS.derived(
    *_READS,
    description="The largest `ratio` of its resources; null if none has one. Quotas that are nearly full: "
    '`where: [{path: "maxRatio", op: GE, value: 0.9}]`.',
)
def max_ratio(quota: Row) -> float | None:
    """Returns the ratio of the fullest resource."""
    return max((one.ratio for one in resources(quota) if one.ratio is not None), default=None)


def _resource(name: str, used: object, hard: object) -> QuotaResource:
    used = "0" if used is None else used
    return QuotaResource(name, Quantity(str(used)), Quantity(str(hard)), ratio(amount_of(used), amount_of(hard)))
