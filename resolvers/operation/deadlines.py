"""The deadlines of one operation: one for each cluster, and a shorter one for what is only an addition to objects."""

from typing import Final

from k8s.transport.deadline import Deadline
from resolvers.fleet.cluster import FleetCluster

_ADDITION: Final = 1 / 3
"""The part of the time of a cluster that additions have, so that objects and their links arrive without them."""


class Deadlines:
    """The deadlines of the clusters; all requests of the operation to a cluster share one.

    An addition is a list without which objects are sent all the same, such as metrics of an API that another server
    has: it may hang while the API server answers. Its requests take no time from the others.
    """

    def __init__(self, timeout_s: float) -> None:
        """Takes the time of all requests to a cluster."""
        self._timeout_s = timeout_s
        self._deadlines: dict[tuple[str, bool], Deadline] = {}

    def of(self, cluster: FleetCluster, *, is_addition: bool) -> Deadline:
        """Returns the deadline of a cluster, or that of additions there; it runs during requests.

        Args:
            cluster: the cluster.
            is_addition: whether the request is for an addition.
        """
        key = cluster.id, is_addition
        deadline = self._deadlines.get(key)
        if deadline is None:
            timeout_s = self._timeout_s * _ADDITION if is_addition else self._timeout_s
            deadline = self._deadlines[key] = Deadline(timeout_s)
        return deadline

    def clear(self) -> None:
        """Forgets all deadlines."""
        self._deadlines.clear()
