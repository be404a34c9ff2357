"""The shares of several clusters in one list, and the clusters whose rows are refused if there are too many objects.

A cluster's share is the limit divided by the number of clusters of the list. If all clusters together have more objects
than the limit, the rows of the largest are refused, one cluster after the other, until the rest fits. So a cluster
within its share is never refused because of others. The whole list is refused if more than half of the clusters would
be refused, and if all are about equally large: then none of them is the cause.

The size of a cluster is the number that its API server reports, or the number of objects read so far. A cluster is
refused as soon as no later page can change the decision, so the order of the answers does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from k8s.errors import ClusterError, TooManyObjects
from k8s.kinds.kind import Kind
from resolvers.errors import LimitExceeded


class Reading(Protocol):
    """A list of a cluster while it is read: `resolvers.operation.sharedreading.SharedReading`."""

    def release_unused(self) -> None:
        """Releases the rows if no field needs them any more."""
        ...


@dataclass(slots=True, eq=False)
class Share:
    """The share of one cluster in a list.

    Attributes:
        cluster: the name of the cluster.
        size: objects that were read, and those that remain according to the API server.
        refusal: the error for its missing rows, if they are refused.
        has_failed: whether it has no rows for another reason.
        is_over: whether its lists are read to the end.
        is_closed: whether its rows are in use or released: they cannot be refused any more.
    """

    cluster: str
    _shares: "Shares"
    size: int = 0
    refusal: ClusterError | None = None
    has_failed: bool = False
    is_over: bool = False
    is_closed: bool = False
    _counts: dict[Reading, tuple[int, int | None]] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """True if its size is final."""
        left = [left for _, left in self._counts.values()]
        return self.is_over or self.refusal is not None or (bool(left) and None not in left)

    def count(self, reading: Reading, read: int, left: int | None) -> None:
        """Sets the objects of one of its lists: those read, and those left (None if the API server does not say)."""
        if self.refusal is None and not self.is_over:
            self._counts[reading] = (read, left)
            self._resize(sum(read + (left or 0) for read, left in self._counts.values()))

    def end(self, *, has_failed: bool = False) -> None:
        """Records that its lists are read to the end; the objects of a failed cluster do not count."""
        self.is_over = True
        if has_failed and self.refusal is None:
            self.has_failed = True
            self._resize(0)
        else:
            self._resize(self.size)
            self._shares.admit(self)
        self._release()

    def refuse(self, refusal: ClusterError) -> None:
        """Refuses the cluster's rows with an error."""
        self.refusal = refusal
        self._release()

    def withdraw(self, refusal: ClusterError) -> None:
        """Refuses the cluster's rows for another reason than their number; they do not count any more."""
        if self.refusal is None and not self.is_closed:
            self.has_failed = True
            self.refuse(refusal)
            self._resize(0)

    def close(self) -> None:
        """Releases its lists: their rows are in use now or released, and later objects do not count."""
        self.is_over = self.is_closed = True
        self._counts.clear()

    def _resize(self, size: int) -> None:
        self._shares.objects += size - self.size
        self.size = size
        self._shares.decide()

    def _release(self) -> None:
        if self.refusal is not None and self.is_over:
            for reading in self._counts:
                reading.release_unused()


class Shares:
    """The shares of all clusters that one list asks.

    Attributes:
        objects: the number of objects of all clusters.
    """

    def __init__(self, kind: Kind | str, most: int, clusters: Iterable[str], *, sends_early: bool = False) -> None:
        """Gives each cluster a share in a list.

        Args:
            kind: the kind of the list, or another name of its objects.
            most: the maximum number of objects of all clusters together.
            clusters: the names of the clusters.
            sends_early: whether rows are sent as clusters answer: sent rows stay, and a cluster beyond its share that
                answers later is refused if there is no room any more.
        """
        self.objects = 0
        self._kind = kind
        self._most = most
        self._of = {cluster: Share(cluster, self) for cluster in clusters}
        self._sends_early = sends_early
        self._admitted = 0
        self._is_refused = False

    def of(self, cluster: str) -> Share:
        """Returns the share of a cluster, by its name."""
        return self._of[cluster]

    def check(self) -> None:
        """Refuses the whole list if it is too long, and not because of a few clusters.

        Raises:
            LimitExceeded: the list is refused.
        """
        if self._is_refused:
            raise LimitExceeded(
                f"The list has more than {self._most} {self._kind} in {len(self._of)} clusters "
                "(FLEETGRAPH_MAX_OBJECTS); narrow it by clusters, namespaces, labelSelector or fieldSelector, or ask "
                "for pages of it."
            )

    def decide(self) -> None:
        """Refuses the rows of clusters that later pages of others cannot make fit, or the whole list."""
        if self._is_refused or self.objects <= self._most:
            return
        ordered = sorted(self._of.values(), key=lambda share: (share.size, share.cluster))
        may_be_alike = self._may_be_alike()
        is_alike = may_be_alike and all(share.is_known or share.has_failed for share in ordered)
        if is_alike or self._least_refused(ordered) > max(1, len(ordered) // 2):
            self._is_refused = True
            for share in ordered:
                if share.refusal is None:
                    share.refuse(self._refusal(share))
            return
        if not may_be_alike:
            for share in self._certainly_refused(ordered):
                share.refuse(self._refusal(share))

    def admit(self, share: Share) -> None:
        """Admits the rows of a cluster if rows are sent early; refuses them if there is no room any more."""
        if not self._sends_early or share.refusal is not None:
            return
        if self._admitted + share.size > self._most and share.size * len(self._of) > self._most:
            share.refuse(self._refusal(share))
        else:
            self._admitted += share.size

    def _least_refused(self, ordered: Sequence[Share]) -> int:
        """Returns the smallest number of refused clusters with which the rest fits."""
        left = self._most
        for place, share in enumerate(ordered):
            left -= share.size
            if left < 0:
                return len(ordered) - place
        return 0

    def _certainly_refused(self, ordered: Sequence[Share]) -> list[Share]:
        """Returns the clusters to refuse: they do not fit beside the final sizes of smaller clusters."""
        smaller, refusable = 0, list[Share]()
        for share in ordered:
            if share.refusal is None and smaller + share.size > self._most:
                refusable.append(share)
            if share.is_known:
                smaller += share.size
        return refusable

    def _may_be_alike(self) -> bool:
        """Returns True if all may exceed their share, and none the smallest by a third or more."""
        present = [share for share in self._of.values() if not share.has_failed]
        smallest = min((share.size for share in present if share.is_known), default=self._most)
        largest = max((share.size for share in present), default=0)
        return len(present) > 1 and smallest * len(self._of) > self._most and 3 * largest < 4 * smallest

    def _refusal(self, share: Share) -> TooManyObjects:
        if share.size > self._most:
            return TooManyObjects(
                share.cluster,
                f"it has at least {share.size} {self._kind} here and a list reads at most {self._most} from a cluster; "
                "narrow it by namespaces, labelSelector or fieldSelector.",
            )
        return TooManyObjects(
            share.cluster,
            f"it has at least {share.size} {self._kind} here, more than its share of the {self._most} that a list "
            f"reads from {len(self._of)} clusters together (FLEETGRAPH_MAX_OBJECTS); ask for it alone, or narrow the "
            "list by namespaces, labelSelector or fieldSelector.",
        )
