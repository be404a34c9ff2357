"""Durations as they are written on a command line."""

import re
from datetime import timedelta
from typing import Final

from server.errors import InputError

_FORM: Final = re.compile(r"([0-9]{1,5})([smhdw])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: str) -> timedelta:
    """A number and a unit: `90m`, `12h`, `30d`, `8w`.

    Raises:
        InputError: It is none, or no time at all.
    """
    found = _FORM.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise InputError(f"{text[:40]!r} is no duration; write a number and a unit, as 90m, 12h, 30d or 8w.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
