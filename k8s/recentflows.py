"""The flows of a cluster that something was noted of lately: bounded, as callers decide how many there are."""

from typing import Generic, TypeVar

from k8s.flow import Flow

MOST_FLOWS = 256
"""Of a cluster; of more, those that nothing was noted of for longest are forgotten."""

T = TypeVar("T")


class RecentFlows(Generic[T]):
    """A value for each flow, the latest last."""

    def __init__(self, limit: int = MOST_FLOWS) -> None:
        self._limit = limit
        self._values: dict[Flow, T] = {}  # of few values; an OrderedDict is walked by the garbage collector when empty

    def __len__(self) -> int:
        return len(self._values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def get(self, flow: Flow) -> T | None:
        """Returns what was noted of a flow; None if nothing was, or if it is forgotten."""
        return self._values.get(flow)

    def put(self, flow: Flow, value: T) -> None:
        """Notes a value of a flow in place of the one before."""
        self._values.pop(flow, None)
        self._values[flow] = value
        if len(self._values) > self._limit:
            del self._values[next(iter(self._values))]

    def drop(self, flow: Flow) -> None:
        """Forgets a flow."""
        self._values.pop(flow, None)
