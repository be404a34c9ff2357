"""Durations as kubectl prints them, in columns such as AGE and LAST SCHEDULE."""

from datetime import UTC, datetime
from typing import Final

from resolvers.filters.comparing import ValueType, key
from resolvers.kinds.leaves import Time

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY

_STEPS: Final = (
    (2 * _MINUTE, "s", 1, "", 0),
    (10 * _MINUTE, "m", _MINUTE, "s", 1),
    (3 * _HOUR, "m", _MINUTE, "", 0),
    (8 * _HOUR, "h", _HOUR, "m", _MINUTE),
    (2 * _DAY, "h", _HOUR, "", 0),
    (8 * _DAY, "d", _DAY, "h", _HOUR),
    (2 * _YEAR, "d", _DAY, "", 0),
    (8 * _YEAR, "y", _YEAR, "d", _DAY),
)
"""The end of each step, its unit with its seconds, and the smaller unit that is printed if it is not 0."""


def time_of(text: Time | None) -> datetime | None:
    """Returns a time that a cluster sent; None if it is none, or has no offset."""
    time = key(ValueType.TIME, text)
    return time if isinstance(time, datetime) else None


def time_text(time: datetime) -> Time:
    """Returns a time as API servers write it."""
    return Time(time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def human_duration(seconds: float) -> str:
    """Returns a duration as kubectl prints it, such as `4m32s`.

    Source: `HumanDuration` in k8s.io/apimachinery/pkg/util/duration.
    """
    whole = int(seconds)
    if whole < 0:
        return "0s" if whole == -1 else "<invalid>"
    for end, unit, unit_s, smaller, smaller_s in _STEPS:
        if whole < end:
            rest = whole % unit_s // smaller_s if smaller else 0
            return f"{whole // unit_s}{unit}{rest}{smaller}" if rest else f"{whole // unit_s}{unit}"
    return f"{whole // _YEAR}y"
