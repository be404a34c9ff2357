"""The fields of cron expressions as sets of numbers, as in the library of Kubernetes' controllers.

Its syntax is its own: `?` is `*`, days of the week are 0 to 6, `5/10` begins at 5, and a restricted day of the month
and day of the week match either. Python's libraries of cron expressions differ in each of these.

Source: github.com/robfig/cron/v3 v3.0.1, parser.go.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LONGEST: Final = 1000
"""Characters of an expression; API servers accept longer ones, but nobody writes them."""
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")


class CronInvalid(ValueError):
    """An expression has no schedule."""


@dataclass(frozen=True, slots=True)
class CronField:
    """The numbers of one field; `is_open` if it has a star without a step."""

    numbers: frozenset[int]
    is_open: bool


@dataclass(frozen=True, slots=True)
class CronFields:
    """The five fields of an expression; days of the week begin with Sunday, which is 0."""

    minutes: CronField
    hours: CronField
    days: CronField
    months: CronField
    weekdays: CronField

    @property
    def can_match(self) -> bool:
        """Returns whether each field has a number; the field `,` has none."""
        return all((self.minutes.numbers, self.hours.numbers, self.months.numbers)) and bool(
            self.days.numbers or self.weekdays.numbers
        )

    def is_day(self, day: int, weekday: int) -> bool:
        """Returns whether a day of the month that is a day of the week (0 is Sunday) matches."""
        of_month, of_week = day in self.days.numbers, weekday in self.weekdays.numbers
        if self.days.is_open or self.weekdays.is_open:
            return of_month and of_week
        return of_month or of_week


_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY_NAMES: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_BOUNDS: Final[tuple[tuple[int, int, Mapping[str, int]], ...]] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: place for place, name in enumerate(_MONTH_NAMES, 1)}),
    (0, 6, {name: place for place, name in enumerate(_WEEKDAY_NAMES)}),
)
_DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@lru_cache(maxsize=1024)
def cron_fields(expression: str) -> CronFields:
    """Returns the fields of an expression of five fields, or of one such as `@daily`.

    Raises:
        CronInvalid: it is no such expression.
    """
    if len(expression) > _LONGEST:
        raise CronInvalid(expression[:_LONGEST])
    texts = _DESCRIPTORS.get(expression, expression).split()
    if (expression.startswith("@") and expression not in _DESCRIPTORS) or len(texts) != len(_BOUNDS):
        raise CronInvalid(expression)
    return CronFields(*(_field(text, *bounds) for text, bounds in zip(texts, _BOUNDS, strict=True)))


def _field(text: str, least: int, most: int, names: Mapping[str, int]) -> CronField:
    numbers, is_open = set[int](), False
    for part in filter(None, text.split(",")):
        found, is_star = _range(part, least, most, names)
        numbers.update(found)
        is_open |= is_star
    return CronField(frozenset(numbers), is_open)


def _range(text: str, least: int, most: int, names: Mapping[str, int]) -> tuple[range, bool]:
    span, *steps = text.split("/")
    first, *last = span.split("-")
    is_star = first in {"*", "?"}
    if len(steps) > 1 or (len(last) > 1 and not is_star):
        raise CronInvalid(text)
    start = least if is_star else _number(first, names)
    end = most if is_star else _number(last[0], names) if last else start
    step = _number(steps[0], {}) if steps else 1
    if steps and not last:
        end = most
    if not least <= start <= end <= most or step == 0:
        raise CronInvalid(text)
    return range(start, end + 1, step), is_star and step == 1


def _number(text: str, names: Mapping[str, int]) -> int:
    number = names.get(text.lower())
    if number is not None:
        return number
    if _INTEGER.fullmatch(text) is None or int(text) < 0:
        raise CronInvalid(text)
    return int(text)
