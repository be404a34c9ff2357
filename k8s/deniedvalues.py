"""Values that are not of the types of their fields: such a field is null, and an error names the object and the path.

The values of one answer are collected while it is decoded. A listener (`denied_to`) hears of the first few of each
cluster and of the number of the others; without one, an answer with a denied value is broken.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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
    """The errors about denied values that a listener hears."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._named: Counter[str] = Counter()
        self._others: Counter[str] = Counter()

    def add(self, cluster: str, values: DeniedValues) -> None:
        named = values.named[: MOST_NAMED - self._named[cluster]]
        self._named[cluster] += len(named)
        self._others[cluster] += values.count - len(named)
        for name in named:
            self._listener(ValueDenied(cluster, f"the value at {name} is not of the field's type; the field is null."))

    def end(self) -> None:
        for cluster, count in self._others.items():
            if count:
                cause = f"other values that are not of their fields' types: {count}; those fields are null."
                self._listener(ValueDenied(cluster, cause))


_REPORTS: Final[ContextVar[_Reports | None]] = ContextVar("denied_values", default=None)


@contextmanager
def denied_to(listener: Listener) -> Iterator[None]:
    """Tells a listener of the denied values in all answers that are read inside, also by tasks that start there."""
    reports = _Reports(listener)
    token = _REPORTS.set(reports)
    try:
        yield
    finally:
        _REPORTS.reset(token)
        reports.end()


@contextmanager
def denied_values(cluster: str) -> Iterator[DeniedValues | None]:
    """Collects the denied values of one answer of a cluster for the listener; None if nobody listens."""
    reports = _REPORTS.get()
    values = DeniedValues() if reports is not None else None
    yield values
    if reports is not None and values is not None and values.count:
        reports.add(cluster, values)
