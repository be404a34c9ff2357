"""The arguments of `usageOver`: a range of time until now, and the step between its points.

Times are multiples of the step, so that equal queries within a step have equal answers, which caches of a Prometheus
share.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any, Final

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.kinds.leaves import Time
from resolvers.links.members import Argument, Arguments

RESOURCES: Final = ("cpu", "memory")
"""The resources, which are the fields of the values."""

MOST_POINTS: Final = 1500
"""Points of one object and resource; a chart has no more pixels."""
SHORTEST_STEP_S: Final = 15
"""The shortest usual interval between measurements; a shorter step would repeat them."""

_LONGEST_S: Final = 366 * 86_400
_RATE_S: Final = 300
"""The shortest time over which processors are averaged: it has several measurements in any usual cluster."""
_USUAL_POINTS: Final = 60
_STEPS: Final = ("15s", "30s", "1m", "2m", "5m", "10m", "15m", "30m", "1h", "2h", "3h", "6h", "12h", "1d", "1w")
_UNITS_S: Final[Mapping[str, Fraction | int]] = {
    "ms": Fraction(1, 1000),
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86_400,
    "w": 604_800,
    "y": 31_536_000,
}
"""Source: durations of Prometheus; those of Go, which may have fractions, have the units up to `h`."""
_PART: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|[smhdwy])", re.ASCII)
_DURATION: Final = re.compile(rf"(?:{_PART.pattern}){{1,8}}", re.ASCII)
_QUOTED_CHARACTERS: Final = 40


@dataclass(frozen=True)
class Period:
    """A range of time until now.

    Attributes:
        range_s: its seconds.
        step_s: the seconds between points.
        resources: the resources whose points are needed, in the order of their names.
    """

    range_s: int
    step_s: int
    resources: tuple[str, ...] = RESOURCES

    @property
    def points(self) -> int:
        """The number of points of one object and resource."""
        return self.range_s // self.step_s + 1

    @property
    def rate_s(self) -> int:
        """The seconds over which processors are averaged at each point."""
        return max(self.step_s, _RATE_S)

    def until(self, now_s: float) -> "Points":
        """Returns the times of the points until now."""
        end_s = int(now_s) // self.step_s * self.step_s
        return Points(end_s - (self.points - 1) * self.step_s, end_s, self.step_s)


@dataclass(frozen=True)
class Points:
    """The times of the points of one query, in seconds since 1970."""

    start_s: int
    end_s: int
    step_s: int

    @cached_property
    def texts(self) -> Mapping[int, Time]:
        """The times as they are written in answers."""
        times = range(self.start_s, self.end_s + 1, self.step_s)
        return {time: Time(f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}") for time in times}


def narrowed(period: Period, fields: frozenset[str]) -> Period:
    """Returns a period of the resources that are among the selected fields; of all if none is."""
    return replace(period, resources=tuple(name for name in RESOURCES if name in fields) or RESOURCES)


def _period(arguments: Mapping[str, object]) -> Period:
    """Returns the checked arguments.

    Raises:
        BadUserInput: one of them is no duration, or too short.
        LimitExceeded: the range is too long, or has too many steps.
    """
    range_s = _seconds("range", arguments["range"])
    if range_s > _LONGEST_S:
        raise LimitExceeded(f"usageOver: range: {_quoted(arguments['range'])} is longer than 366d, the limit.")
    step = arguments.get("step")
    step_s = _usual_step_s(range_s) if step is None else _seconds("step", step)
    if step_s < SHORTEST_STEP_S:
        raise BadUserInput(
            f"usageOver: step: {_quoted(step)} is shorter than 15s, the shortest usual interval between measurements; "
            "give a longer one."
        )
    if range_s < step_s:
        raise BadUserInput(
            f"usageOver: range: {_quoted(arguments['range'])} is shorter than its step; give a longer one."
        )
    period = Period(range_s, step_s)
    if period.points > MOST_POINTS:
        raise LimitExceeded(
            f"usageOver: {period.points} points for each object; the limit is {MOST_POINTS}. Give a longer step, such "
            f"as {ceil(range_s / (MOST_POINTS - 1))}s."
        )
    return period


def _usual_step_s(range_s: int) -> int:
    steps = [_seconds("step", step) for step in _STEPS]
    return next((step_s for step_s in steps if range_s <= step_s * _USUAL_POINTS), steps[-1])


def _seconds(name: str, text: Any) -> int:
    """Returns the whole seconds of a duration."""
    if not isinstance(text, str) or not _DURATION.fullmatch(text):
        raise BadUserInput(
            f"usageOver: {name}: {_quoted(text)} is no duration; write one such as 90s, 5m, 1h30m or 7d."
        )
    seconds = sum((Fraction(amount) * _UNITS_S[unit] for amount, unit in _PART.findall(text)), Fraction(0))
    if seconds.denominator != 1 or seconds < 1:
        raise BadUserInput(f"usageOver: {name}: {_quoted(text)} is no whole number of seconds of at least 1.")
    return int(seconds)


def _quoted(text: object) -> str:
    return repr(str(text)[:_QUOTED_CHARACTERS])


PERIOD: Final = Arguments(
    (
        Argument("range", str, "The time until now, such as `1h`, `24h` or `7d`: at most 366 days."),
        Argument(
            "step",
            str | None,
            "The time between points, such as `1m`: at least 15 seconds. Without it, the shortest usual one with which "
            f"the range has at most {_USUAL_POINTS} steps.",
        ),
    ),
    _period,
    narrowed,
)
"""The arguments of the field."""
