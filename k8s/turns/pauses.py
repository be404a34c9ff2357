"""Pauses of long work in a thread: the event loop gets the interpreter as soon as it wants it.

A thread that computes without a pause keeps the interpreter for 5 ms whenever the loop wants it back, after each of its
waits. A short query has dozens of them.
"""

import time
from typing import Final

_WORK_S: Final = 0.001
_PAUSE_S: Final = 0.001


class Pauses:
    """The pauses of one piece of work: call `pause` after each of its many steps, between two calls of libraries."""

    def __init__(self) -> None:
        self._until_s = time.perf_counter() + _WORK_S

    def pause(self) -> None:
        """Sleeps for a millisecond if the last pause is over for that long."""
        if time.perf_counter() > self._until_s:
            time.sleep(_PAUSE_S)
            self._until_s = time.perf_counter() + _WORK_S
