"""Points in time, always in UTC."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Returns the time of the wall clock, in UTC."""
    return datetime.now(UTC)
