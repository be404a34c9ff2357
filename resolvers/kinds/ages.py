"""Times of objects, and the seconds between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from resolvers.filters.comparing import ValueType, key
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import Time

_GREATEST: Final = 2**31 - 1
_HEARS: Final[ContextVar[Callable[[], None] | None]] = ContextVar("hears_of_time", default=None)


def time_of(text: Time | None) -> datetime | None:
    """Returns a time that a cluster sent; None if it is none, or has no offset."""
    time = key(ValueType.TIME, text)
    return time if isinstance(time, datetime) else None


def time_text(time: datetime) -> Time:
    """Returns a time as API servers write it."""
    return Time(time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def now_of(cluster: FleetCluster) -> datetime:
    """Returns the time of a cluster's objects: now, or the time at which its snapshot was taken."""
    if (hears := _HEARS.get()) is not None:
        hears()
    return cluster.taken_at or datetime.now(UTC)


@contextmanager
def times_heard(hears: Callable[[], None]) -> Iterator[None]:
    """Has a function hear of each field that depends on the time, within the context."""
    token = _HEARS.set(hears)
    try:
        yield
    finally:
        _HEARS.reset(token)


def seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    """Returns whole seconds; None if a time is unknown, or if they are more than an Int of GraphQL has."""
    if start is None or end is None:
        return None
    seconds = int((end - start).total_seconds())
    return seconds if abs(seconds) <= _GREATEST else None
