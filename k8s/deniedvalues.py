"""Values that are not of the types of their fields: such a field is null, and an error names the object and the path.

The values of one answer are collected while it is decoded. A listener (`denied_to`) hears of the first few of each
cluster and of the number of the others; without one, an answer with a denied value is broken.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from k8s.errors import ClusterError, ErrorCode

MOST_NAMED: Final = 3
"""The values of one cluster that have an error of their own."""
_LONGEST_PATH: Final = 200
"""Characters of a path in an error: keys of maps are as long as a cluster likes."""

Listener: TypeAlias = Callable[[ClusterError], None]


class ValueDenied(ClusterError):
    """A value of an object that is not of the type of its field, so that the field is null."""

    code = ErrorCode.INVALID
    reason = "ValueDenied"


@dataclass(slots=True)
class DeniedValues:
    """The denied values of one answer.

    Attributes:
        named: the first few, in words: kind and name of the object, and the path.
        count: the number of all.
    """

    named: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, row: Any, path: str) -> None:
        """Adds the value at a path of a row."""
        self.count += 1
        if len(self.named) < MOST_NAMED:
            names = (getattr(row.metadata, "namespace", None), row.metadata.name)
            name = "/".join(part for part in names if part)
            shown = path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}..."
            self.named.append(f"{shown} of {type(row).kind} {name}")


class _Reports:
    """The errors about denied values that a listener hears of inside its `with`; every field of an answer has one."""

    __slots__ = ("_counts", "_listener", "_token")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._counts: dict[str, tuple[int, int]] = {}
        self._token: Token[_Reports | None] | None = None

    def __enter__(self) -> None:
        self._token = _REPORTS.set(self)

    def __exit__(self, *_exception: object) -> None:
        assert self._token is not None  # noqa: S101  set at the beginning
        _REPORTS.reset(self._token)
        self.end()

    def add(self, cluster: str, values: DeniedValues) -> None:
        before, others = self._counts.get(cluster, (0, 0))
        named = values.named[: MOST_NAMED - before]
        self._counts[cluster] = (before + len(named), others + values.count - len(named))
        for name in named:
            self._listener(ValueDenied(cluster, f"the value at {name} is not of the field's type; the field is null."))

    def end(self) -> None:
        for cluster, (_named, count) in self._counts.items():
            if count:
                cause = f"other values that are not of their fields' types: {count}; those fields are null."
                self._listener(ValueDenied(cluster, cause))


_REPORTS: Final[ContextVar[_Reports | None]] = ContextVar("denied_values", default=None)


def denied_to(listener: Listener) -> AbstractContextManager[None]:
    """Tells a listener of the denied values in all answers that are read inside, also by tasks that start there."""
    return _Reports(listener)


def denied_values() -> DeniedValues | None:
    """Returns the denied values of one answer, none yet, for `report_denied`; None if nobody listens."""
    return DeniedValues() if _REPORTS.get() is not None else None


def report_denied(cluster: str, values: DeniedValues | None) -> None:
    """Tells the listener of the denied values of one answer of a cluster."""
    reports = _REPORTS.get()
    if reports is not None and values is not None and values.count:
        reports.add(cluster, values)
