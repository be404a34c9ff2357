"""The flows of a cluster that something was noted of lately: bounded, as callers decide how many there are."""

from collections import OrderedDict
from typing import Generic, TypeVar

from k8s.flow import Flow

MOST_FLOWS = 256
"""Of a cluster; of more, those that nothing was noted of for longest are forgotten."""

T = TypeVar("T")


class RecentFlows(Generic[T]):
    """A value for each flow, the latest last."""

    def __init__(self, limit: int = MOST_FLOWS) -> None:
        self._limit = limit
        self._values: OrderedDict[Flow, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def get(self, flow: Flow) -> T | None:
        """Returns what was noted of a flow; None if nothing was, or if it is forgotten."""
        return self._values.get(flow)

    def put(self, flow: Flow, value: T) -> None:
        """Notes a value of a flow in place of the one before."""
        self._values[flow] = value
        self._values.move_to_end(flow)
        if len(self._values) > self._limit:
            self._values.popitem(last=False)

    def drop(self, flow: Flow) -> None:
        """Forgets a flow."""
        self._values.pop(flow, None)
