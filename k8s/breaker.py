"""Not waiting twice for a cluster that just failed."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 30.0


@dataclass(slots=True)
class Breaker:
    """Opens at the first failure to connect or to answer, lets one request through after a pause, closes when it works.

    Pauses double from 2 s to 30 s, each shortened by up to a third at random, so that many processes do not come back
    at the same moment. Times are seconds of a monotonic clock.
    """

    clock: Callable[[], float] = monotonic
    failures: int = 0
    _open_until_s: float = field(default=0.0, init=False)
    _probing: bool = field(default=False, init=False)

    @property
    def retry_in_s(self) -> float:
        """How long the cluster will not be asked; 0 when it may be asked now."""
        return max(0.0, self._open_until_s - self.clock())

    def admits(self) -> bool:
        """Whether a request may go out now; a caller that is admitted reports `succeeded`, `failed` or `released`."""
        if self.failures == 0:
            return True
        if self._probing or self.retry_in_s > 0:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """The API server answered, whatever it said."""
        self.failures = 0
        self._probing = False

    def failed(self) -> None:
        """No answer, or not in time."""
        self.failures += 1
        self._probing = False
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self.failures - 1, 10))
        self._open_until_s = self.clock() + pause_s * random.uniform(0.67, 1.0)  # noqa: S311  spreads load, no secret

    def released(self) -> None:
        """The request was given up by its caller, which says nothing about the cluster."""
        self._probing = False
