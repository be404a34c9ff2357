"""All events of a target, over every interruption: what client-go calls a reflector.

    begin ──> initial events of a watch ──────────────┐
      ^  └──> (not served, or long: pages of a list) ─┤
      │                                               v
      │                                      changes after a version <──┐
      └──── 410, nonsense, too large ─────────────────┴── end, cut, ────┘
                                                          silence, 5xx

The one who takes the events holds the objects, so it knows after `began_anew` and `synced` which of them are gone.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from random import SystemRandom
from typing import Final

from k8s import errors
from k8s.transport.responsehead import NotOfApiServer
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.backoff import Backoff, ReconnectPace, asked_pause_s
from k8s.watches.reflector.initialevents import InitialEvents, NoEndOfInitial, end_of_initial
from k8s.watches.reflector.listedobjects import is_long, listed_objects, listed_version
from k8s.watches.reflector.watchevent import EventType, NotWatched, WatchEvent, require_not_older
from k8s.watches.reflector.watchevents import Silence, watch_events
from k8s.watches.reflector.watchsink import WatchSink
from k8s.watches.target import WatchTarget
from k8s.watches.watchfigures import ClusterWatchFigures
from k8s.watches.watchsource import WatchSource

_RANDOM: Final = SystemRandom()
_UNWATCHABLE: Final = frozenset({403, 405, 501})
"""Statuses of servers that do not let a kind be watched, or not by this identity, although it may be listed."""
_POLLS: Final = 20
"""Lists after which it is tried again to watch."""
_POLL_SHARE: Final = 10
"""The wait between two lists as a multiple of the time that one takes."""
_POLLED: Final = "Polled"
_STEADY_S: Final = 5.0
"""Seconds after which the end of a watch is the server's ordinary one, so that the next begins at once."""


class Watch:
    """The watch of one target by one connection."""

    def __init__(
        self,
        connection: WatchSource,
        target: WatchTarget,
        *,
        limits: WatchLimits | None = None,
        backoff: Backoff | None = None,
        pace: ReconnectPace | None = None,
        initial: InitialEvents | None = None,
        figures: ClusterWatchFigures | None = None,
        version: str = "",
    ) -> None:
        """Takes what to watch, without a request yet.

        Args:
            connection: The connection.
            target: What is watched.
            limits: Limits.
            backoff: The waits after failures.
            pace: The pace of the further requests of all watches of the cluster.
            initial: The API groups of the cluster whose watches cannot begin with all objects.
            figures: Counts events and requests.
            version: The version after which to begin; empty for all objects first.
        """
        self._connection = connection
        self._target = target
        self._limits = limits or WatchLimits()
        self._backoff = backoff or Backoff()
        self._pace = pace or ReconnectPace()
        self._initial = initial or InitialEvents()
        self._figures = figures or ClusterWatchFigures()
        self._version = version
        self._was_refused = self._was_gone = self._has_bookmarks = self._has_synced = False
        self._must_compare = True

    async def run(self, sink: WatchSink) -> None:
        """Passes on everything to the sink until it is cancelled."""
        while True:
            began_s = asyncio.get_running_loop().time()
            try:
                reason = await self._once(sink)
            except errors.ClusterError as error:
                reason, wait_s = type(error).reason, self._wait_after(error, sink)
                await asyncio.sleep(asked_pause_s(error))
            else:
                is_steady = asyncio.get_running_loop().time() - began_s >= _STEADY_S
                wait_s = 0.0 if is_steady else self._backoff.wait_s()
            self._figures.reconnects[reason] += 1
            if self._has_synced and not self._version and reason != _POLLED:
                self._has_synced = False
                self._figures.relists[reason] += 1
            await self._pace.pause(wait_s)
            await self._pace.turn()

    def _wait_after(self, error: errors.ClusterError, sink: WatchSink) -> float:
        """Notes a failure, and returns the seconds until the next request."""
        if isinstance(error, errors.Unauthenticated) and not self._was_refused:
            self._was_refused = True
            return 0.0  # the source of the token may have another one
        if isinstance(error, Silence) and self._version and not self._has_bookmarks:
            return 0.0  # servers without bookmarks send nothing while nothing changes
        if isinstance(error, errors.Gone) or _needs_objects(error):
            self._version = ""
        if not isinstance(error, errors.Gone) or self._was_gone:
            sink.interrupted(errors.without_frames(error))
        self._was_gone = isinstance(error, errors.Gone)
        return self._backoff.wait_s()

    async def _once(self, sink: WatchSink) -> str:
        """Makes one request, or a list and then one; returns the reason of its end when the server ends it."""
        try:
            await (self._follow(sink) if self._version else self._begin(sink))
        except (errors.StatusError, NotWatched) as error:
            if isinstance(error, errors.StatusError) and error.status not in _UNWATCHABLE:
                raise
            await self._poll(sink, times=1 if isinstance(error, errors.Forbidden) else _POLLS)
        else:
            return "Ended" if self._version else _POLLED
        return _POLLED

    async def _begin(self, sink: WatchSink) -> None:
        """Takes all objects and the changes after them."""
        may_watch = not self._initial.are_missing(self._target.kind.group)
        if may_watch and not await is_long(self._connection, self._target) and await self._begin_by_watch(sink):
            return
        await self._list(sink)
        await (self._follow(sink) if self._version else self._poll(sink, times=_POLLS, is_listed=True))

    async def _begin_by_watch(self, sink: WatchSink) -> bool:
        """Takes both from one watch; returns False if the server has no such watches."""
        try:
            return await self._watch(sink, is_initial=True)
        except errors.Invalid as error:
            if self._version or error.status in _UNWATCHABLE:
                raise
            if error.status == 400:  # perhaps due to a selector, which the list will say
                return False
        except NoEndOfInitial:
            pass
        self._initial.missed(self._target.kind.group)
        return False

    async def _follow(self, sink: WatchSink) -> None:
        """Takes the changes after the version, unless it is of the future: such a watch is silent."""
        if self._must_compare:
            version = await listed_version(self._connection, self._target, timeout_s=self._limits.page_s)
            require_not_older(version, self._version, self._connection.name)
        self._must_compare = True
        await self._watch(sink, is_initial=False)

    async def _poll(self, sink: WatchSink, *, times: int, is_listed: bool = False) -> None:
        """Lists all objects now and then, because the server does not let them be watched."""
        loop = asyncio.get_running_loop()
        for _ in range(times):
            began_s = loop.time()
            if not is_listed:
                await self._list(sink)
            is_listed = False
            sink.connected(polled_every_s=self._limits.poll_s)
            await asyncio.sleep(max(self._limits.poll_s, (loop.time() - began_s) * _POLL_SHARE))
            self._backoff.reset()

    async def _watch(self, sink: WatchSink, *, is_initial: bool) -> bool:
        """Makes one request for a watch; returns whether it had all initial events, if there were any."""
        limits, loop, target = self._limits, asyncio.get_running_loop(), self._target
        began_s, ends_after_s = loop.time(), _RANDOM.randint(limits.least_s, limits.most_s)
        if is_initial:
            call = target.call_with_objects(ends_after_s=ends_after_s)
        else:
            call = target.call_from(self._version, ends_after_s=ends_after_s)
        async with self._connection.stream(call, answer_s=limits.answer_s, silence_s=limits.silence_s) as stream:
            size, silence_s = limits.event_bytes, limits.silence_s
            batches = watch_events(stream, self._connection.name, call, most_bytes=size, silence_s=silence_s)
            with self._pace.running(self._backoff):
                is_initial = await self._pass_all(batches, sink, is_initial=is_initial)
        self._must_compare = loop.time() - began_s < ends_after_s - _STEADY_S
        return not is_initial

    async def _pass_all(
        self, batches: AsyncGenerator[list[WatchEvent], None], sink: WatchSink, *, is_initial: bool
    ) -> bool:
        """Passes on all events of a watch; returns whether the end of initial ones is missing."""
        if is_initial:
            sink.began_anew()
        else:
            sink.connected()
        async with aclosing(batches), end_of_initial(self._limits if is_initial else None) as end:
            async for events in batches:
                for event in events:
                    self._figures.events[event.type] += 1
                if is_initial:
                    is_initial = self._pass_initial(events, sink)
                    end.arrived(is_end=not is_initial)
                else:
                    self._pass_changes(events, sink)
        return is_initial

    def _pass_initial(self, events: list[WatchEvent], sink: WatchSink) -> bool:
        """Passes on initial events; returns whether more are to come. They have no order, so no version is reached."""
        end = next((place for place, event in enumerate(events) if event.ends_initial), None)
        if objects := [event for event in events[:end] if event.type is not EventType.BOOKMARK]:
            sink.changed(objects)
        if end is None:
            return True
        self._version = events[end].metadata.resource_version
        self._has_bookmarks, self._has_synced, self._was_refused = True, True, False
        sink.synced(self._version)
        sink.connected()
        if rest := events[end + 1 :]:
            self._pass_changes(rest, sink)
        return False

    def _pass_changes(self, events: list[WatchEvent], sink: WatchSink) -> None:
        for event in events:
            version = event.metadata.resource_version
            require_not_older(version, self._version, self._connection.name)
            self._version = version
        if changes := [event for event in events if event.type is not EventType.BOOKMARK]:
            sink.changed(changes)
        self._has_bookmarks = self._has_bookmarks or len(changes) < len(events)
        self._was_gone = self._was_refused = False
        sink.reached(self._version)

    async def _list(self, sink: WatchSink) -> None:
        """Takes all objects from a list, page by page."""
        sink.began_anew()
        pages = listed_objects(self._connection, self._target, self._limits)
        version = ""
        async with aclosing(pages):
            async for objects, listed in pages:
                version = listed
                if objects:
                    self._figures.events[EventType.ADDED] += len(objects)
                    sink.changed(objects)
        self._has_synced, self._must_compare, self._was_refused = True, False, False
        self._version = version  # not before: a list that broke off is read again
        sink.synced(version)


def _needs_objects(error: errors.ClusterError) -> bool:
    """Returns whether the version is void; a proxy does not say so, and that of a restored server is compared."""
    if isinstance(error, errors.StatusError):
        return error.is_of_kubernetes and error.status in {400, 422}
    return isinstance(error, errors.ProtocolBroken) and not isinstance(error, NotOfApiServer)
