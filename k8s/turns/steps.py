"""Tasks whose steps take turns: if many are ready at once, they continue one slice after the other.

Work on many clusters starts, is answered and fails in many tasks at the same time. Each of their steps is short, but
all of them together would block the event loop. So a step waits once the slice of its turn of the loop is over
(`k8s.turns.turns`), and callers take turns, however many tasks each has. Tasks that have started continue before others
of the same caller start, so that few are in progress at a time and hold memory.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Coroutine, Generator
from contextvars import Context
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Any, Final, TypeVar

from k8s.turns.looplocal import LoopLocal
from k8s.turns.turns import SLICE_S, WORKING_FOR, Turns, turns_of_loop

T = TypeVar("T")

_MOST_CALLED: Final = 16
"""Waiting steps that are called in one turn; fewer if they take longer than half a slice together."""


@dataclass(slots=True)
class _Places:
    """The places of one caller's tasks."""

    resuming: "deque[asyncio.Future[None]]" = field(default_factory=deque)
    starting: "deque[asyncio.Future[None]]" = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.resuming) + len(self.starting)


class Steps:
    """The waiting steps of one event loop.

    Attributes:
        turns: The turns of the loop.
        is_calling: Whether any steps wait.
    """

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self._waiting: OrderedDict[str, _Places] = OrderedDict()
        self.is_calling = False
        self._called = 1
        self._spent_s = 0.0

    def place(self, *, is_first: bool) -> "asyncio.Future[None]":
        """Returns a place for the next, or the first, step of the running task; it is done when the step may begin."""
        loop = asyncio.get_running_loop()
        if not self.is_calling:
            self.is_calling = True
            loop.call_soon(self._call)
        place: asyncio.Future[None] = loop.create_future()
        places = self._waiting.setdefault(WORKING_FOR.get(), _Places())
        (places.starting if is_first else places.resuming).append(place)
        return place

    def spend(self, seconds: float) -> None:
        """Adds the seconds that a called step took."""
        self._spent_s += seconds

    def _call(self) -> None:
        """Calls the next steps. They run in the next turn of the loop, before this is called again."""
        is_long = self._spent_s > SLICE_S / 2
        self._called = max(1, self._called // 2) if is_long else min(_MOST_CALLED, self._called + 1)
        self._spent_s = 0.0
        for _ in range(self._called):
            if not self._call_one():
                self.is_calling = False
                return
        asyncio.get_running_loop().call_soon(self._call)

    def _call_one(self) -> bool:
        """Calls the next waiting step that was not cancelled; returns False if there is none."""
        while self._waiting:
            caller, places = self._waiting.popitem(last=False)
            place = (places.resuming or places.starting).popleft()
            if places:
                self._waiting[caller] = places
            if not place.done():
                place.set_result(None)
                return True
        return False


_STEPS: Final = LoopLocal(lambda: Steps(turns_of_loop()))


def start(
    work: Coroutine[Any, Any, T], *, is_one_of_many: bool = False, context: Context | None = None
) -> "asyncio.Task[T]":
    """Starts a task whose steps take turns with those of all other tasks started here.

    Args:
        work: The coroutine to run.
        is_one_of_many: Whether tasks that have started come before this one. Work that a started task waits for is a
            part of it.
        context: The context to run in; None for a copy of the current one.
    """
    steps = _InSteps(work, _STEPS.get(), is_one_of_many=is_one_of_many)
    return asyncio.get_running_loop().create_task(steps, context=context)


class _InSteps(Coroutine[Any, Any, T]):
    """A coroutine that waits for a place before a step, if it must.

    The value or error that it is woken with is passed on when the step begins. A task that is cancelled while it waits
    continues at once, and so does one that has waited for a turn of its own.
    """

    __slots__ = ("_error", "_has_turn", "_is_one_of_many", "_is_started", "_is_waiting", "_steps", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], steps: Steps, *, is_one_of_many: bool) -> None:
        self._work = work
        self._steps = steps
        self._is_one_of_many = is_one_of_many
        self._is_started = self._is_waiting = self._has_turn = False
        self._error: BaseException | None = None

    def send(self, value: Any, /) -> Any:
        """Begins the step, or waits for its turn."""
        if self._is_waiting:
            return self._called(value)
        steps = self._steps
        if not self._has_turn and (steps.is_calling or perf_counter() > steps.turns.until_s()):
            return self._wait()
        self._is_started = True  # as in `_resume`, without a call, because nearly every step is here
        awaited = self._work.send(value)
        self._has_turn = awaited is steps.turns.latest
        return awaited

    def throw(
        self,
        kind: type[BaseException] | BaseException,
        value: BaseException | object = None,
        _traceback: TracebackType | None = None,
        /,
    ) -> Any:
        """Begins the step with an error, or waits for its turn."""
        steps, is_ready = self._steps, self._is_waiting or not self._is_started
        must_wait = not is_ready and (steps.is_calling or perf_counter() > steps.turns.until_s())
        self._is_waiting = False
        self._error = kind if isinstance(kind, BaseException) else value if isinstance(value, BaseException) else kind()
        del kind, value  # in a frame of its traceback they would hold the error, and it them
        return self._wait() if must_wait else self._resume(None)

    def close(self) -> None:
        """Closes the coroutine at its current step."""
        self._work.close()

    def __await__(self) -> Generator[Any, Any, T]:
        return self._work.__await__()

    def _wait(self) -> Any:
        self._is_waiting = True
        return next(self._steps.place(is_first=self._is_one_of_many and not self._is_started).__await__())

    def _called(self, value: Any) -> Any:
        self._is_waiting = False
        started_s = perf_counter()
        try:
            return self._resume(value)
        finally:
            self._steps.spend(perf_counter() - started_s)

    def _resume(self, value: Any) -> Any:
        self._is_started = True
        awaited = self._work.send(value) if self._error is None else self._work.throw(self._pop_error())
        self._has_turn = awaited is self._steps.turns.latest
        return awaited

    def _pop_error(self) -> BaseException:
        error, self._error = self._error, None
        assert error is not None  # noqa: S101  asked for where there is one
        return error
