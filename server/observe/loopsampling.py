"""A thread that samples the functions of the event loop while the loop is late.

A sample has names of modules, functions and callers; no values.
"""

import asyncio
import gc
import sys
import threading
from collections.abc import Iterator, Mapping
from contextvars import Context
from dataclasses import dataclass
from time import perf_counter
from types import FrameType
from typing import Any, Final

import structlog

from k8s.turns.turns import WORKING_FOR

_OWN_PACKAGES: Final = frozenset({"server", "graph", "resolvers", "k8s", "store", "snapshots", "demo"})
_MOST_FRAMES: Final = 4
_RESAMPLE_S: Final = 0.25
"""Seconds to the next sample of the same stretch: its first function is not always the slow one."""


@dataclass(slots=True)
class Beats:
    """The heartbeat of the loop.

    Attributes:
        last_s: The time of the last beat, by `perf_counter`.
    """

    last_s: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of the loop.

    Attributes:
        functions: The innermost function, and the innermost ones of our own, each as `module:name`.
        caller: The name of the caller of the task; empty if unknown.
        request_id: Its request; empty if unknown.
    """

    functions: tuple[str, ...]
    caller: str = ""
    request_id: str = ""

    @property
    def fields(self) -> Mapping[str, str]:
        """Returns the fields of a log event, without unknown ones."""
        fields = {"ran": " < ".join(self.functions), "caller": self.caller, "request_id": self.request_id}
        return {name: value for name, value in fields.items() if value}


class Sampling:
    """A sampler of one loop, on a separate thread, active while the loop is late."""

    def __init__(self, loop: asyncio.AbstractEventLoop, beats: Beats, *, late_s: float) -> None:
        """Starts the thread; the calling thread is the loop's.

        Args:
            loop: The loop.
            beats: Its heartbeat.
            late_s: Seconds without a beat after which it is late.
        """
        self._loop = loop
        self._beats = beats
        self._late_s = late_s
        self._loop_thread = threading.get_ident()
        self._latest: Sample | None = None
        self._is_wanted = threading.Event()
        self._is_closed = threading.Event()
        self._is_wanted.set()
        self._thread = threading.Thread(target=self._run, name="loop sampling", daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Continues to sample."""
        self._is_wanted.set()

    def pause(self) -> None:
        """Stops until `resume`."""
        self._is_wanted.clear()

    def take(self) -> Sample | None:
        """Returns the latest sample, or None if it was taken before."""
        latest, self._latest = self._latest, None
        return latest

    def close(self) -> None:
        """Ends the thread."""
        self._is_closed.set()
        self._is_wanted.set()
        self._thread.join()

    def _run(self) -> None:
        looked_s, pause_s = 0.0, self._late_s
        while not self._is_closed.wait(pause_s):
            self._is_wanted.wait()
            beat_s, now_s = self._beats.last_s, perf_counter()
            pause_s = beat_s + self._late_s - now_s
            if pause_s <= 0:
                if looked_s != beat_s:
                    looked_s, self._latest = beat_s, self._sample()
                pause_s = _RESAMPLE_S

    def _sample(self) -> Sample:
        frame = sys._current_frames().get(self._loop_thread)
        functions = tuple(_functions(frame)) if frame is not None else ()
        task = asyncio.current_task(self._loop)
        context = _context(task) if task is not None else None
        if context is None:
            return Sample(functions)
        bound = context.run(structlog.contextvars.get_contextvars)
        return Sample(functions, context.get(WORKING_FOR, ""), str(bound.get("request_id", "")))


def _functions(frame: FrameType) -> Iterator[str]:
    """Yields the names of the innermost frame and of the innermost frames of our own packages."""
    count, innermost = 0, frame
    current: FrameType | None = frame
    while current is not None and count < _MOST_FRAMES:
        module = str(current.f_globals.get("__name__", ""))
        if current is innermost or module.partition(".")[0] in _OWN_PACKAGES:
            count += 1
            yield f"{module}:{current.f_code.co_qualname}"
        current = current.f_back


def _context(task: "asyncio.Task[Any]") -> Context | None:
    """Returns a copy of a task's context; Python 3.11 has no method for it, but its garbage collector sees it."""
    if sys.version_info >= (3, 12):
        return task.get_context().copy()
    return next((context.copy() for context in gc.get_referents(task) if isinstance(context, Context)), None)
