"""The runs of a schedule, as the controller of CronJobs computes them, in any time zone with its clock changes.

Source: github.com/robfig/cron/v3 v3.0.1, spec.go and constantdelay.go; `formatSchedule` in
kubernetes/pkg/controller/cronjob/cronjob_controllerv2.go, v1.37.
"""

from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from resolvers.filters.comparing import duration
from resolvers.kinds.batch.cronfields import CronFields, CronInvalid, cron_fields

_YEARS: Final = 5
"""A run that is later than in so many years is none, as `0 0 31 2 *`."""
_HOUR_S: Final = 3600
_DAY_S: Final = 24 * _HOUR_S
_NOON: Final = 12
_MOST_STEPS: Final = 4_000
"""Steps of a walk to the next run: with some clock changes, the rule would go in circles."""
_LONGEST: Final = 60
"""Characters of a time zone or a duration."""
_LONGEST_EXPRESSION: Final = 1_000
"""Characters of a cron expression; one that lists all values has fewer than 500."""
_LONGEST_DELAY_S: Final = 2**63 // 10**9
"""The longest duration in Go."""
_EVERY: Final = "@every "

_MIDNIGHT: Final = datetime(1970, 1, 1, tzinfo=UTC)

Seconds = int
"""Seconds since 1970 in UTC."""


@dataclass(frozen=True, slots=True)
class RunSchedule:
    """The times of runs.

    Attributes:
        following: returns the first run after a time; None if there is none.
        delay_s: the seconds between runs that count from each other (`@every 5m`), not from the clock.
    """

    following: Callable[[Seconds], Seconds | None]
    delay_s: int | None = None


def schedule_of(expression: str, time_zone: str | None) -> RunSchedule:
    """Returns the runs of a cron expression in a time zone; None is UTC, the usual zone of controllers.

    A zone in the expression itself (`TZ=Asia/Tokyo 0 9 * * *`) counts more, as for controllers.

    Raises:
        CronInvalid: the expression or the time zone is invalid, or too long for the cache, which all callers share.
    """
    if len(expression) > _LONGEST_EXPRESSION or len(time_zone or "") > _LONGEST:
        raise CronInvalid(expression[:_LONGEST])
    return _schedule_of(expression, time_zone)


@lru_cache(maxsize=1024)
def _schedule_of(expression: str, time_zone: str | None) -> RunSchedule:
    zone_name = time_zone if "TZ" not in expression else None
    if expression.startswith(("TZ=", "CRON_TZ=")):
        prefix, _, expression = expression.partition(" ")
        zone_name, expression = prefix.partition("=")[2], expression.strip()
    zone = _zone(zone_name or "UTC")
    if expression.startswith(_EVERY):
        delay_s = _delay_s(expression.removeprefix(_EVERY))
        return RunSchedule(lambda after: after + delay_s, delay_s)
    fields = cron_fields(expression)
    if not fields.can_match:
        return RunSchedule(lambda _after: None)
    return RunSchedule(lambda after: _following(fields, zone, after // 60))


def _delay_s(text: str) -> int:
    seconds = duration(text) if len(text) <= _LONGEST else None
    if seconds is None or abs(seconds) > _LONGEST_DELAY_S:
        raise CronInvalid(text)
    return max(1, int(seconds))


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        if len(name) > _LONGEST:
            raise CronInvalid(name[:_LONGEST])
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise CronInvalid(name) from error


@lru_cache(maxsize=4096)
def _following(fields: CronFields, zone: tzinfo, minute: int) -> Seconds | None:
    """Returns the first run after a minute since 1970: hours and minutes go on by the clock, days by the calendar."""
    try:
        return _Walk(fields, zone, (minute + 1) * 60).run()
    except (OverflowError, ValueError, OSError):  # years beyond 9999
        return None


class _Walk:
    """The way from a time to the next run: month, day, hour and minute each go on until they match."""

    def __init__(self, fields: CronFields, zone: tzinfo, at: Seconds) -> None:
        self._fields, self._zone, self._steps = fields, zone, 0
        self._move(at)
        self._is_aligned = False

    def run(self) -> Seconds | None:
        """Returns the next run."""
        last_year = self._time.year + _YEARS
        while self._time.year <= last_year:
            if self._finds_month() and self._finds_day() and self._finds_hour() and self._finds_minute():
                return self._at
        return None

    def _move(self, at: Seconds) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise OverflowError
        self._at, self._time = at, datetime.fromtimestamp(at, self._zone)

    def _finds_month(self) -> bool:
        while self._time.month not in self._fields.months.numbers:
            if not self._is_aligned:
                self._align(day=1)
            years, month = divmod(self._time.month, 12)
            self._move(self._local(self._time.year + years, month + 1, self._time.day, self._time))
            if self._time.month == 1:
                return False
        return True

    def _finds_day(self) -> bool:
        while not self._fields.is_day(self._time.day, self._time.isoweekday() % 7):
            if not self._is_aligned:
                self._align(day=self._time.day)
            self._move(self._local(self._time.year, self._time.month, self._time.day + 1, self._time))
            if hour := self._time.hour:  # a clock change at midnight
                self._move(self._at + (24 - hour if hour > _NOON else -hour) * _HOUR_S)
            if self._time.day == 1:
                return False
        return True

    def _finds_hour(self) -> bool:
        while self._time.hour not in self._fields.hours.numbers:
            if not self._is_aligned:
                self._is_aligned = True
                hour = self._time.replace(minute=0)
                self._move(self._local(hour.year, hour.month, hour.day, hour))
            self._move(self._at + _HOUR_S)
            if self._time.hour == 0:
                return False
        return True

    def _finds_minute(self) -> bool:
        while self._time.minute not in self._fields.minutes.numbers:
            self._is_aligned = True
            self._move(self._at + 60)
            if self._time.minute == 0:
                return False
        return True

    def _align(self, *, day: int) -> None:
        """Goes back to the beginning of a day."""
        self._is_aligned = True
        self._move(self._local(self._time.year, self._time.month, day, _MIDNIGHT))

    def _local(self, year: int, month: int, day: int, clock: datetime) -> Seconds:
        """Returns the time of a clock in the zone; a time that a clock change skips or repeats as Go has it.

        Source: `Date` in Go's time package.
        """
        local = timegm((year, month, 1, clock.hour, clock.minute, 0)) + (day - 1) * _DAY_S
        return local - self._offset_s(local - self._offset_s(local))

    def _offset_s(self, at: Seconds) -> int:
        offset = datetime.fromtimestamp(at, self._zone).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0
