"""The clusters of one list that is followed: they join, begin anew, and leave."""

import asyncio
from collections.abc import Callable, Iterable

from k8s.errors import ErrorCode
from resolvers.live.beginning import FIRST_RETRY_S, begin
from resolvers.live.dependencies import Dependencies
from resolvers.live.evaluation import Evaluate, Failure
from resolvers.live.followedcluster import FollowedCluster, KeyOf
from resolvers.live.members import Member, Members
from resolvers.live.subscriber import Subscriber
from resolvers.messages.translation import localize
from store.errors import StoreError


class ClusterMembership:
    """The clusters of a list.

    Attributes:
        clusters: They, by name; the empty name is that of rows that belong to no cluster.
    """

    def __init__(
        self,
        members: Members,
        dependencies: Dependencies,
        evaluate: Evaluate,
        *,
        key_of: KeyOf,
        wake: Callable[[], None],
    ) -> None:
        """Takes the list.

        Args:
            members: Returns the clusters that exist, by name.
            dependencies: The watches of the list.
            evaluate: Evaluates the list.
            key_of: Returns the key of a row.
            wake: Lets the list go on.
        """
        self.clusters: dict[str, FollowedCluster] = {}
        self._members = members
        self._dependencies = dependencies
        self._evaluate = evaluate
        self._key_of = key_of
        self._wake = wake
        self._known: dict[str, Member] = {}

    def of(self, name: str) -> FollowedCluster | None:
        """Returns a cluster of the list; that of no cluster is there as soon as it is needed."""
        if not name and name not in self.clusters:
            self._add(name, b"")
        return self.clusters.get(name)

    async def renew(self) -> bool:
        """Lets clusters join and leave; one with other rights, or other watches, begins anew.

        Returns whether to call it again soon: another cluster has got a name, and the one before leaves first.

        Raises:
            StoreError: The clusters have never been read, and cannot be.
        """
        try:
            members = await self._members()
        except StoreError:
            if not self._known:
                raise
            return False
        others = {name for name, one in self._known.items() if name in members and members[name].id != one.id}
        for name, member in members.items():
            known = self._known.get(name)
            if known == member or name in others:
                continue
            cluster = self.clusters.get(name) or self._add(name, member.identity)
            if known is not None:
                cluster.fail(None)
                self._dependencies.forget(name)
                cluster.identity = member.identity
            self._begin(cluster)
        for name in (self._known.keys() - members.keys()) | others:
            text = f"Cluster {name!r} is no longer one of this list."
            self.clusters[name].fail(Failure(ErrorCode.FORBIDDEN, localize(text)))
            self._dependencies.forget(name)
        self._known = {name: member for name, member in members.items() if name not in others}
        return bool(others)

    def tidy(self, subscribers: Iterable[Subscriber]) -> None:
        """Forgets clusters that have left, whose rows are withdrawn, and begins those again that have failed."""
        for name, cluster in tuple(self.clusters.items()):
            if name and name not in self._known:
                self._stop(cluster)
                del self.clusters[name]
                for subscriber in subscribers:
                    subscriber.joining.pop(name, None)
                self._wake()
            elif name and not cluster.is_begun and (cluster.task is None or cluster.task.done()):
                self._begin(cluster, after_s=FIRST_RETRY_S)

    async def close(self) -> None:
        """Ends what is under way."""
        tasks = [cluster.task for cluster in self.clusters.values() if cluster.task is not None]
        for cluster in self.clusters.values():
            self._stop(cluster)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, cluster: FollowedCluster, *, after_s: float = 0.0) -> None:
        self._stop(cluster)
        beginning = begin(cluster, self._evaluate, self._wake, after_s=after_s)
        cluster.task = asyncio.create_task(beginning, name=f"beginning of {cluster.name}")
        cluster.task.add_done_callback(lambda _task: self._wake())

    def _stop(self, cluster: FollowedCluster) -> None:
        if cluster.task is not None:
            cluster.task.cancel()

    def _add(self, name: str, identity: bytes) -> FollowedCluster:
        cluster = self.clusters[name] = FollowedCluster(name, identity, self._dependencies, self._key_of)
        return cluster
