"""An event loop whose time passes at once when nothing else is to be done."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Selects without waiting."""

    waited_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        self.waited_s += 0.0 if ready else timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in which an hour takes no time."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Returns the seconds that were waited so far; a callback is ready even if its time has been rounded."""
        return self._virtual.waited_s + 1e-6


def run(main: Coroutine[Any, Any, T]) -> T:
    """Returns the result of a coroutine that is run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
