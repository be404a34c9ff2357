"""One list that is followed: what is dirty, and what its subscribers get.

There is no queue of events. What changed is a set of keys, and an evaluation reads the current state of these objects.
So whoever takes the changes slowly gets the latest state of each object, and nothing between is missing.

All subscribers of a list share its evaluations and its payloads.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final, TypeAlias

from k8s.errors import ClusterError, ErrorCode
from k8s.watches.heldobjects import Freshness, Key
from resolvers.live.changes import Change, ChangeType, Place, SentRows
from resolvers.live.dependencies import Dependencies, Dependency
from resolvers.live.subscriber import Payload, Subscriber
from resolvers.messages.translation import localize

AT_ONCE: Final = 500
"""Objects of one evaluation."""
BEGINNING: Final = frozenset({("", "")})
"""No object's key: an evaluation of it begins the watches of a cluster, and waits for their objects."""
_SAMPLES: Final = 20
"""Objects by which the links of a list are found out."""
_RETRY_S: Final = 30.0
"""Seconds after which a cluster is tried again that could not be watched at all."""

Changed: TypeAlias = Mapping[str, frozenset[Key]]
"""The objects of an evaluation, by cluster."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a cluster is not live, as the answer shows it."""

    code: str
    message: str

    @property
    def is_lost_right(self) -> bool:
        """Returns whether what was sent of the cluster may not be seen any more."""
        return self.code in {ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED}

    @classmethod
    def of(cls, error: ClusterError) -> "Failure":
        """Returns an error in the caller's language."""
        return cls(error.code.value, localize(str(error)))


@dataclass(frozen=True, slots=True)
class ClusterState:
    """How current the objects of one cluster are.

    Attributes:
        freshness, since: The state, and its beginning.
        error: The reason if it is not live.
    """

    freshness: Freshness
    since: datetime
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        objects: The selections, as JSON, of those of the objects that are in the list now.
        failures: The errors of clusters that could not be read.
    """

    objects: Mapping[Place, bytes]
    failures: Mapping[str, Failure] = field(default_factory=dict)


Evaluate: TypeAlias = Callable[[Changed], Awaitable[Evaluation]]
Encode: TypeAlias = Callable[[Sequence[Change], Mapping[str, ClusterState]], bytes]


class LiveList:
    """One list, followed for all who subscribe to it."""

    def __init__(
        self, evaluate: Evaluate, encode: Encode, *, batch_s: float = 0.1, on_dirty: Callable[[], None] | None = None
    ) -> None:
        """Takes the functions of the list.

        Args:
            evaluate: Evaluates the selection for some objects.
            encode: Returns a payload as JSON.
            batch_s: Seconds in which changes are gathered.
            on_dirty: Hears of each change of watched objects; it must be quick.
        """
        self.dependencies = Dependencies(self._on_change)
        self._evaluate = evaluate
        self._encode = encode
        self._batch_s = batch_s
        self._hears = on_dirty or (lambda: None)
        self._subscribers: set[Subscriber] = set()
        self._dirty: defaultdict[str, set[Key]] = defaultdict(set)
        self._is_all_dirty = False
        self._changed = asyncio.Event()
        self._sent = SentRows()
        self._initial: set[Place] = set()
        self._clusters: dict[str, ClusterState] = {}
        self._shown: Mapping[str, ClusterState] = {}
        self._beginning: dict[str, asyncio.Task[None]] = {}
        self._error: BaseException | None = None

    @property
    def begun(self) -> frozenset[str]:
        """Returns the clusters whose objects have all arrived."""
        return frozenset(name for name, state in self._clusters.items() if state.freshness is Freshness.LIVE)

    @property
    def rows(self) -> int:
        """Returns the number of rows that its subscribers have."""
        return len(self._sent)

    def mark(self, places: Iterable[Place]) -> None:
        """Has rows evaluated again; one may also be of no cluster, which its evaluation knows."""
        for cluster, key in places:
            self._dirty[cluster].add(key)
        self._changed.set()

    def mark_all(self) -> None:
        """Has all rows evaluated again."""
        self._is_all_dirty = True
        self._changed.set()

    def fail(self, error: BaseException) -> None:
        """Ends all subscriptions with an error."""
        self._error = error
        self._changed.set()

    def subscribe(self) -> Subscriber:
        """Returns a new subscriber, which gets the current state first."""
        subscriber = Subscriber(self._changed.set)
        self._subscribers.add(subscriber)
        self._changed.set()
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> bool:
        """Takes a subscriber out; returns whether it was the last one."""
        self._subscribers.discard(subscriber)
        return not self._subscribers

    async def run(self, clusters: Sequence[str]) -> None:
        """Follows the list for its subscribers until it is cancelled; an error ends the subscriptions."""
        try:
            await self._follow(clusters)
        except BaseException as error:
            for subscriber in self._subscribers:
                subscriber.end(error)
            raise
        finally:
            for task in self._beginning.values():
                task.cancel()
            await asyncio.gather(*self._beginning.values(), return_exceptions=True)
            self.dependencies.close()

    async def _follow(self, clusters: Sequence[str]) -> None:
        for cluster in clusters:
            self._clusters[cluster] = ClusterState(Freshness.SYNCING, datetime.now(UTC))
            self._begin(cluster)
        while True:
            self._changed.clear()
            for task in self._beginning.values():
                if task.done() and not task.cancelled():
                    task.result()  # an error ends the list
            if self._error is not None:
                raise self._error
            await self._pass_on()
            self._begin_again()
            self._show()
            await self._changed.wait()
            await asyncio.sleep(self._batch_s)

    async def _pass_on(self) -> None:
        """Evaluates what is dirty, what new subscribers need, and what slow ones have missed; passes it on."""
        new = [one for one in self._subscribers if one.is_new]
        behind = [one for one in self._subscribers if one.is_behind and one.is_ready]
        members = [one for one in self._subscribers if not one.is_new]
        for one in new:
            one.is_new = False
            one.put(Payload(self._encode((), self._states())))
        for places in self._parts(everything=bool(new), behind=behind):
            evaluation = await self._evaluate(_by_cluster(places))
            withdrawn = self._fail(evaluation.failures)
            living = [place for place in places if place[0] not in evaluation.failures]
            changes = self._sent.differences(living, evaluation.objects, self._initial)
            self._put([*withdrawn, *changes], members)
            self._put([_initial(place, json) for place, json in evaluation.objects.items()], new)
            for one in behind:
                if caught := one.catch_up(living, evaluation.objects):
                    one.put(Payload(self._encode(caught, self._states()), caught))

    def _put(self, changes: Sequence[Change], subscribers: Sequence[Subscriber]) -> None:
        if changes and subscribers:
            payload = Payload(self._encode(changes, self._states()), changes)
            for one in subscribers:
                one.put(payload)

    def _show(self) -> None:
        """Passes on the states of the clusters if they have changed."""
        if self._shown != (states := self._states()):
            self._shown = states
            payload = Payload(self._encode((), states))
            for one in self._subscribers:
                one.put(payload)

    def _begin(self, cluster: str, *, after_s: float = 0.0) -> None:
        self._beginning[cluster] = asyncio.create_task(self._begun(cluster, after_s))

    async def _begun(self, cluster: str, after_s: float) -> None:
        """Waits until all objects of a cluster are watched; tries again after a failure."""
        while True:
            await asyncio.sleep(after_s)
            evaluation = await self._evaluate({cluster: BEGINNING})
            if cluster not in evaluation.failures:
                break
            self._note(cluster, evaluation.failures[cluster])
            self._changed.set()
            after_s = _RETRY_S
        keys = {key for dependency in self._roots(cluster) for key in dependency.held}
        await self._evaluate({cluster: frozenset(islice(keys, _SAMPLES))})  # begins the watches of links
        self._initial |= {(cluster, key) for key in keys}
        self._dirty[cluster] |= keys.union(key for at, key in self._sent if at == cluster)  # some may be gone
        self._clusters[cluster] = ClusterState(Freshness.LIVE, datetime.now(UTC))
        self._changed.set()

    def _begin_again(self) -> None:
        """Begins clusters again that have failed and whose watches are back."""
        for cluster, state in self._clusters.items():
            is_back = any(one.held.freshness is Freshness.LIVE for one in self.dependencies if one.cluster == cluster)
            if state.freshness is Freshness.FAILED and is_back:
                self._beginning[cluster].cancel()
                self._clusters[cluster] = ClusterState(Freshness.SYNCING, datetime.now(UTC))
                self._begin(cluster)

    def _on_change(self, dependency: Dependency, keys: Collection[Key]) -> None:
        if dependency.is_root:
            if self._clusters[dependency.cluster].freshness is Freshness.LIVE:  # else all are read when it begins
                self._dirty[dependency.cluster].update(keys)
        elif keys:
            self._is_all_dirty = True
        if keys:
            self._hears()
        self._changed.set()

    def _fail(self, failures: Mapping[str, Failure]) -> list[Change]:
        """Notes failures, begins their clusters again later, and returns the rows that may not be seen any more."""
        withdrawn: list[Change] = []
        for cluster, failure in failures.items():
            self._note(cluster, failure)
            if failure.is_lost_right:
                withdrawn += self._sent.withdraw(cluster)
            if self._beginning[cluster].done():
                self._begin(cluster, after_s=_RETRY_S)
        return withdrawn

    def _note(self, cluster: str, failure: Failure) -> None:
        before = self._clusters[cluster]
        if before.freshness is not Freshness.FAILED or before.error != failure:
            self._clusters[cluster] = ClusterState(Freshness.FAILED, datetime.now(UTC), failure)

    def _roots(self, cluster: str) -> Iterator[Dependency]:
        return (one for one in self.dependencies if one.is_root and one.cluster == cluster)

    def _states(self) -> Mapping[str, ClusterState]:
        """Returns the state of each cluster: the worst of the watches of its list."""
        return {cluster: self._state(cluster, state) for cluster, state in self._clusters.items()}

    def _state(self, cluster: str, state: ClusterState) -> ClusterState:
        if state.freshness is Freshness.LIVE:
            for held in (dependency.held for dependency in self._roots(cluster)):
                if held.freshness is not Freshness.LIVE:
                    failure = None if held.error is None else Failure.of(held.error)
                    is_lost = held.freshness is Freshness.FAILED
                    return ClusterState(Freshness.FAILED if is_lost else Freshness.STALE, held.since, failure)
        return state

    def _parts(self, *, everything: bool, behind: Iterable[Subscriber]) -> Iterator[list[Place]]:
        """Yields what is to be evaluated, in parts; it is clean from then on."""
        places = {(cluster, key): None for cluster, keys in self._dirty.items() for key in keys}
        if self._is_all_dirty or everything:
            places |= dict.fromkeys(self._sent)
            for dependency in self.dependencies:
                if dependency.is_root and self._clusters[dependency.cluster].freshness is Freshness.LIVE:
                    places |= {(dependency.cluster, key): None for key in dependency.held}
        for one in behind:
            places |= dict.fromkeys(one.missed)
        self._is_all_dirty = False
        self._dirty.clear()
        left = iter(places)
        while part := list(islice(left, AT_ONCE)):
            yield part


def _initial(place: Place, json: bytes) -> Change:
    return Change(ChangeType.ADDED, place, json, is_initial=True)


def _by_cluster(places: Iterable[Place]) -> Changed:
    keys: defaultdict[str, set[Key]] = defaultdict(set)
    for cluster, key in places:
        keys[cluster].add(key)
    return {cluster: frozenset(own) for cluster, own in keys.items()}
