"""All events of a target, over every interruption: what client-go calls a reflector.

    begin ──> initial events of a watch ──────────────┐
      ^  └──> (not served: pages of a list) ──────────┤
      │                                               v
      │                                      changes after a version <──┐
      └──── 410, nonsense, too large ─────────────────┴── end, cut, ────┘
                                                          silence, 5xx

The one who takes the events holds the objects, so it knows after `began_anew` and `synced` which of them are gone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from random import SystemRandom
from typing import Final, Protocol

from k8s import errors
from k8s.watches.backoff import Backoff
from k8s.watches.limits import WatchLimits
from k8s.watches.listedobjects import listed_objects
from k8s.watches.target import WatchTarget
from k8s.watches.watchevents import EventType, WatchEvent, watch_events
from k8s.watches.watchsource import WatchSource

_RANDOM: Final = SystemRandom()
_STEADY_S: Final = 5.0
"""Seconds after which the end of a watch is the server's ordinary one, so that the next begins at once."""


class WatchSink(Protocol):
    """Takes what a watch sees; no method may take long or raise."""

    def began_anew(self) -> None:
        """Takes the beginning of all objects; until `synced`, those that are held may be gone."""
        ...

    def changed(self, events: list[WatchEvent]) -> None:
        """Takes events in the order of the server; without bookmarks."""
        ...

    def synced(self, version: str) -> None:
        """Takes the end of all objects: what was not among them is gone."""
        ...

    def reached(self, version: str) -> None:
        """Takes the version behind the events so far, from which another watch can continue."""
        ...

    def connected(self) -> None:
        """Takes the first answer of a request: the objects are live."""
        ...

    def interrupted(self, error: errors.ClusterError) -> None:
        """Takes the failure of a request; it is repeated after a wait."""
        ...


class Watch:
    """The watch of one target by one connection."""

    def __init__(
        self,
        connection: WatchSource,
        target: WatchTarget,
        *,
        limits: WatchLimits | None = None,
        backoff: Backoff | None = None,
        version: str = "",
    ) -> None:
        """Takes what to watch, without a request yet.

        Args:
            connection: The connection.
            target: What is watched.
            limits: Limits.
            backoff: The waits after failures.
            version: The version after which to begin; empty for all objects first.
        """
        self._connection = connection
        self._target = target
        self._limits = limits or WatchLimits()
        self._backoff = backoff or Backoff()
        self._version = version
        self._serves_initial = True
        self._was_refused = False

    async def run(self, sink: WatchSink) -> None:
        """Passes on everything to the sink until it is cancelled."""
        while True:
            began_s = asyncio.get_running_loop().time()
            try:
                await self._once(sink)
            except errors.Gone:
                self._version = ""
                await asyncio.sleep(self._backoff.wait_s())
            except errors.ClusterError as error:
                if self._may_refresh(error):
                    continue
                if _needs_objects(error):
                    self._version = ""
                sink.interrupted(errors.without_frames(error))
                await asyncio.sleep(self._backoff.wait_s(least_s=_pause_s(error)))
            else:
                if asyncio.get_running_loop().time() - began_s < _STEADY_S:
                    await asyncio.sleep(self._backoff.wait_s())

    async def _once(self, sink: WatchSink) -> None:
        """Makes one request, or a list and then one; returns when the server ends the watch."""
        if self._version:
            await self._follow(sink)
        elif self._serves_initial:
            await self._begin(sink)
        else:
            await self._list(sink)
            await self._follow(sink)

    async def _begin(self, sink: WatchSink) -> None:
        """Takes all objects and the changes after them from one watch, if the server has such watches."""
        try:
            await self._watch(sink, is_initial=True)
        except errors.Invalid:
            self._serves_initial = False
        except _NoEndOfInitial:
            self._serves_initial = False
        else:
            return
        await self._list(sink)
        await self._follow(sink)

    async def _follow(self, sink: WatchSink) -> None:
        await self._watch(sink, is_initial=False)

    async def _watch(self, sink: WatchSink, *, is_initial: bool) -> None:
        limits = self._limits
        ends_after_s = _RANDOM.randint(limits.least_s, limits.most_s)
        if is_initial:
            call = self._target.call_with_objects(ends_after_s=ends_after_s)
        else:
            call = self._target.call_from(self._version, ends_after_s=ends_after_s)
        async with self._connection.stream(call, answer_s=limits.answer_s, silence_s=limits.silence_s) as stream:
            self._was_refused = False  # the token is good
            if is_initial:
                sink.began_anew()
            else:
                sink.connected()
            batches = watch_events(stream, self._connection.name, call, most_bytes=limits.event_bytes)
            async with aclosing(batches), _until_end_of_initial(limits.initial_s if is_initial else None) as limit:
                async for events in batches:
                    if is_initial:
                        is_initial = self._pass_initial(events, sink)
                        if not is_initial:
                            limit.reschedule(None)
                    else:
                        self._pass_changes(events, sink)

    def _pass_initial(self, events: list[WatchEvent], sink: WatchSink) -> bool:
        """Passes on initial events; returns whether more are to come. They have no order, so no version is reached."""
        end = next((place for place, event in enumerate(events) if event.ends_initial), None)
        if objects := [event for event in events[:end] if event.type is not EventType.BOOKMARK]:
            sink.changed(objects)
        if end is None:
            return True
        self._version = events[end].metadata.resource_version
        sink.synced(self._version)
        sink.connected()
        if rest := events[end + 1 :]:
            self._pass_changes(rest, sink)
        return False

    def _pass_changes(self, events: list[WatchEvent], sink: WatchSink) -> None:
        self._version = events[-1].metadata.resource_version
        if changes := [event for event in events if event.type is not EventType.BOOKMARK]:
            sink.changed(changes)
        sink.reached(self._version)

    async def _list(self, sink: WatchSink) -> None:
        """Takes all objects from a list, page by page."""
        sink.began_anew()
        pages = listed_objects(self._connection, self._target, page_timeout_s=self._limits.page_s)
        version = ""
        async with aclosing(pages):
            async for objects, listed_version in pages:
                version = listed_version
                if objects:
                    sink.changed(objects)
        self._version = version  # not before: a list that broke off is read again
        sink.synced(version)

    def _may_refresh(self, error: errors.ClusterError) -> bool:
        """Returns whether a refused token is worth another try at once: its source may have another one."""
        may = isinstance(error, errors.Unauthenticated) and not self._was_refused
        self._was_refused = self._was_refused or may
        return may


class _NoEndOfInitial(Exception):
    """No bookmark ended the initial events in time, as with aggregated servers and some proxies."""


@asynccontextmanager
async def _until_end_of_initial(seconds: float | None) -> AsyncIterator[asyncio.Timeout]:
    """Limits the time of the initial events; whoever has seen their end lifts the limit.

    Raises:
        _NoEndOfInitial: The time is over.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield limit
    except TimeoutError:
        if limit.expired():
            raise _NoEndOfInitial from None
        raise


def _needs_objects(error: errors.ClusterError) -> bool:
    """Returns whether the version cannot be continued: what was sent is no watch, or the server was restored."""
    is_of_version = isinstance(error, errors.StatusError) and error.status in {400, 422, 504}
    return is_of_version or isinstance(error, errors.ProtocolBroken)


def _pause_s(error: errors.ClusterError) -> float:
    return (error.retry_after_s or 0.0) if isinstance(error, errors.StatusError) else 0.0
