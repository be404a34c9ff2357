"""One cluster of a list that is followed: its rows as they were sent, what is dirty, and how current it is."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

import msgspec

from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import Key
from k8s.watches.target import WatchTarget
from resolvers.live.changes import SentRows
from resolvers.live.dependencies import Dependencies
from resolvers.live.dependency import Dependency
from resolvers.live.evaluation import ClusterState, Failure
from resolvers.live.resuming.resumetokens import ClusterPlace, WatchPlace, digest_of

KeyOf: TypeAlias = Callable[[WatchTarget, Key], Key]
"""Returns the key of a row from the target and the key of its object."""
CLUSTER_ROW: Final[Key] = ("", "cluster")
"""The key of the one row of each cluster in a list of clusters."""
Marks: TypeAlias = Mapping[Dependency, WatchPlace]


class FollowedCluster:
    """A cluster of a list.

    Attributes:
        name: Its name; empty for rows that belong to no cluster.
        identity: A digest of its id and of the rights there.
        sent: The rows that all up-to-date subscribers have.
        initial: Rows that belong to the state at the beginning, and have not been evaluated yet.
        dirty: Rows to evaluate.
        is_all_dirty: Whether all rows are to be evaluated, because of a change behind a link.
        all_due_s: The time of the loop before which that does not happen.
        is_begun: Whether all its objects were there once, and can be evaluated.
        failure: The reason if it could not begin.
        place: What up-to-date subscribers have of it; None if they have nothing.
        hurry: Set when a cluster that has failed may be worth another try.
        has_arrivals: Set when the first of its objects have arrived.
        is_arriving: Whether it has begun before all its objects were there.
        task: The task that begins it.
    """

    def __init__(self, name: str, identity: bytes, dependencies: Dependencies, key_of: KeyOf) -> None:
        """Takes the cluster, the watches of the list, and the keys of its rows."""
        self.name = name
        self.identity = identity
        self.sent = SentRows(name)
        self.initial: set[Key] = set()
        self.dirty: set[Key] = set()
        self.is_all_dirty = False
        self.all_due_s = 0.0
        self.is_begun = not name
        self.failure: Failure | None = None
        self.place: ClusterPlace | None = None
        self.hurry, self.has_arrivals = asyncio.Event(), asyncio.Event()
        self.is_arriving = False
        self.task: asyncio.Task[None] | None = None
        self._since = datetime.now(UTC)
        self._dependencies = dependencies
        self._key_of = key_of
        self._is_row = key_of is key_of_cluster
        self._link_marks: dict[Dependency, WatchPlace] = {}
        self._unsummed: dict[Dependency, set[Key]] = {}
        self._known_roots: set[Dependency] = set()

    @property
    def dependencies(self) -> list[Dependency]:
        """The watches that its rows depend on."""
        return [one for one in self._dependencies.of_cluster(self.name) if one.is_root or one.is_link]

    @property
    def roots(self) -> Iterator[Dependency]:
        """The watches of the list itself."""
        return (one for one in self._dependencies.of_cluster(self.name) if one.is_root)

    @property
    def is_chosen(self) -> bool:
        """Returns whether the list reads it at all, as far as that is known."""
        return bool(self.name) and (not self.is_begun or self._is_row or any(self.roots))

    @property
    def is_lost(self) -> bool:
        """Returns whether its rows may not be seen any more."""
        return self.failure is not None and self.failure.is_lost_right

    @property
    def has_new_roots(self) -> bool:
        """Returns whether the list has begun to read further watches, such as those of further namespaces."""
        return self.is_begun and not self._known_roots.issuperset(self.roots)

    @property
    def is_complete(self) -> bool:
        """Returns whether all its rows have been evaluated once since it began."""
        return self.is_begun and not self.initial and not self.is_arriving

    def root_keys(self) -> set[Key]:
        """Returns the keys of all rows that there may be."""
        if self._is_row:
            return {CLUSTER_ROW}
        return {self._key_of(one.held.target, key) for one in self.roots for key in one.held}

    def touch(self, dependency: Dependency, objects: Iterable[Key]) -> int:
        """Lets the rows of some objects be evaluated; returns how many of them were to be evaluated already.

        Those that arrive belong to the state at the beginning.
        """
        keys = {self._key_of(dependency.held.target, key) for key in objects}
        known = len(self.dirty & keys)
        self.dirty |= keys
        if self.is_arriving:
            self.initial |= {key for key in keys if key not in self.sent}
        return known

    def expect_more(self) -> bool:
        """Lets its objects be read before all of them are there; returns whether some are arriving."""
        roots = [root for root in self.roots if not root.held.is_complete]
        for root in roots:
            root.is_early = True
        return any(root.is_arriving and len(root.held) for root in roots)

    def begin(self, *, is_early: bool = False) -> None:
        """Begins to evaluate it: all of its rows are dirty. If it has begun early, all objects are there now."""
        was_early, self.is_arriving = self.is_arriving, is_early
        if was_early and self.is_begun:
            return
        keys = self.root_keys()
        self.initial = keys - set(self.sent) if len(self.sent) else set(keys)
        self.dirty |= keys.union(self.sent)  # some of these may be gone
        self.is_all_dirty, self.all_due_s = bool(self.dirty) and not is_early, 0.0
        self.is_begun, self.failure = True, None
        self._known_roots = set(self.roots)
        self._since = datetime.now(UTC)

    def fail(self, failure: Failure | None) -> None:
        """Notes that it cannot be evaluated until it begins again; without a failure, it is about to begin."""
        if self.is_begun or failure != self.failure:
            self._since = datetime.now(UTC)
        self.is_begun, self.failure, self.is_arriving = False, failure, False
        self.initial.clear()
        self.dirty.clear()

    def state(self) -> ClusterState:
        """Returns how current it is: the worst of the watches of its list, or stale because of a link."""
        if not self.is_begun:
            freshness = Freshness.SYNCING if self.failure is None else Freshness.FAILED
            return ClusterState(freshness, self._since, self.failure)
        if not self.is_complete:
            return ClusterState(Freshness.SYNCING, self._since)
        since = self._since
        for held in (dependency.held for dependency in self.roots):
            if held.freshness is not Freshness.LIVE:
                error = None if held.error is None else Failure.of(held.error)
                is_lost = held.freshness is Freshness.FAILED
                return ClusterState(Freshness.FAILED if is_lost else Freshness.STALE, held.since, error)
            since = max(since, held.since)
        for held in (dependency.held for dependency in self.dependencies if dependency.is_link):
            if held.freshness is Freshness.STALE:
                return ClusterState(Freshness.STALE, held.since, None if held.error is None else Failure.of(held.error))
        return ClusterState(Freshness.LIVE, since)

    async def weigh_links(self, *, sums_up: bool) -> None:
        """Finds out whether what has changed behind links matters to the rows; sums it up for tokens."""
        for link in self.dependencies:
            if not self.is_begun:
                link.forget_news()  # all rows are evaluated when it begins
            if not link.is_link or self.is_all_dirty or not self.is_begun:
                continue
            news, mark = link.take_news(), _mark(link)
            if news is None or (news and await link.is_other(news)):
                self.is_all_dirty = True
            if sums_up and link.held.is_complete:
                await link.sum_up(self._unsummed.pop(link, set()).union(news or ()))
            if not self.is_all_dirty:
                self._link_marks[link] = msgspec.structs.replace(mark, content=link.content)

    def take_dirty(self, *, is_all: bool) -> tuple[set[Key], Marks]:
        """Returns the rows to evaluate, which are clean from then on, and the marks up to which they will be then."""
        if self.has_new_roots:
            new = set(self.roots) - self._known_roots
            for one in new:
                self.touch(one, one.held)
            self._known_roots |= new
        keys, self.dirty = self.dirty, set()
        marks = {one: _mark(one) for one in self.dependencies if one.is_root and not one.is_link}
        if is_all:
            self.is_all_dirty = False
            keys |= self.root_keys().union(self.sent)
            self._link_marks.clear()
            for link in self.dependencies:
                if link.is_link:
                    news = link.take_news()
                    self._link_marks[link] = _mark(link)
                    if news is None or news:
                        self._unsummed.setdefault(link, set()).update(news or link.held)
                        self._link_marks[link] = msgspec.structs.replace(self._link_marks[link], content=0)
        return keys, marks

    def reach(self, marks: Marks) -> None:
        """Takes marks up to which all rows have been evaluated and sent."""
        if not self.name or not self.is_complete:
            return
        known = {**marks, **self._link_marks}
        for link in self._link_marks:
            if link.has_news:  # rows may show it already, or not
                known[link] = msgspec.structs.replace(known[link], content=0)
        marked = [known.get(one) for one in self.dependencies]
        is_told = not self._is_row and not self._dependencies.is_polled
        if not is_told or None in marked or not all(mark.version for mark in marked if mark is not None):
            watches = None  # or a link was read for the first time, whose mark comes later
        else:
            watches = tuple(sorted((mark for mark in marked if mark is not None), key=lambda mark: mark.target))
        sums = self.sent.sums
        self.place = ClusterPlace(self.identity, sums.rows, sums.keys, sums.content, watches)


def _mark(dependency: Dependency) -> WatchPlace:
    held = dependency.held
    return WatchPlace(
        target_digest(held.target),
        held.version,
        held.members,
        dependency.is_root,
        dependency.is_link,
        dependency.content,
    )


def key_of_object(_target: WatchTarget, key: Key) -> Key:
    """Returns the key of an object, for lists of one kind."""
    return key


def key_of_cluster(_target: WatchTarget, _key: Key) -> Key:
    """Returns the key of a cluster, for lists of clusters."""
    return CLUSTER_ROW


def target_digest(target: WatchTarget) -> bytes:
    """Returns a digest of a target, the same in every process."""
    kind = target.kind
    parts = (kind.group, kind.version, kind.plural, target.namespace or "", target.label_selector)
    return digest_of(*parts, target.field_selector, str(target.only_metadata))
