"""Patterns of `MATCHES`: RE2's time is linear in the text, but its factor is the size of the pattern.

Where a pattern has too many states for an automaton, RE2 simulates one: each character then costs up to 20 ns for each
instruction of the program (measured: 125 us with one of 7,000). So a search is bounded by the product of both. What is
short is searched at once, all else in one thread beside the event loop: RE2 lets others run meanwhile.
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

_LONGEST_CHARACTERS: Final = 1000
_MEMORY_BYTES: Final = 1 << 18
_SHORT_STEPS: Final = 400_000
"""Of a search that the event loop can wait for: 8 ms at most."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern.

    Attributes:
        size: instructions of its program.
        most_steps: of a search: instructions times characters.
        matches: whether a text matches, at once.
        where: the comparison, for messages.
    """

    size: int
    most_steps: int
    matches: Callable[[str], bool]
    where: str

    def holds(self, value: object) -> bool | None:
        """Whether a value matches; None if looking for that takes too long here.

        Raises:
            LimitExceeded: it would take too long anywhere.
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
        """Whether a long text matches, while others go on."""
        return await _THREADS.get().search(self.matches, value)


def compiled_pattern(text: str, *, ignores_case: bool, most_steps: int, where: str) -> Pattern:
    """Compiles a pattern.

    Raises:
        BadUserInput: it is none, or too long.
    """
    if len(text) > _LONGEST_CHARACTERS:
        raise BadUserInput(f"{where}: the pattern has {len(text)} characters; at most {_LONGEST_CHARACTERS}.")
    try:
        compiled = re2.compile(text, _options(ignores_case=ignores_case))
    except UnicodeEncodeError as error:
        raise BadUserInput(f"{where}: the pattern is no Unicode text.") from error
    except re2.error as error:
        cause = error.args[0] if error.args else "it is no pattern"
        cause = cause.decode(errors="replace") if isinstance(cause, bytes) else cause
        raise BadUserInput(f"{where}: {cause} (RE2 syntax).") from error
    finally:
        re2.purge()  # it would keep the last 128 patterns of anybody, each with the memory of its automaton
    size = max(compiled.programsize, compiled.reverseprogramsize)
    return Pattern(size, most_steps, _matching(compiled.search), where)


def _options(*, ignores_case: bool) -> Any:
    options = re2.Options()
    options.case_sensitive = not ignores_case
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    options.never_capture = True  # groups would be looked for by slower means
    return options


def _matching(search: Callable[[str], object]) -> Callable[[str], bool]:
    def matches(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:  # a lone surrogate, as JSON can have it
            return False

    return matches


class SearchThread:
    """One thread that searches long texts, one after the other; callers take turns."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="patterns")
        self._queue = FairQueue()
        self._is_searching = False

    async def search(self, matches: Callable[[str], bool], text: str) -> bool:
        """Whether a text matches; a search whose caller has gone is finished, none is begun for one."""
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
            if place.done() and not place.cancelled():  # it was called, and is gone: the next one's turn
                self._next()
            raise

    def _next(self) -> None:
        self._is_searching = self._queue.call()


_THREADS: Final = LoopLocal(SearchThread)
