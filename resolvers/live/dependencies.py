"""The watches that one subscription uses, found out while its selection is evaluated.

A kind is watched from the moment in which the evaluation reads it: the kind of the list, and those of its links.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import TypeAlias

from k8s.watches.heldobjects import Held, Key
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from resolvers.live.dependency import Dependency

OnChange: TypeAlias = Callable[[Dependency, Mapping[Key, Held | None]], None]
"""Hears of changed objects with their states before; of none for another freshness."""


class Dependencies:
    """All watches of one subscription, held until it is closed.

    Attributes:
        is_polled: Whether it also reads what no watch tells, such as the usage of pods, so that it is read again.
    """

    def __init__(self, on_change: OnChange) -> None:
        """Takes the function that hears of every change; it must be quick."""
        self.is_polled = False
        self._on_change = on_change
        self._found: dict[str, dict[WatchTarget, tuple[Dependency, SharedWatches, ExitStack]]] = {}
        self._refused: set[tuple[str, WatchTarget]] = set()

    def __iter__(self) -> Iterator[Dependency]:
        return (found[0] for of_cluster in tuple(self._found.values()) for found in tuple(of_cluster.values()))

    def of_cluster(self, cluster: str) -> Iterator[Dependency]:
        """Yields the dependencies of a cluster, by its name."""
        return (found[0] for found in tuple(self._found.get(cluster, {}).values()))

    def watches_of(self, dependency: Dependency) -> SharedWatches | None:
        """Returns the watches to which a dependency belongs; None if it was released."""
        found = self._found.get(dependency.cluster, {}).get(dependency.held.target)
        return None if found is None or found[0] is not dependency else found[1]

    def of(self, cluster: str, watches: SharedWatches, target: WatchTarget) -> Dependency:
        """Returns the dependency on a target, whose watch is begun if there is none.

        Args:
            cluster: The name of the cluster.
            watches: The watches of the identity there; a dependency on others is given up.
            target: The target.

        Raises:
            ClusterError: No further watch may run.
        """
        of_cluster = self._found.setdefault(cluster, {})
        if (known := of_cluster.get(target)) is not None:
            if known[1] is watches and not known[0].held.is_ended:
                return known[0]
            self.release(cluster, target)  # the identity has another client now
        release = ExitStack()
        held = release.enter_context(watches.held(target))
        found = Dependency(cluster, held, self._on_change)
        of_cluster[target] = found, watches, release
        held.listen(found)
        release.callback(held.unlisten, found)
        return found

    def may_widen(self, cluster: str, target: WatchTarget) -> bool:
        """Returns whether a link is to watch `target`, which covers all namespaces: the list does so, too."""
        if (cluster, target) in self._refused:
            return False
        return any(one.is_root and one.held.target.namespace is None for one in self.of_cluster(cluster))

    def refuse(self, cluster: str, target: WatchTarget) -> None:
        """Notes that a target may not be watched, until the cluster is forgotten."""
        self._refused.add((cluster, target))

    def release(self, cluster: str, target: WatchTarget) -> None:
        """Releases one watch."""
        if (known := self._found.get(cluster, {}).pop(target, None)) is not None:
            known[2].close()

    def forget(self, cluster: str) -> None:
        """Releases all watches of a cluster."""
        for target in tuple(self._found.get(cluster, {})):
            self.release(cluster, target)
        self._refused = {refused for refused in self._refused if refused[0] != cluster}

    def close(self) -> None:
        """Releases all watches."""
        for cluster in tuple(self._found):
            self.forget(cluster)
