"""Turns of TLS connections: in one turn of the event loop, all connections together decrypt for one slice.

Pieces that arrive later wait for the next turns. Peers take turns, however many connections each has.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final

from k8s.turns.fairqueue import RoundRobin
from k8s.turns.looplocal import LoopLocal
from k8s.turns.turns import SLICE_S

_UNCOUNTED_S: Final = 0.0003
"""Seconds that may belong to several turns of the loop. The end of a turn costs a callback, which small answers
save."""


class TlsTurns:
    """The turns of one event loop."""

    def __init__(self) -> None:
        self._waiting: RoundRobin[Callable[[], None]] = RoundRobin()
        self._used_s = 0.0
        self._is_ending = False

    @property
    def is_over(self) -> bool:
        """Returns whether a new piece has to wait: the slice is used up, or others wait."""
        return bool(self._waiting) or self._used_s >= SLICE_S

    def count(self, since_s: float) -> None:
        """Counts the time since a value of `perf_counter` as spent on decryption."""
        self._used_s += perf_counter() - since_s
        if self._used_s > _UNCOUNTED_S:
            self._end_soon()

    def wait(self, peer: str, decrypt: Callable[[], None]) -> None:
        """Schedules the decryption of a piece, by a function that raises nothing."""
        self._waiting.put(peer, decrypt)
        self._end_soon()

    def _end_soon(self) -> None:
        if not self._is_ending:
            self._is_ending = True
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        """Ends a turn. In the next one, waiting pieces come first, and at least one of them."""
        self._is_ending = False
        self._used_s = 0.0
        while self._waiting:
            decrypt = self._waiting.take()
            since_s = perf_counter()
            decrypt()
            self.count(since_s)
            if self._used_s >= SLICE_S:
                break
        if self._waiting:
            self._end_soon()


TLS_TURNS: Final = LoopLocal(TlsTurns)
