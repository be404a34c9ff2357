"""Labels and durations as command-line arguments.

`key=value` sets a label, `key-` removes one, as with `kubectl label`.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from server.commanderrors import InputError
from store.names import require_labels

_DURATION: Final = re.compile(r"([0-9]{1,5})([smhdw])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class LabelChanges(NamedTuple):
    """Labels to set, and keys to remove."""

    put: dict[str, str]
    remove: frozenset[str]


def parse_labels(words: Iterable[str]) -> dict[str, str]:
    """Returns the labels to set.

    Raises:
        InputError: A word is not `key=value`, or a key has two values.
        InvalidValue: Kubernetes does not accept a key or a value.
    """
    labels: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise InputError(f"{word[:80]!r} is not a label; write KEY=VALUE.")
        if labels.setdefault(key, value) != value:
            raise InputError(f"The label {key!r} has two values; give one.")
    require_labels(labels)
    return labels


def parse_label_changes(words: Iterable[str]) -> LabelChanges:
    """Returns the labels to set and to remove; raises as `parse_labels` does."""
    words = list(words)
    remove = frozenset(word.removesuffix("-") for word in words if "=" not in word and word.endswith("-"))
    put = parse_labels(word for word in words if "=" in word or not word.endswith("-"))
    if both := remove & put.keys():
        raise InputError(f"The label {min(both)!r} is both set and removed.")
    require_labels(dict.fromkeys(remove, ""))
    return LabelChanges(put, remove)


def parse_duration(text: str) -> timedelta:
    """Returns the duration of a number and a unit: `90m`, `12h`, `30d`, `8w`.

    Raises:
        InputError: The text is not a duration, or zero.
    """
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise InputError(f"{text[:40]!r} is not a duration; write a number and a unit, such as 90m, 12h, 30d or 8w.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
