"""Circuit breakers that fail fast: for a cluster, and for one flow of its requests (`k8s.resilience.resilience`)."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import NewType

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 30.0

BreakerPermit = NewType("BreakerPermit", int)
"""The breaker's failures at the time of admission. A result counts only if there was no failure since."""


@dataclass(slots=True, weakref_slot=True)
class CircuitBreaker:
    """A circuit breaker that opens at the first failure, lets one probe through after a pause, and closes on success.

    Pauses double from 2 s to 30 s. Each is shortened by up to a third at random, so that many processes do not retry at
    the same moment. All requests that fail in one outage count as one failure. Times are seconds of a monotonic clock.
    If a probe takes longer than `probe_s` seconds, another one may go.
    """

    clock: Callable[[], float] = monotonic
    failures: int = 0
    probe_s: float = math.inf
    _open_until_s: float = field(default=0.0, init=False)
    _probing: bool = field(default=False, init=False)
    _probing_since_s: float = field(default=0.0, init=False)

    @property
    def retry_in_s(self) -> float:
        """Returns the seconds until the next probe; 0 if one may go now."""
        return max(0.0, self._open_until_s - self.clock())

    def admit(self) -> BreakerPermit | None:
        """Admits a request, or returns None. An admitted one reports `succeeded`, `failed` or `released`."""
        if self.failures > 0:
            now_s = self.clock()
            is_busy = self._probing and now_s - self._probing_since_s < self.probe_s
            if is_busy or now_s < self._open_until_s:
                return None
            self._probing, self._probing_since_s = True, now_s
        return BreakerPermit(self.failures)

    def succeeded(self) -> None:
        """Closes the breaker: the API server answered, with any status."""
        self.failures = 0
        self._probing = False

    def failed(self, permit: BreakerPermit) -> None:
        """Opens the breaker: there was no answer, or none in time."""
        if permit != self.failures:
            return
        self.failures += 1
        self._probing = False
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self.failures - 1, 10))
        self._open_until_s = self.clock() + pause_s * random.uniform(0.67, 1.0)  # noqa: S311  spreads load, no secret

    def released(self, permit: BreakerPermit) -> None:
        """Ends a request that was cancelled before an answer, which says nothing about the cluster."""
        if permit == self.failures:
            self._probing = False
