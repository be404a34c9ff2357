"""The objects of one list over several clusters, and the clusters that pay where these are too many together.

A cluster's share is the limit divided by the number of clusters that are asked. Where all have more objects together
than the limit, those with the most pay with their own rows, one after the other, until the rest fits. So a cluster
within its share never pays for others. The list as a whole is refused where more would pay than stay, and where all
are about equally large: then none of them is to blame.

Sizes are those that API servers say, or what was read so far. A cluster pays as soon as nothing that is still to come
can change that, so it does not matter which answers first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from k8s.errors import ClusterError, TooManyObjects
from k8s.kinds.kind import Kind
from resolvers.errors import LimitExceeded


class Reading(Protocol):
    """A list of a cluster while it is read: `resolvers.operation.sharedreading.SharedReading`."""

    def unwanted(self) -> None:
        """Lets go of what was read, if nobody wants it any more."""
        ...


@dataclass(slots=True, eq=False)
class Share:
    """The share of one cluster in a list.

    Attributes:
        cluster: its name.
        size: objects that were read, and those that the API server says are still to come.
        refusal: the error for its missing rows, if it pays.
        has_failed: whether it has no rows for another reason.
        is_over: whether nothing is still to come.
        is_closed: whether what was read is in use, or gone: the cluster cannot pay any more.
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
        """True if its size is all that it has."""
        left = [left for _, left in self._counts.values()]
        return self.is_over or self.refusal is not None or (bool(left) and None not in left)

    def count(self, reading: Reading, read: int, left: int | None) -> None:
        """Counts what was read of one of its lists, and what is still to come; None: the API server does not say."""
        if self.refusal is None and not self.is_over:
            self._counts[reading] = (read, left)
            self._resize(sum(read + (left or 0) for read, left in self._counts.values()))

    def end(self, *, has_failed: bool = False) -> None:
        """Notes that nothing is still to come; of a cluster that failed nothing counts."""
        self.is_over = True
        if has_failed and self.refusal is None:
            self.has_failed = True
            self._resize(0)
        else:
            self._resize(self.size)
            self._shares.take(self)
        self._release()

    def refuse(self, refusal: ClusterError) -> None:
        """Lets the cluster pay."""
        self.refusal = refusal
        self._release()

    def withdraw(self, refusal: ClusterError) -> None:
        """Lets the cluster pay for something other than the number of its objects, which do not count any more."""
        if self.refusal is None and not self.is_closed:
            self.has_failed = True
            self.refuse(refusal)
            self._resize(0)

    def close(self) -> None:
        """Lets go of its lists: what is theirs is in use now, or gone, and what still comes does not count."""
        self.is_over = self.is_closed = True
        self._counts.clear()

    def _resize(self, size: int) -> None:
        self._shares.objects += size - self.size
        self.size = size
        self._shares.look()

    def _release(self) -> None:
        if self.refusal is not None and self.is_over:
            for reading in self._counts:
                reading.unwanted()


class Shares:
    """The shares of all clusters that one list asks.

    Attributes:
        objects: of all clusters.
    """

    def __init__(self, kind: Kind, most: int, clusters: Iterable[str], *, sends_early: bool = False) -> None:
        """Takes the list that all clusters have a share of.

        Args:
            kind: what is listed.
            most: objects that all may have together.
            clusters: their names.
            sends_early: whether rows are sent as clusters answer: what was sent stays, and a cluster beyond its share
                that comes later pays if there is no room any more.
        """
        self.objects = 0
        self._kind = kind
        self._most = most
        self._of = {cluster: Share(cluster, self) for cluster in clusters}
        self._sends_early = sends_early
        self._taken = 0
        self._is_refused = False

    def of(self, cluster: str) -> Share:
        """Returns the share of a cluster, by its name."""
        return self._of[cluster]

    def check(self) -> None:
        """Refuses the list as a whole, if it is too long and no few clusters are to blame.

        Raises:
            LimitExceeded: it is.
        """
        if self._is_refused:
            raise LimitExceeded(
                f"The list has more than {self._most} {self._kind} in {len(self._of)} clusters "
                "(FLEETGRAPH_MAX_OBJECTS); narrow it by clusters, namespaces, labelSelector or fieldSelector, or ask "
                "for pages of it."
            )

    def look(self) -> None:
        """Decides what can be decided: who pays, or that the list is refused."""
        if self._is_refused or self.objects <= self._most:
            return
        ordered = sorted(self._of.values(), key=lambda share: (share.size, share.cluster))
        may_be_alike = self._may_be_alike()
        is_alike = may_be_alike and all(share.is_known or share.has_failed for share in ordered)
        if is_alike or self._lacking(ordered) > max(1, len(ordered) // 2):
            self._is_refused = True
            for share in ordered:
                if share.refusal is None:
                    share.refuse(self._refusal(share))
            return
        if not may_be_alike:
            for share in self._paying(ordered):
                share.refuse(self._refusal(share))

    def take(self, share: Share) -> None:
        """Counts the objects of a cluster as sent, where they are sent at once."""
        if not self._sends_early or share.refusal is not None:
            return
        if self._taken + share.size > self._most and share.size * len(self._of) > self._most:
            share.refuse(self._refusal(share))
        else:
            self._taken += share.size

    def _lacking(self, ordered: Sequence[Share]) -> int:
        """Returns how many clusters must pay at least, so that the rest fits."""
        left = self._most
        for place, share in enumerate(ordered):
            left -= share.size
            if left < 0:
                return len(ordered) - place
        return 0

    def _paying(self, ordered: Sequence[Share]) -> list[Share]:
        """Returns those that certainly pay: with what smaller ones have for certain, their own objects do not fit."""
        smaller, paying = 0, list[Share]()
        for share in ordered:
            if share.refusal is None and smaller + share.size > self._most:
                paying.append(share)
            if share.is_known:
                smaller += share.size
        return paying

    def _may_be_alike(self) -> bool:
        """Returns True if all may have more than their share, and none a third more than the smallest."""
        there = [share for share in self._of.values() if not share.has_failed]
        smallest = min((share.size for share in there if share.is_known), default=self._most)
        largest = max((share.size for share in there), default=0)
        return len(there) > 1 and smallest * len(self._of) > self._most and 3 * largest < 4 * smallest

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
