"""The common parts of all watches of one cluster, of all identities."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from k8s.watches.reflector.backoff import ReconnectPace
from k8s.watches.reflector.initialevents import InitialEvents
from k8s.watches.watchbudget import WatchBudget
from k8s.watches.watchfigures import ClusterWatchFigures
from k8s.watches.watchmemory import WatchMemory


def uncontained(_cluster: str) -> AbstractContextManager[None]:
    """Returns a context in which unexpected errors pass."""
    return nullcontext()


@dataclass(slots=True, weakref_slot=True)
class ClusterWatching:
    """The common parts of the watches of one cluster: no object of it, nor anything of an identity.

    Attributes:
        budgets: The budgets of this cluster and of all clusters.
        memory: The memory of the objects of all clusters; None for no limit.
        pace: The pace of further requests.
        initial: The API groups whose watches cannot begin with all objects.
        figures: The figures for metrics.
        contained: Returns a context that logs unexpected errors, and raises each as one of the cluster.
    """

    budgets: tuple[WatchBudget, ...] = ()
    memory: WatchMemory | None = None
    pace: ReconnectPace = field(default_factory=ReconnectPace)
    initial: InitialEvents = field(default_factory=InitialEvents)
    figures: ClusterWatchFigures = field(default_factory=ClusterWatchFigures)
    contained: Callable[[str], AbstractContextManager[None]] = uncontained
