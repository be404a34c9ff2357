"""The JSON of an object as the rules read it: texts, integers and conditions, with defaults for what is not there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

from k8s.reading.openpaths import open_rows, open_values
from resolvers.kinds.longlists import items_of

_CONDITIONS: Final = "status.conditions"
_KEYS: Final = ("type", "status", "reason", "message")
CONDITION_READS: Final = tuple(f"{_CONDITIONS}.{key}" for key in _KEYS)
"""The paths of all conditions."""


class StatusInvalid(ValueError):
    """A status that the rules do not understand; the text says what is wrong with it."""


class StatusCondition(NamedTuple):
    """One entry of `status.conditions`; a text is empty or None if it is not there."""

    type: str | None
    status: str | None
    reason: str | None
    message: str | None


_TEXTS: Final = frozenset({str, type(None)})
_made: Final[Callable[[tuple[str | None, ...]], StatusCondition]] = partial(tuple.__new__, StatusCondition)
_NOTHING: Final = StatusCondition(None, None, None, None)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class ObjectValues:
    """The values of one object; its conditions are read once.

    Attributes:
        kind: the name of its kind, for messages.
        value: returns the JSON at a path of keys, such as `status.phase`; None if there is none.
        now: returns the time of the question.
    """

    kind: str
    value: Callable[[str], object]
    now: Callable[[], datetime] = _now
    _conditions: Sequence[StatusCondition] | None = None

    def text(self, path: str, default: str = "") -> str:
        """Returns the text at a path; the default for another value, or none."""
        value = self.value(path)
        return value if isinstance(value, str) else default

    def integer(self, path: str, default: int = 0) -> int:
        """Returns the integer at a path; the default for another value, or none."""
        value = self.value(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def known_integer(self, path: str) -> int | None:
        """Returns the integer at a path; None if there is none.

        Raises:
            StatusInvalid: there is another value.
        """
        value = self.value(path)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise StatusInvalid(f"{path} is no integer.")
        return value

    def time(self, path: str) -> datetime | None:
        """Returns the time at a path; None for another value, or none."""
        try:
            time = datetime.fromisoformat(self.text(path))
        except ValueError:
            return None
        return time if time.tzinfo is not None else None

    def conditions(self) -> Sequence[StatusCondition]:
        """Returns the conditions of its status.

        Raises:
            StatusInvalid: they are no list, or one of them has other values than texts.
        """
        if self._conditions is None:
            conditions = self.value(_CONDITIONS)
            if conditions is not None and not isinstance(conditions, list):
                raise StatusInvalid(f"{_CONDITIONS} is no list.")
            self._conditions = _conditions(items_of(conditions))
        return self._conditions


def _conditions(entries: Sequence[object]) -> Sequence[StatusCondition]:
    rows = open_rows(entries, _KEYS)
    if rows is not None and _TEXTS.issuperset(map(type, chain.from_iterable(rows))):  # nearly always
        return [*map(_made, rows)]
    return [*map(_condition, entries)]


def _condition(entry: object) -> StatusCondition:
    """Returns a condition; null is one without texts, as it is for kstatus."""
    if entry is None:
        return _NOTHING
    values = open_values(entry, _KEYS)
    if values is None:
        raise StatusInvalid(f"{_CONDITIONS} has an entry that is no object.")
    if not _TEXTS.issuperset(map(type, values)):
        raise StatusInvalid(f"{_CONDITIONS} has an entry whose type, status, reason or message is no text.")
    return _made((*values,))
