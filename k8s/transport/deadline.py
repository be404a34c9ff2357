"""The time limit of one cluster, on the monotonic clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic


class Deadline:
    """A deadline that runs only during requests to its cluster, so that waiting for others takes none of its time."""

    def __init__(self, timeout_s: float, *, clock: Callable[[], float] = monotonic) -> None:
        self.timeout_s = timeout_s
        self._clock = clock
        self._spent_s = 0.0
        self._under_way = 0
        self._since_s = 0.0

    @property
    def left_s(self) -> float:
        """Returns the seconds left; never negative."""
        running_s = self._clock() - self._since_s if self._under_way else 0.0
        return max(0.0, self.timeout_s - self._spent_s - running_s)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Runs the deadline inside; concurrent requests share the time."""
        if not self._under_way:
            self._since_s = self._clock()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._spent_s += self._clock() - self._since_s
