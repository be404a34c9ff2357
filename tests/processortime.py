"""Processor time as a ratio: of work to other work, or to loops, which run in turns on the same machine."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time
from typing import Final

LOOP_CHARACTERS: Final = 64_000
_TEXT: Final = ";" * LOOP_CHARACTERS


def in_loops(work: Callable[[], object], *, rounds: int = 5) -> float:
    """Measures work in loops over 64,000 characters."""
    work_s, loop_s = fastest_s(work, _loop, rounds=rounds)
    return work_s / loop_s


def ratio(work: Callable[[], object], other: Callable[[], object], *, rounds: int = 5) -> float:
    """Measures work in rounds of other work."""
    work_s, other_s = fastest_s(work, other, rounds=rounds)
    return work_s / other_s


def fastest_s(*works: Callable[[], object], rounds: int = 5) -> list[float]:
    """Measures the processor time of each work's fastest round, in seconds.

    They run in turns, so that a machine that is busy for a while slows all of them, and garbage is not collected
    meanwhile.
    """
    with without_collections():
        taken_s = [[thread_seconds(work) for work in works] for _ in range(rounds)]
    return [min(each_s) for each_s in zip(*taken_s, strict=True)]


def thread_seconds(work: Callable[[], object]) -> float:
    """Measures the processor time of this thread, in seconds."""
    started_s = thread_time()
    work()
    return thread_time() - started_s


@contextmanager
def without_collections() -> Iterator[None]:
    """Lets no collection of garbage fall into what is measured."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _loop() -> None:
    """Looks at each character."""
    found = 0
    for character in _TEXT:
        found += character == ";"
