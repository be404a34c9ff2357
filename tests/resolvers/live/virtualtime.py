"""An event loop whose time passes at once when nothing else is to be done."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _Selector(selectors.DefaultSelector):
    """Selects without waiting, except for threads."""

    waited_s = 0.0
    threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or (timeout > 0 and self.threads):
            return super().select(None)  # a thread that ends wakes the loop
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        self.waited_s += 1e-7 if ready else timeout + 1e-7  # time never stands still
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in which an hour takes no time."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Returns the seconds that were waited so far."""
        return self._virtual.waited_s

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """Runs work in a thread, during which no time passes."""
        self._virtual.threads += 1
        working = super().run_in_executor(executor, func, *args)
        working.add_done_callback(self._ended)
        return working

    def _ended(self, _working: object) -> None:
        self._virtual.threads -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """Returns the result of a coroutine that is run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
