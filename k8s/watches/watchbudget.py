"""The number of watches that may run at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from k8s.errorcode import ErrorCode
from k8s.errors import ClusterError


class TooManyWatches(ClusterError):
    """A watch beyond the limit of its cluster, or of all clusters."""

    code = ErrorCode.LIMIT_EXCEEDED
    retryable = True
    reason = "TooManyWatches"


class TooMuchWatched(ClusterError):
    """A watch whose objects do not fit in the memory for the objects of all watches."""

    code = ErrorCode.LIMIT_EXCEEDED
    reason = "TooMuchWatched"


@dataclass(slots=True, weakref_slot=True)
class WatchBudget:
    """The watches of one cluster, or of all clusters.

    Attributes:
        most: The largest number of watches.
        setting: The name of its setting, for messages.
        running: The number that run.
        unused: Those that run although nobody needs them at the moment, and how to end each; the oldest first.
    """

    most: int
    setting: str = ""
    running: int = 0
    unused: dict[object, Callable[[], None]] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Returns whether no further watch may run."""
        return self.running >= self.most

    def make_room(self) -> None:
        """Ends watches that nobody needs, of whatever identity, until one more may run."""
        while self.is_full and self.unused:
            watch = next(iter(self.unused))
            self.unused.pop(watch)()


def require_room(cluster: str, budgets: Sequence[WatchBudget]) -> None:
    """Makes room for one more watch of a cluster; raises TooManyWatches if there is none."""
    for budget in budgets:
        budget.make_room()
        if budget.is_full:
            cause = (
                f"{budget.running} watches run already; the limit is {budget.most} ({budget.setting}). Try again later."
            )
            raise TooManyWatches(cluster, cause)
