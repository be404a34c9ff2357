"""One watch that a subscription uses, and whether its changes matter.

A linked kind may change all the time without any change of what is selected of it: nodes report that they are alive.
So the states of an object before its changes are kept until they have been compared with its state now, by the paths
that were read of it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import msgspec

from k8s.deniedvalues import DeniedValues
from k8s.errors import ClusterError, TimedOut
from k8s.masking.masking import Masking
from k8s.reading.decoder import Undecodable
from k8s.reading.listing import ListRequest
from k8s.reading.rowdecoders import object_decoder
from k8s.reading.selection import Selection
from k8s.transport.deadline import Deadline
from k8s.turns.turns import Pace
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import Held, HeldObjects, Key

_MOST_SUMMED: Final = 2000
"""Objects of a link of which there is a sum; a hash takes 100 bytes for each list that follows it."""
_MOST_STATES: Final = 8
"""States of one object that are compared; more of them count as a change."""


@dataclass(eq=False)
class Dependency:
    """One watch of one cluster; hears of its changes.

    Attributes:
        cluster: The name of the cluster.
        held: Its objects.
        is_root: Whether they are objects of the list itself.
        is_link: Whether they are objects of its links.
        is_read: Whether objects were read at least once.
        is_early: Whether its objects are read before all of them are there.
        content: The sum of the hashes of what links read of all objects, as of the last `sum_up`; 0 if it is unknown.
    """

    cluster: str
    held: HeldObjects
    on_change: Callable[["Dependency", Mapping[Key, Held | None]], None]
    is_root: bool = False
    is_link: bool = False
    is_read: bool = False
    is_early: bool = False
    content: int = 0
    _hashes: dict[Key, int] | None = None
    _views: dict[tuple[str, Selection], Any] = field(default_factory=dict)
    _states: dict[Key, list[Held | None]] = field(default_factory=dict)
    _was_missed: bool = False
    _waiting: list["asyncio.Future[None]"] = field(default_factory=list)

    def changed(self, before: Mapping[Key, Held | None]) -> None:
        """Hears of changed objects."""
        if self.is_link and self.is_read:
            for key, state in before.items():
                states = self._states.setdefault(key, [])
                if len(states) <= _MOST_STATES:
                    states.append(state)
        self.on_change(self, before)

    def refreshed(self) -> None:
        """Hears of another freshness."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()
        self.on_change(self, {})

    @property
    def is_arriving(self) -> bool:
        """Returns whether objects are read that are not all there yet."""
        return self.is_early and not self.held.is_complete and self.held.freshness is Freshness.SYNCING

    @property
    def has_news(self) -> bool:
        """Returns whether `is_other` may find something."""
        return bool(self._states) or (self._was_missed and self.held.is_complete)

    def forget_news(self) -> None:
        """Forgets changes before an evaluation of all rows."""
        self._states.clear()
        self._hashes, self.content = None, 0

    def view(self, request: ListRequest, masking: Masking) -> None:
        """Notes that the paths of a request are read of each object by a link."""
        key = (request.structure, request.selection)
        if key not in self._views:
            masks = masking.of(request.kind)
            self._views[key] = object_decoder(*key, request.kind, request.structures, masks)
            self._hashes, self.content = None, 0

    def take_news(self) -> Mapping[Key, list[Held | None]] | None:
        """Returns the states of changed objects since the last call; None if objects were missed before that."""
        states, self._states = self._states, {}
        if self._was_missed and self.held.is_complete:
            self._was_missed = False
            return None
        return states

    async def is_other(self, news: Mapping[Key, list[Held | None]]) -> bool:
        """Returns whether what links read of changed objects is another than now in one of their states before."""
        pace = Pace()
        for key, states in news.items():
            now = self.held.get(key)
            if now is None or None in states or len(states) > _MOST_STATES:
                if now is None and states == [None]:
                    continue  # added and deleted at once
                return True
            for before in states:
                if before is not None and not await self._are_alike(before, now):
                    return True
                await pace.breathe()
        return False

    async def sum_up(self, keys: Iterable[Key]) -> None:
        """Brings `content` up to date, whose objects of some keys have changed; there is none for very many objects."""
        if len(self.held) > _MOST_SUMMED:
            self._hashes, self.content = None, 0
            return
        if self._hashes is None:
            keys, self._hashes, self.content = tuple(self.held), {}, 0
        hashes, content, pace = self._hashes, self.content, Pace()
        for key in keys:
            content -= hashes.pop(key, 0)
            if (held := self.held.get(key)) is not None:
                hashes[key] = await self._hash(key, self.held.unpacked(held))
                content += hashes[key]
            await pace.breathe()
        if hashes is self._hashes:  # not if another path is read since
            self.content = content % 2**64

    async def _hash(self, key: Key, json: bytes) -> int:
        """Returns a hash of what links read of an object, the same in every process."""
        total = 0
        for (structure, selection), decoder in tuple(self._views.items()):
            try:
                row = msgspec.json.encode(await decoder.read(json, DeniedValues()))
            except Undecodable:
                row = json
            text = "\n".join((*key, structure, repr(selection))).encode("utf-8", "surrogatepass")
            total += int.from_bytes(blake2b(text + b"\0" + row, digest_size=8).digest(), "big")
        return total

    async def complete(self, deadline: Deadline, *, may_be_early: bool = False) -> None:
        """Waits until all objects are there; if it may be early, not for those that are arriving.

        Raises:
            ClusterError: They cannot be watched, or have not arrived before the deadline.
        """
        while not (self.held.is_complete or (may_be_early and self.is_arriving)):
            if self.held.freshness is Freshness.FAILED and self.held.error is not None:
                self._was_missed = True
                raise self.held.error.with_traceback(None)  # one error for all who read it
            if self._was_missed and not self.is_root:  # one evaluation has waited; all rows come again once it is
                raise self._late
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                with deadline.running():
                    async with asyncio.timeout(deadline.left_s):
                        await waiting
            except (TimeoutError, ClusterError):
                self._was_missed = True
                raise self._late from None
        self.is_read = True

    @property
    def _late(self) -> TimedOut:
        return TimedOut(self.cluster, f"the objects to watch ({self.held.target}) have not all arrived yet.")

    async def _are_alike(self, before: Held, now: Held) -> bool:
        if (before.uid, before.version) == (now.uid, now.version):
            return True
        json = self.held.unpacked(before), self.held.unpacked(now)
        try:
            for decoder in tuple(self._views.values()):
                one, other = [await decoder.read(each, DeniedValues()) for each in json]
                if one != other:
                    return False
        except Undecodable:
            return False
        return True
