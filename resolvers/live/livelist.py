"""One list that is followed: what is dirty, and what its subscribers get.

There is no queue of events. What changed is a set of keys, and an evaluation reads the current state of these objects.
So whoever takes the changes slowly gets the latest state of each object, and nothing between is missing.

All subscribers of a list share its evaluations and its payloads.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from k8s.turns.activity import activity_of_loop
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import Held, Key
from resolvers.live.changes import ChangeFigures, Place
from resolvers.live.dependencies import Dependencies
from resolvers.live.dependency import Dependency
from resolvers.live.evaluation import Encode, Evaluate
from resolvers.live.followedcluster import KeyOf, key_of_object
from resolvers.live.joins import Joins
from resolvers.live.livepass import LivePass
from resolvers.live.members import Members
from resolvers.live.membership import ClusterMembership
from resolvers.live.outlet import Outlet
from resolvers.live.resuming.resumetokens import ResumePlace, ResumeTokens
from resolvers.live.subscriber import Subscriber

CHECK_S: Final = 5.0
"""Seconds between two checks of the clusters that exist, and of the subscribers that take nothing."""
_UNSETTLED_S: Final = 30.0
"""Seconds after which rows with errors are evaluated again."""
_TOKEN_S: Final = 60.0
"""Seconds after which a new token is sent although nothing else has changed."""
_ARRIVING_S: Final = 0.01
"""Seconds in which arriving objects are gathered: a few hundred, so that an evaluation is worth its own cost."""
_SHARE: Final = 4
"""Evaluations of all rows because of links take at most one part of so many, and one more, of the time."""
_LONGEST_S: Final = 30.0
"""The longest wait for such an evaluation."""


class LiveList:
    """One list, followed for all who subscribe to it."""

    def __init__(
        self,
        evaluate: Evaluate,
        encode: Encode,
        *,
        members: Members,
        tokens: ResumeTokens | None = None,
        batch_s: float = 0.1,
        on_dirty: Callable[[], None] = lambda: None,
        key_of: KeyOf = key_of_object,
        figures: ChangeFigures | None = None,
    ) -> None:
        """Takes the functions of the list, and resume tokens if they are asked for.

        Changes are gathered for `batch_s` seconds; `on_dirty` hears of each at once, and must be quick. The key of a
        row is that of its object, or what `key_of` makes of it. `figures` count for metrics.
        """
        self._figures = figures or ChangeFigures()
        self.dependencies = Dependencies(self._on_change)
        self._evaluate = evaluate
        self._has_tokens = tokens is not None
        self._batch_s = batch_s
        self._on_dirty = on_dirty
        self._subscribers: dict[Subscriber, None] = {}
        self._changed = asyncio.Event()
        wake = self._changed.set
        self._membership = ClusterMembership(members, self.dependencies, evaluate, key_of=key_of, wake=wake)
        self._clusters = self._membership.clusters
        self._outlet = Outlet(encode, self._clusters, tokens)
        watches_of = self.dependencies.watches_of
        self._joins = Joins(self._clusters, self._outlet, key_of=key_of, watches_of=watches_of, wake=wake)
        self._shown: tuple[object, str] = (None, "")
        self._begun = frozenset[str]()
        self._unsettled: set[Place] = set()
        self._check_s = self._retry_s = self._token_s = 0.0

    def subscribe(self, place: ResumePlace | None = None) -> Subscriber:
        """Returns a new subscriber, which gets the current state first, or what has changed since a place."""
        subscriber = Subscriber(self._changed.set, {} if place is None else place.clusters)
        self._subscribers[subscriber] = None
        self._changed.set()
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> bool:
        """Takes a subscriber out; returns whether it was the last one."""
        self._subscribers.pop(subscriber, None)
        return not self._subscribers

    @property
    def begun(self) -> frozenset[str]:
        """Returns the names of the clusters of which all rows were evaluated once."""
        return frozenset(name for name, cluster in self._clusters.items() if name and cluster.is_complete)

    @property
    def rows(self) -> int:
        """Returns the number of rows that up-to-date subscribers have."""
        return sum(len(cluster.sent) for cluster in self._clusters.values())

    def fail(self, error: BaseException) -> None:
        """Ends all subscriptions with an error."""
        for subscriber in self._subscribers:
            subscriber.end(error)

    def mark(self, places: Iterable[Place]) -> None:
        """Lets rows be evaluated again; the empty name is that of rows that belong to no cluster."""
        for name, key in places:
            if (cluster := self._membership.of(name)) is not None and cluster.is_begun:
                cluster.dirty.add(key)
        self._changed.set()

    def mark_all(self) -> None:
        """Lets all rows be evaluated again."""
        for cluster in self._clusters.values():
            cluster.is_all_dirty = True
        self._changed.set()

    async def run(self) -> None:
        """Follows the list for its subscribers until it is cancelled; an error ends the subscriptions."""
        try:
            while True:
                self._changed.clear()
                await self._check()
                await self._pass_on()
                await self._wait()
        except BaseException as error:
            self.fail(error)
            raise
        finally:
            await self._membership.close()
            await self._joins.close()
            self.dependencies.close()

    async def _check(self) -> None:
        """Checks from time to time which clusters exist, who takes nothing, and what is to be evaluated again."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._check_s:
            self._check_s = now_s + CHECK_S
            if await self._membership.renew():
                self._check_s = now_s
            for subscriber in tuple(self._subscribers):
                subscriber.end_if_stalled()
            for cluster in self._clusters.values():
                cluster.sent.tidy()
        if self._unsettled and now_s >= self._retry_s:
            unsettled, self._unsettled = self._unsettled, set()
            self.mark(unsettled)

    async def _pass_on(self) -> None:
        """Evaluates what is dirty, what new subscribers need, and what slow ones have missed; passes it on."""
        loop = asyncio.get_running_loop()
        for cluster in tuple(self._clusters.values()):  # that of no cluster may join meanwhile
            if cluster.task is not None and cluster.task.done() and not cluster.task.cancelled():
                cluster.task.result()  # an error ends the list
            await cluster.weigh_links(sums_up=self._has_tokens)
        self._joins.prepare(tuple(self._subscribers))
        began_s = loop.time()
        one = LivePass(self._clusters, tuple(self._subscribers), self._outlet, self._evaluate)
        await one.evaluate(began_s)
        states, token = self._outlet.states(), self._outlet.token()
        is_due = token != self._shown[1] and began_s >= self._token_s
        if is_forced := self._shown[0] != states or is_due:
            self._shown, self._token_s = (states, token), began_s + _TOKEN_S
        one.finish(is_forced=is_forced)
        took_s = loop.time() - began_s
        for name in one.covered:
            self._clusters[name].all_due_s = began_s + took_s + min(_LONGEST_S, _SHARE * took_s)
        if one.unsettled and not self._unsettled:
            self._retry_s = began_s + _UNSETTLED_S
        self._unsettled |= one.unsettled
        self._membership.tidy(self._subscribers)
        if (begun := self.begun) != self._begun:  # totals are of these clusters
            self._begun = begun
            self._on_dirty()
        has_new_roots = any(cluster.has_new_roots for cluster in self._clusters.values())
        if one.is_unfinished or has_new_roots or self._joins.is_due(self._subscribers):
            self._changed.set()

    async def _wait(self) -> None:
        """Waits for a change, or for the time of the next check."""
        now_s = asyncio.get_running_loop().time()
        until_s = min(self._check_s, *self._due_times())
        try:
            async with asyncio.timeout(max(0.0, until_s - now_s)):
                await self._changed.wait()
        except TimeoutError:
            return
        if any(one.is_arriving for one in self._clusters.values()):
            await asyncio.sleep(_ARRIVING_S)
        elif not any(one.initial for one in self._clusters.values()):
            await asyncio.sleep(self._batch_s)
            await activity_of_loop().rest(self._batch_s)

    def _due_times(self) -> Iterator[float]:
        yield self._check_s
        if self._unsettled:
            yield self._retry_s
        yield from (one.all_due_s for one in self._clusters.values() if one.is_all_dirty and one.is_begun)

    def _on_change(self, dependency: Dependency, before: Mapping[Key, Held | None]) -> None:
        cluster = self._clusters.get(dependency.cluster)
        if cluster is not None and dependency.is_root:
            if dependency.held.freshness is Freshness.LIVE and (cluster.is_arriving or not cluster.is_begun):
                cluster.hurry.set()
            if not cluster.is_begun:
                cluster.has_arrivals.set()
            elif before:
                self._figures.coalesced += cluster.touch(dependency, before)
            elif dependency.held.freshness is Freshness.FAILED:
                cluster.dirty.add(("", ""))  # no object: but the evaluation finds out what else may be watched
        self._changed.set()
        self._on_dirty()
