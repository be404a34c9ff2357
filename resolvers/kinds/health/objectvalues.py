"""The JSON of an object as the rules read it: texts, integers and conditions, with defaults for what is not there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeGuard

from resolvers.kinds.longlists import items_of

_CONDITIONS: Final = "status.conditions"


class StatusInvalid(ValueError):
    """A status that the rules do not understand; the text says what is wrong with it."""


class StatusCondition(NamedTuple):
    """One entry of `status.conditions`; a text is empty if it is not there."""

    type: str
    status: str
    reason: str
    message: str


_NOTHING: Final = StatusCondition("", "", "", "")


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
            self._conditions = [*map(_condition, items_of(conditions))]
        return self._conditions


def _condition(entry: object) -> StatusCondition:
    """Returns a condition; null is one without texts, as it is for kstatus."""
    if entry is None:
        return _NOTHING
    if not isinstance(entry, dict):
        raise StatusInvalid(f"{_CONDITIONS} has an entry that is no object.")
    name, status = entry.get("type"), entry.get("status")
    reason, message = entry.get("reason"), entry.get("message")
    if not (_is_text(name) and _is_text(status) and _is_text(reason) and _is_text(message)):
        raise StatusInvalid(f"{_CONDITIONS} has an entry whose type, status, reason or message is no text.")
    return StatusCondition(name or "", status or "", reason or "", message or "")


def _is_text(value: object) -> TypeGuard[str | None]:
    return value is None or isinstance(value, str)
