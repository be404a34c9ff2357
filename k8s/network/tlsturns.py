"""Turns of TLS connections: what is decrypted in one turn of the event loop, of all connections together, is a slice.

Pieces that arrive when it is over wait, and are decrypted in later turns, those of each in turn, however many
connections it has.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final

from k8s.turns.fairqueue import RoundRobin
from k8s.turns.looplocal import LoopLocal
from k8s.turns.turns import SLICE_S

_UNCOUNTED_S: Final = 0.0003
"""That may belong to several turns of the loop: to end a turn costs a callback, which is saved for small answers."""


class TlsTurns:
    """Those of one event loop."""

    def __init__(self) -> None:
        self._waiting: RoundRobin[Callable[[], None]] = RoundRobin()
        self._used_s = 0.0
        self._is_ending = False

    @property
    def is_over(self) -> bool:
        """Tells whether what arrives has to wait: for time, or because others do."""
        return bool(self._waiting) or self._used_s >= SLICE_S

    def count(self, since_s: float) -> None:
        """Counts what was decrypted from a time of `perf_counter` until now."""
        self._used_s += perf_counter() - since_s
        if self._used_s > _UNCOUNTED_S:
            self._end_soon()

    def wait(self, peer: str, decrypt: Callable[[], None]) -> None:
        """Has a piece decrypted later, by a function that raises nothing."""
        self._waiting.put(peer, decrypt)
        self._end_soon()

    def _end_soon(self) -> None:
        if not self._is_ending:
            self._is_ending = True
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        """Ends a turn; in the next one, those who wait come first, and at least one of them."""
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
