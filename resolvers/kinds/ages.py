"""Times of objects, and the seconds between them."""

from datetime import UTC, datetime
from typing import Final

from resolvers.filters.comparing import ValueType, key
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import Time

_GREATEST: Final = 2**31 - 1


def time_of(text: Time | None) -> datetime | None:
    """Returns a time that a cluster sent; None if it is none, or has no offset."""
    time = key(ValueType.TIME, text)
    return time if isinstance(time, datetime) else None


def time_text(time: datetime) -> Time:
    """Returns a time as API servers write it."""
    return Time(time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def now_of(cluster: FleetCluster) -> datetime:
    """Returns the time of a cluster's objects: now, or the time at which its snapshot was taken."""
    return cluster.taken_at or datetime.now(UTC)


def seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    """Returns whole seconds; None if a time is unknown, or if they are more than an Int of GraphQL has."""
    if start is None or end is None:
        return None
    seconds = int((end - start).total_seconds())
    return seconds if abs(seconds) <= _GREATEST else None
