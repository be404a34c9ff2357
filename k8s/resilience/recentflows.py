"""The flows of a cluster that something was noted of lately: bounded, as callers decide how many there are."""

from typing import TypeVar

from k8s.resilience.flow import Flow

MOST_FLOWS = 256
"""Of a cluster; of more, those that nothing was noted of for longest are forgotten."""

T = TypeVar("T")


class RecentFlows(dict[Flow, T]):
    """A value for each flow, the latest last; there are few, so that the first one is found at once.

    Most of these are empty, and there are some for each cluster: an OrderedDict is two objects more to walk for the
    garbage collector.
    """

    __slots__ = ("_limit",)

    def __init__(self, limit: int = MOST_FLOWS) -> None:
        super().__init__()
        self._limit = limit

    def put(self, flow: Flow, value: T) -> None:
        """Notes a value of a flow in place of the one before."""
        self.pop(flow, None)
        self[flow] = value
        if len(self) > self._limit:
            del self[next(iter(self))]

    def drop(self, flow: Flow) -> None:
        """Forgets a flow."""
        self.pop(flow, None)
