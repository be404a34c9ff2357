"""Members of LimitRanges beyond their Kubernetes fields."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Quantity
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.labels import EVERYTHING, ObjectSelector
from resolvers.links.members import Family
from resolvers.links.selecting import Selecting, add_selected, add_selecting

LIMIT_RANGES = Family(kinds.LIMIT_RANGE)
LIMITED_PODS = Family(kinds.POD)

_AMOUNTS = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")


class LimitedResource(Struct, frozen=True):
    """The limits of one resource for one type of object."""

    type: Annotated[str, Meta(description="The type of object: Pod, Container or PersistentVolumeClaim.")]
    resource: Annotated[str, Meta(description="The resource, such as `cpu`, `memory` or `storage`.")]
    min: Annotated[Quantity | None, Meta(description="The smallest amount.")]
    max: Annotated[Quantity | None, Meta(description="The largest amount.")]
    default: Annotated[Quantity | None, Meta(description="The limit of containers that have none.")]
    defaultRequest: Annotated[  # noqa: N815  GraphQL
        Quantity | None, Meta(description="The request of containers that have none.")
    ]
    maxLimitRequestRatio: Annotated[  # noqa: N815  GraphQL
        Quantity | None, Meta(description="The largest limit, as a multiple of the request.")
    ]


@LIMIT_RANGES.derived(
    "spec.limits.type",
    *(f"spec.limits.{amounts}" for amounts in _AMOUNTS),
    description="Its limits, a row for each type of object and resource, as in `kubectl describe`.",
)
def resources(limit_range: Row) -> list[LimitedResource]:
    """Returns the rows in the order of the spec, the resources of each item sorted.

    Source: `DescribeLimitRanges` in k8s.io/kubectl/pkg/describe/describe.go.
    """
    return [
        LimitedResource(item.type or "", resource, *(_amount(item, amounts, resource) for amounts in _AMOUNTS))
        for item in items_of(limit_range.spec.limits if limit_range.spec is not None else None)
        for resource in sorted({key for amounts in _AMOUNTS for key in islice(getattr(item, amounts) or (), MAX_ITEMS)})
    ]


def _selectors(limit_range: Row) -> Iterator[ObjectSelector]:
    limits = items_of(limit_range.spec.limits if limit_range.spec is not None else None)
    if any(item.type in {"Pod", "Container"} for item in limits):
        yield EVERYTHING


_PODS = Selecting(kinds.LIMIT_RANGE, kinds.POD, ("spec.limits.type",), _selectors)

add_selected(
    LIMIT_RANGES,
    _PODS,
    description="The pods of its namespace, if it has limits for pods or containers. They hold for pods when these are "
    "created or resized: older pods may exceed them.",
)
add_selecting(LIMITED_PODS, _PODS, description="The limit ranges of its namespace with limits for pods or containers.")


def _amount(item: Row, amounts: str, resource: str) -> Quantity | None:
    values: dict[str, Any] = getattr(item, amounts) or {}
    return Quantity(str(values[resource])) if values.get(resource) is not None else None
