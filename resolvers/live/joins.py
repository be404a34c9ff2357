"""Joins of subscribers to the clusters of a list that is followed: from nothing, or from the place of a token."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress

from k8s.watches.heldobjects import Key
from resolvers.live.followedcluster import FollowedCluster, KeyOf
from resolvers.live.outlet import Outlet, view_of
from resolvers.live.resuming.resumetokens import ClusterPlace
from resolvers.live.resuming.resumption import NotResumable, Resumption, WatchesOf
from resolvers.live.subscriber import Joining, ListPayload, Phase, Subscriber


class Joins:
    """The joins of one list."""

    def __init__(
        self,
        clusters: Mapping[str, FollowedCluster],
        outlet: Outlet,
        *,
        key_of: KeyOf,
        watches_of: WatchesOf,
        wake: Callable[[], None],
    ) -> None:
        """Takes the list.

        Args:
            clusters: Its clusters by name.
            outlet: Encodes payloads.
            key_of: Returns the key of a row.
            watches_of: Returns the watches to which a dependency belongs.
            wake: Lets the list go on.
        """
        self._clusters = clusters
        self._outlet = outlet
        self._key_of = key_of
        self._watches_of = watches_of
        self._wake = wake
        self._payloads: dict[object, ListPayload] = {}
        self._resuming: dict[tuple[str, ClusterPlace], tuple[asyncio.Task[Mapping[Key, bool] | None], Joining]] = {}

    def prepare(self, subscribers: Collection[Subscriber]) -> None:
        """Lets subscribers join what they can join in the next pass; new ones get their first payload."""
        self._payloads.clear()
        for one in subscribers:
            if one.is_new:
                self._welcome(one)
        for one in subscribers:
            void = [name for name in tuple(one.joining) if self._advance(one, name)]
            if void:
                self._resync(one, void)
        in_use = {(name, at.place) for one in subscribers for name, at in one.joining.items()}
        for key in [key for key in self._resuming if key not in in_use]:
            self._resuming.pop(key)[0].cancel()

    def is_due(self, subscribers: Iterable[Subscriber]) -> bool:
        """Returns whether a subscriber can take its next step at once, since a pass has completed a cluster."""
        return any(
            self._clusters[name].is_complete and (at.phase is not Phase.RESUMING or at.place is None)
            for one in subscribers
            if not one.is_behind
            for name, at in one.joining.items()
        )

    async def close(self) -> None:
        """Ends what is under way."""
        tasks = [task for task, _first in self._resuming.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _welcome(self, one: Subscriber) -> None:
        one.is_new = False
        void = []
        for name, place in one.places.items():
            cluster = self._clusters.get(name)
            if cluster is None or cluster.identity != place.identity or place.rows < 0:
                void.append(name)
            else:
                one.joining[name] = Joining(place)
        for name, cluster in self._clusters.items():
            if name not in one.joining and len(cluster.sent):
                one.joining[name] = Joining(None)
        one.tell(self._said(one, void))

    def _advance(self, one: Subscriber, name: str) -> bool:
        """Takes the next step of a join; returns whether the rows that the subscriber has are void."""
        cluster, joining = self._clusters[name], one.joining[name]
        if joining.place is not None and (joining.place.identity != cluster.identity or cluster.is_lost):
            return True
        if not cluster.is_complete or joining.phase is Phase.BEGINNING:
            return False
        if joining.place is None:
            if joining.phase is Phase.RESUMING:
                self._catch_up(one, name)
            elif not one.is_behind:
                joining.phase = Phase.BEGINNING
            return False
        if joining.phase is Phase.WAITING:
            if joining.place.sums == cluster.sent.sums:
                del one.joining[name]  # it has exactly the rows of now
                one.is_owed = True
                return False
            joining.phase = Phase.RESUMING
            self._resume(cluster, joining.place, joining)
        task, _first = self._resuming[name, joining.place]
        if not task.done():
            return False
        if (missed := task.result()) is None:
            return True
        joining.noted |= {(name, key): had for key, had in missed.items()}
        self._catch_up(one, name)
        return False

    def _catch_up(self, one: Subscriber, name: str) -> None:
        one.missed |= one.joining.pop(name).noted
        one.is_behind = one.is_behind or bool(one.missed)
        one.is_owed = True

    def _resync(self, one: Subscriber, void: Collection[str]) -> None:
        """Says that rows are void, and lets the subscriber begin with their clusters."""
        for name in void:
            del one.joining[name]
            if len(self._clusters[name].sent):
                one.joining[name] = Joining(None)
        one.tell(self._said(one, void))
        for name in void:
            if name in one.joining:
                self._advance(one, name)

    def _said(self, one: Subscriber, void: Collection[str]) -> ListPayload:
        """Returns the payload that says which rows are void, encoded once for all to whom it says the same."""
        view, busy = view_of(one), frozenset(name for name, _key in one.missed)
        key = (view, busy, frozenset(void))
        payload = self._payloads.get(key)
        if payload is None:
            payload = self._payloads[key] = self._outlet.payload((), view, busy=busy, resynced=void)
        return payload

    def _resume(self, cluster: FollowedCluster, place: ClusterPlace, joining: Joining) -> None:
        """Begins to find out what has changed since a place, for all subscribers that had it."""
        key = (cluster.name, place)
        known = self._resuming.get(key)
        if known is not None and not known[0].done():
            joining.noted = dict(known[1].noted)  # changes since that resumption began
            return
        resumption = Resumption(cluster, place, self._key_of, self._watches_of)
        task = asyncio.create_task(_missed(resumption), name=f"resumption at {cluster.name}")
        task.add_done_callback(lambda _task: self._wake())
        self._resuming[key] = task, joining


async def _missed(resumption: Resumption) -> Mapping[Key, bool] | None:
    with suppress(NotResumable):
        return await resumption.missed()
    return None
