"""`deletion`: the time at which the deletion of an object was requested, and the finalizers that it waits for."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import ANY_KIND, Family

DELETION = Family(ANY_KIND)

_LONGEST_GRACE_S: Final = 10 * 365 * 24 * 3600


class ObjectDeletion(Struct, frozen=True):
    """The deletion of an object that has been requested and has not happened yet."""

    since: Annotated[
        Time,
        Meta(
            description="The time of the request: metadata.deletionTimestamp, which is the end of the grace period, "
            "less metadata.deletionGracePeriodSeconds."
        ),
    ]
    finalizers: Annotated[
        list[str],
        Meta(description="The finalizers that still have to be removed by their controllers; often none."),
    ]


@DELETION.derived(
    "metadata.deletionTimestamp",
    "metadata.deletionGracePeriodSeconds",
    "metadata.finalizers",
    description="The deletion that has been requested for it; null for an object that is not being deleted.",
)
def deletion(row: Row) -> ObjectDeletion | None:
    """Returns the beginning of the deletion, and the finalizers.

    Source: `BeforeDelete` in k8s.io/apiserver/pkg/registry/rest/delete.go: the timestamp is the time of the request
    plus the grace period.
    """
    until = row.metadata.deletionTimestamp
    if not until:
        return None
    since = _earlier(until, row.metadata.deletionGracePeriodSeconds or 0)
    return ObjectDeletion(since, [*items_of(row.metadata.finalizers)])


def _earlier(until: Time, grace_s: int) -> Time:
    """Returns the time `grace_s` seconds before; the time itself if it or the grace period is no usual one."""
    if not 0 < grace_s <= _LONGEST_GRACE_S:
        return until
    try:
        since = datetime.fromisoformat(until) - timedelta(seconds=grace_s)
    except (ValueError, OverflowError):
        return until
    return Time(since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")) if since.tzinfo else until
