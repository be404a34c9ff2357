"""One pass of a list that is followed: what is dirty is evaluated, and its changes go to the subscribers.

A subscriber that has not joined a cluster yet, or is behind, gets in the same pass what it lacks: the state of an
object after the pass is the same for all of them, and nobody gets it twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from k8s.turns.turns import Pace
from k8s.watches.heldobjects import Key
from resolvers.live.changes import ChangeType, Place, RowChange
from resolvers.live.evaluation import AT_ONCE, Evaluate, Evaluation, by_cluster
from resolvers.live.followedcluster import FollowedCluster, Marks
from resolvers.live.outlet import Outlet, PendingChange, View, part_of, view_of
from resolvers.live.resuming.resumetokens import ClusterPlace
from resolvers.live.subscriber import Joining, ListPayload, Missed, Phase, Subscriber, note


class LivePass:
    """One pass.

    Attributes:
        unsettled: Rows with errors, to be evaluated again after a while.
        covered: The clusters of which all rows were evaluated.
        is_unfinished: Whether a subscriber could not get all that it had missed.
    """

    def __init__(
        self,
        clusters: Mapping[str, FollowedCluster],
        subscribers: Collection[Subscriber],
        outlet: Outlet,
        evaluate: Evaluate,
    ) -> None:
        """Takes the list as it is."""
        self.unsettled: set[Place] = set()
        self.covered: set[str] = set()
        self.is_unfinished = False
        self._clusters = clusters
        self._outlet = outlet
        self._evaluate = evaluate
        self._all = tuple(subscribers)
        self._current = [one for one in self._all if not one.is_behind]
        self._behind = [one for one in self._all if one.is_behind]
        self._catching = {one: list[RowChange]() for one in self._behind if one.is_ready}
        self._beginners = {
            name for one in self._current for name, at in one.joining.items() if at.phase is Phase.BEGINNING
        }
        self._caught: dict[object, ListPayload] = {}
        self._pending: list[PendingChange] = []
        self._begun: defaultdict[str, set[Key]] = defaultdict(set)
        self._repeated: defaultdict[str, Mapping[Key, bytes]] = defaultdict(dict)
        self._touched: set[str] = set()
        self._marks: dict[str, Marks] = {}
        self._busy: set[str] = set()
        self._falling_behind: list[tuple[Subscriber, str]] = []

    async def evaluate(self, now_s: float) -> None:
        """Evaluates what is dirty, which is clean from then on, and sends most of its changes.

        Takes the time of the loop.
        """
        for cluster in self._clusters.values():
            if cluster.is_lost:
                self._withdraw(cluster)
            elif not cluster.is_begun:
                self._postpone(cluster.name)
        left = iter(dict.fromkeys(self._places(now_s)))
        await self._repeat()
        while places := [*islice(left, AT_ONCE)]:
            if part := [place for place in places if self._clusters[place[0]].is_begun]:
                await self._evaluated(part)
        for name, marks in self._marks.items():
            self._clusters[name].reach(marks)

    def finish(self, *, is_forced: bool) -> None:
        """Sends the rest of the changes; if it is forced, all subscribers get a payload, even without changes."""
        self._flush(is_last=True, is_forced=is_forced)
        for one in self._current:
            for name in [name for name, at in one.joining.items() if at.phase is Phase.BEGINNING]:
                del one.joining[name]
        for one, changes in self._catching.items():
            self._put_caught(one, changes, is_last=not one.missed)
        for one, name in self._falling_behind:
            one.missed |= one.joining.pop(name).noted
            one.is_behind = True
        self.is_unfinished = any(one.is_behind and one.is_ready for one in self._all)

    def _places(self, now_s: float) -> Iterator[Place]:
        """Yields what is to be evaluated."""
        for name, cluster in self._clusters.items():
            if not cluster.is_begun:
                continue
            is_all = cluster.is_all_dirty and now_s >= cluster.all_due_s
            if is_all:
                self.covered.add(name)
            keys, self._marks[name] = cluster.take_dirty(is_all=is_all)
            if name in self._beginners:
                kept = cluster.sent.kept()
                self._repeated[name] = {key: json for key, json in kept.items() if key not in keys}
                keys.update(key for key in cluster.sent if key not in kept)
            if keys or self._repeated[name]:
                self._busy.add(name)
            yield from ((name, key) for key in keys)
        for one, changes in self._catching.items():
            is_there = {place: self._is_begun(place) for place in one.missed}
            changes += one.catch_up([place for place, is_begun in is_there.items() if not is_begun], {})  # withdrawn
            yield from (place for place, is_begun in is_there.items() if is_begun)

    def _is_begun(self, place: Place) -> bool:
        return place[0] in self._clusters and self._clusters[place[0]].is_begun

    async def _repeat(self) -> None:
        """Sends kept rows to subscribers that begin."""
        pace = Pace()
        for name, rows in self._repeated.items():
            for key, json in rows.items():
                self._begin_with(name, key, json)
                if len(self._pending) >= AT_ONCE:
                    self._flush(is_last=False)
                await pace.breathe()

    def _begin_with(self, name: str, key: Key, json: bytes) -> None:
        self._begun[name].add(key)
        change = RowChange(ChangeType.ADDED, (name, key), json, is_initial=True)
        self._pending.append(PendingChange(change, is_beginning=True))

    async def _evaluated(self, places: Sequence[Place]) -> None:
        """Evaluates some places, and takes their changes."""
        evaluation = await self._evaluate(by_cluster(places))
        self.unsettled.update(evaluation.unsettled)
        for name, failure in evaluation.failures.items():
            if name in self._clusters and self._clusters[name].is_begun:
                self._clusters[name].fail(failure)
                self._give_up(self._clusters[name])
        keys: defaultdict[str, list[Key]] = defaultdict(list)
        for name, key in places:
            if name not in evaluation.failures:
                keys[name].append(key)
        pace = Pace()
        for name, own in keys.items():
            self._take(self._clusters[name], own, evaluation)
            await pace.breathe()
        for subscriber, changes in self._catching.items():
            changes += subscriber.catch_up((place for place in places if place[0] in keys), evaluation.objects)
            if len(changes) >= AT_ONCE:
                self._put_caught(subscriber, changes, is_last=False)
            await pace.breathe()
        if len(self._pending) >= AT_ONCE:
            self._flush(is_last=False)

    def _take(self, cluster: FollowedCluster, keys: Sequence[Key], evaluation: Evaluation) -> None:
        """Takes the changes of one cluster, for all who have joined it, or are about to."""
        name = cluster.name
        if changes := cluster.sent.differences(keys, evaluation.objects, cluster.initial):
            self._touched.add(name)
            self._send(name, changes)
        if name in self._beginners:
            for key in keys:
                if (json := evaluation.objects.get((name, key))) is not None:
                    cluster.sent.keep(key, json)
                    self._begin_with(name, key, json)

    def _send(self, name: str, changes: Sequence[RowChange]) -> None:
        self._pending += [PendingChange(change, is_beginning=False) for change in changes]
        for one in self._all:
            if (joining := one.joining.get(name)) is not None and joining.phase is Phase.RESUMING:
                note(joining.noted, changes)
        for one in self._behind:
            if name not in one.joining:
                one.note(changes)

    def _give_up(self, cluster: FollowedCluster) -> None:
        """Ends the pass of a cluster that has failed; whoever lacks rows of it gets them when it is back."""
        name = cluster.name
        self._flush(is_last=False)
        self._busy.discard(name)
        del self._marks[name]
        if cluster.is_lost:
            deleted = (RowChange(ChangeType.DELETED, (name, key)) for key in self._begun[name])
            self._pending += [PendingChange(change, is_beginning=True) for change in deleted]
            self._withdraw(cluster)
            return
        if name in self._touched:
            cluster.place = ClusterPlace.incomplete(cluster.identity)
        lacking: Missed = {(name, key): None for key in cluster.sent if key not in self._begun[name]}
        for one in self._current:
            if (joining := one.joining.get(name)) is not None and joining.phase is Phase.BEGINNING:
                one.joining[name] = Joining(None, Phase.RESUMING, noted=dict(lacking))
        self._postpone(name)

    def _postpone(self, name: str) -> None:
        """Lets those who have missed rows of a cluster wait until it has begun again."""
        for one in self._all:
            if missed := {place: had for place, had in one.missed.items() if place[0] == name}:
                one.joining[name] = Joining(None, Phase.RESUMING, noted=missed)
                for place in missed:
                    del one.missed[place]

    def _withdraw(self, cluster: FollowedCluster) -> None:
        """Withdraws all rows of a cluster, which may not be seen any more."""
        withdrawn, cluster.place = cluster.sent.withdraw(), None
        if not withdrawn:
            return
        self._send(cluster.name, withdrawn)
        for one in self._all:
            joining = one.joining.get(cluster.name)
            if joining is not None and joining.phase is Phase.RESUMING and joining.place is None:
                self._falling_behind.append((one, cluster.name))

    def _flush(self, *, is_last: bool, is_forced: bool = False) -> None:
        """Sends the pending changes, encoded once for all subscribers that get the same."""
        pending, self._pending = self._pending, []
        groups: defaultdict[tuple[View, bool], list[Subscriber]] = defaultdict(list)
        for one in self._current:
            groups[view_of(one), one.is_owed].append(one)
        for (view, is_owed), subscribers in groups.items():
            changes = part_of(pending, view)
            is_beginning = any(phase is Phase.BEGINNING for _name, phase, _place in view)
            if not changes and not (is_last and (is_forced or is_owed or is_beginning)):
                continue
            is_beginning = is_beginning or any(change.is_initial for change in changes)
            if is_last:  # whoever began with a cluster has joined it now
                view = tuple(one for one in view if one[1] is not Phase.BEGINNING)
            busy = () if is_last else self._busy
            payload = self._outlet.payload(changes, view, busy=busy, is_beginning=is_beginning)
            for one in subscribers:
                one.put(payload)
                one.is_owed = one.is_owed and not is_last

    def _put_caught(self, subscriber: Subscriber, changes: list[RowChange], *, is_last: bool) -> None:
        """Sends what a subscriber had missed; equal payloads are encoded once."""
        if not changes and not is_last:
            return
        view, busy = view_of(subscriber), frozenset(() if is_last else {name for name, _ in subscriber.missed})
        key = (view, busy, tuple((change.type, change.is_initial, change.place) for change in changes))
        payload = self._caught.get(key)
        if payload is None:
            busy = busy if is_last else busy | self._busy
            syncing = {place[0] for place, had in subscriber.missed.items() if had is None}
            payload = self._outlet.payload(tuple(changes), view, busy=busy, syncing=syncing)
            self._caught[key] = payload
        changes.clear()
        subscriber.is_behind = False
        subscriber.put(payload)
        subscriber.is_behind = not is_last or subscriber.is_behind
