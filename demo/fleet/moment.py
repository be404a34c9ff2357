"""Times in the formats of Kubernetes; the generator uses seconds since 1970 (UTC)."""

import time
from datetime import UTC, datetime
from typing import Final

MINUTE_S: Final = 60.0
HOUR_S: Final = 3600.0
DAY_S: Final = 86400.0

LOST_FOR_S: Final = 47 * MINUTE_S
"""Seconds since the last sign of lost nodes, at the start of the fleet."""

FROZEN_S: Final = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()
"""The start of a frozen fleet, whose answers are the same each time."""


def stamp(moment_s: float) -> str:
    """Returns a `metav1.Time`: RFC 3339 in whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment_s))


def micro_stamp(moment_s: float) -> str:
    """Returns a `metav1.MicroTime`: RFC 3339 with microseconds."""
    return f"{stamp(moment_s)[:-1]}.{int(moment_s % 1 * 1e6):06d}Z"


def floored(moment_s: float, period_s: float) -> float:
    """Returns the begin of the period that contains a time."""
    return moment_s - moment_s % period_s
