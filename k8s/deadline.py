"""A moment until which work may take, on the monotonic clock."""

from collections.abc import Callable
from time import monotonic


class Deadline:
    """Starts to run when it is first asked, so that waiting for something else costs nobody his time."""

    def __init__(self, timeout_s: float, *, clock: Callable[[], float] = monotonic) -> None:
        self.timeout_s = timeout_s
        self._clock = clock
        self._ends_at_s: float | None = None

    @property
    def left_s(self) -> float:
        """Seconds left; never negative."""
        if self._ends_at_s is None:
            self._ends_at_s = self._clock() + self.timeout_s
        return max(0.0, self._ends_at_s - self._clock())
