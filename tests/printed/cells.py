"""Cells as API servers print them, made from GraphQL answers."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.printed.entry import Cell

NONE: Final = "<none>"
UNKNOWN: Final = "<unknown>"
UNSET: Final = "<unset>"


def human_duration(duration: timedelta) -> str:
    """Returns a duration with two or three significant figures.

    Source: `HumanDuration` in k8s.io/apimachinery/pkg/util/duration/duration.go.
    """
    seconds = int(duration.total_seconds())  # towards zero, as in Go
    if seconds < -1:
        return "<invalid>"
    seconds = max(seconds, 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    years = days // 365
    for limit, (whole, unit), (rest, rest_unit) in (
        (seconds < 120, (seconds, "s"), (0, "")),
        (minutes < 10, (minutes, "m"), (seconds % 60, "s")),
        (minutes < 180, (minutes, "m"), (0, "")),
        (hours < 8, (hours, "h"), (minutes % 60, "m")),
        (hours < 48, (hours, "h"), (0, "")),
        (hours < 24 * 8, (days, "d"), (hours % 24, "h")),
        (days < 365 * 2, (days, "d"), (0, "")),
        (days < 365 * 8, (years, "y"), (days % 365, "d")),
    ):
        if limit:
            return f"{whole}{unit}" + (f"{rest}{rest_unit}" if rest else "")
    return f"{years}y"


def since(time: str | None, now: datetime) -> str:
    """Returns the duration since a time of an answer; `<unknown>` without one.

    Source: `translateTimestampSince` in kubernetes/pkg/printers/internalversion/printers.go.
    """
    return UNKNOWN if time is None else human_duration(now - instant(time))


def instant(time: str) -> datetime:
    """Returns a time of an answer, such as 2026-01-01T00:00:00Z."""
    return datetime.fromisoformat(time).astimezone(UTC)


def at(answer: Any, path: str) -> Any:
    """Returns the value at a path such as `spec.nodeName`; None if it or a part of the path is missing."""
    for key in path.split("."):
        answer = answer[key] if answer is not None else None
    return answer


def field(path: str, *, empty: object = None) -> Cell:
    """Returns a cell with the value at a path; `empty` for null, an empty text, or an empty list."""
    return lambda answer, _now: value if (value := at(answer, path)) not in (None, "", []) else empty


def age(path: str) -> Cell:
    """Returns a cell with the duration since the time at a path."""
    return lambda answer, now: since(at(answer, path), now)


AGE: Final = age("metadata.creationTimestamp")
CREATED_AT: Final = field("metadata.creationTimestamp")
"""The second cell of kinds without a printer of their own, "Created At"."""
