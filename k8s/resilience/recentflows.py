"""A bounded map of a cluster's recent flows, because callers decide how many flows there are."""

from typing import TypeVar

from k8s.resilience.flow import Flow

MOST_FLOWS = 256
"""Flows of one cluster. The least recently noted ones beyond are dropped."""

T = TypeVar("T")


class RecentFlows(dict[Flow, T]):
    """A value for each flow, in the order of its last update.

    Most of these maps are empty, and each cluster has several. An OrderedDict would be two more objects for the garbage
    collector to walk. As there are few flows, the first key is found at once.
    """

    __slots__ = ("_limit",)

    def __init__(self, limit: int = MOST_FLOWS) -> None:
        super().__init__()
        self._limit = limit

    def put(self, flow: Flow, value: T) -> None:
        """Sets the value of a flow, which becomes the latest."""
        self.pop(flow, None)
        self[flow] = value
        if len(self) > self._limit:
            del self[next(iter(self))]

    def drop(self, flow: Flow) -> None:
        """Drops a flow."""
        self.pop(flow, None)
