"""Patterns of `MATCHES`: RE2's time is linear in the text, with a factor that grows with the pattern.

If a pattern has too many states for an automaton, RE2 simulates one: each character then costs up to 20 ns for each
instruction of the program (measured: 125 us with 7,000 instructions). So a search is limited by the product of both.
Short searches run at once, all others in one thread beside the event loop, because RE2 releases the GIL.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import re2

from k8s.turns.fairqueue import FairQueue
from k8s.turns.looplocal import LoopLocal
from k8s.turns.turns import WORKING_FOR
from resolvers.errors import BadUserInput, LimitExceeded

_MAX_CHARACTERS: Final = 1000
_MEMORY_BYTES: Final = 1 << 18
_SHORT_STEPS: Final = 400_000
"""Limit of a search on the event loop: 8 ms at most."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern.

    Attributes:
        size: instructions of its program.
        most_steps: limit of one search: instructions times characters.
        matches: returns whether a text matches, without interruption.
        where: the comparison, for messages.
    """

    size: int
    most_steps: int
    matches: Callable[[str], bool]
    where: str

    def holds(self, value: object) -> bool | None:
        """Returns whether a value matches; None if the search takes too long on the event loop.

        Raises:
            LimitExceeded: the search is over the limit.
        """
        if not isinstance(value, str):
            return False
        steps = self.size * len(value)
        if steps <= _SHORT_STEPS:
            return self.matches(value)
        if steps > self.most_steps:
            raise LimitExceeded(
                f"{self.where}: the pattern has a program of {self.size} instructions and a text {len(value)} "
                f"characters; the limit of their product is {self.most_steps} (FLEETGRAPH_MAX_PATTERN_STEPS). "
                "Use a shorter pattern, or compare less text."
            )
        return None

    async def at_length(self, value: str) -> bool:
        """Returns whether a long text matches; searches in the thread."""
        return await _THREADS.get().search(self.matches, value)


def compiled_pattern(text: str, *, ignores_case: bool, most_steps: int, where: str) -> Pattern:
    """Compiles a pattern.

    Raises:
        BadUserInput: it is invalid, or too long.
    """
    if len(text) > _MAX_CHARACTERS:
        raise BadUserInput(f"{where}: the pattern has {len(text)} characters; the limit is {_MAX_CHARACTERS}.")
    try:
        compiled = re2.compile(text, _options(ignores_case=ignores_case))
    except UnicodeEncodeError as error:
        raise BadUserInput(f"{where}: the pattern is no Unicode text.") from error
    except re2.error as error:
        cause = error.args[0] if error.args else "it is no pattern"
        cause = cause.decode(errors="replace") if isinstance(cause, bytes) else cause
        raise BadUserInput(f"{where}: {cause} (RE2 syntax).") from error
    finally:
        re2.purge()  # it would cache the last 128 patterns of all callers, each with the memory of its automaton
    size = max(compiled.programsize, compiled.reverseprogramsize)
    return Pattern(size, most_steps, _matching(compiled.search), where)


def _options(*, ignores_case: bool) -> Any:
    options = re2.Options()
    options.case_sensitive = not ignores_case
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    options.never_capture = True  # groups would need a slower search
    return options


def _matching(search: Callable[[str], object]) -> Callable[[str], bool]:
    def matches(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:  # a lone surrogate, as JSON can have it
            return False

    return matches


class SearchThread:
    """One thread that searches long texts one after the other; callers take turns."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="patterns")
        self._queue = FairQueue()
        self._is_searching = False

    async def search(self, matches: Callable[[str], bool], text: str) -> bool:
        """Returns whether a text matches; a search that has begun ends even if its caller is cancelled."""
        if self._is_searching:
            await self._turn()
        self._is_searching = True
        searching = asyncio.get_running_loop().run_in_executor(self._thread, matches, text)
        searching.add_done_callback(lambda _: self._next())
        return await asyncio.shield(searching)

    async def _turn(self) -> None:
        place = self._queue.place(WORKING_FOR.get())
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # its turn came, and it is cancelled: the next one's turn
                self._next()
            raise

    def _next(self) -> None:
        self._is_searching = self._queue.call()


_THREADS: Final = LoopLocal(SearchThread)
