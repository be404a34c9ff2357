"""Processor time as a ratio: how long work takes, in loops that run at the same moment on the same machine."""

from collections.abc import Callable
from time import thread_time
from typing import Final

LOOP_CHARACTERS: Final = 64_000
_TEXT: Final = ";" * LOOP_CHARACTERS


def in_loops(work: Callable[[], object], *, rounds: int = 3) -> float:
    """Measures work in loops over 64,000 characters.

    The work and the loop run in turns, and the fastest of each counts: a busy machine slows both, and a collection of
    garbage falls into one round.
    """
    taken_s = [(thread_seconds(work), thread_seconds(_loop)) for _ in range(rounds)]
    return min(work_s for work_s, _ in taken_s) / min(loop_s for _, loop_s in taken_s)


def thread_seconds(work: Callable[[], object]) -> float:
    """Processor time of this thread, in seconds."""
    started_s = thread_time()
    work()
    return thread_time() - started_s


def _loop() -> None:
    """Looks at each character."""
    found = 0
    for character in _TEXT:
        found += character == ";"
