"""The numbers of endpoints by state.

Source: `EndpointConditions` in k8s.io/api/discovery/v1/types.go: conditions that are missing count as ready, serving
and not terminating.
"""

from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row

ENDPOINT_READS: Final = (
    *(f"endpoints.conditions.{condition}" for condition in ("ready", "serving", "terminating")),
    "endpoints.addresses",
    *(f"endpoints.targetRef.{key}" for key in ("kind", "namespace", "name", "uid")),
)
"""The paths of an endpoint slice that endpoints are counted by."""


class EndpointCounts(Struct, frozen=True):
    """The numbers of endpoints by state; those that terminate may still serve."""

    total: Annotated[int, Meta(description="All endpoints, ready or not.")]
    ready: Annotated[int, Meta(description="Endpoints that get new connections; an unknown state counts as ready.")]
    serving: Annotated[
        int, Meta(description="Endpoints that answer, those that terminate included; an unknown state counts.")
    ]
    terminating: Annotated[int, Meta(description="Endpoints that are being terminated.")]


def counts_of(endpoints: Iterable[Row]) -> EndpointCounts:
    """Returns the numbers of endpoints; one that is in several slices, such as one for each IP family, counts once."""
    every, ready, serving, terminating = set[object](), set[object](), set[object](), set[object]()
    for endpoint in endpoints:
        key, conditions = _identity(endpoint), endpoint.conditions
        every.add(key)
        if conditions is None or conditions.ready is not False:
            ready.add(key)
        if conditions is None or conditions.serving is not False:
            serving.add(key)
        if conditions is not None and conditions.terminating:
            terminating.add(key)
    return EndpointCounts(len(every), len(ready), len(serving), len(terminating))


def _identity(endpoint: Row) -> object:
    """Returns the object behind an endpoint; its first address if it names none."""
    target = endpoint.targetRef
    if target is not None:
        return target.uid or (target.kind, target.namespace, target.name)
    return endpoint.addresses[0] if endpoint.addresses else None
