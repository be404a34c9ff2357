"""Not waiting twice for what just failed: a cluster, or one flow of requests to it (`k8s.resilience.resilience`)."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import NewType

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 30.0

BreakerPermit = NewType("BreakerPermit", int)
"""The failures known when a request was admitted: what became of it counts only if they are still the last word."""


@dataclass(slots=True, weakref_slot=True)
class CircuitBreaker:
    """Opens at the first failure to connect or to answer, lets one request through after a pause, closes when it works.

    Pauses double from 2 s to 30 s, each shortened by up to a third at random, so that many processes do not come back
    at the same moment. However many requests one outage takes along, it is one failure. Times are seconds of a
    monotonic clock; a probe that takes longer than `probe_s` lets another one go.
    """

    clock: Callable[[], float] = monotonic
    failures: int = 0
    probe_s: float = math.inf
    _open_until_s: float = field(default=0.0, init=False)
    _probing: bool = field(default=False, init=False)
    _probing_since_s: float = field(default=0.0, init=False)

    @property
    def retry_in_s(self) -> float:
        """How long the cluster will not be asked; 0 when it may be asked now."""
        return max(0.0, self._open_until_s - self.clock())

    def admit(self) -> BreakerPermit | None:
        """Lets a request out, or not (None); one that is let out reports `succeeded`, `failed` or `released`."""
        if self.failures > 0:
            now_s = self.clock()
            is_busy = self._probing and now_s - self._probing_since_s < self.probe_s
            if is_busy or now_s < self._open_until_s:
                return None
            self._probing, self._probing_since_s = True, now_s
        return BreakerPermit(self.failures)

    def succeeded(self) -> None:
        """The API server answered, whatever it said and whenever it was asked."""
        self.failures = 0
        self._probing = False

    def failed(self, permit: BreakerPermit) -> None:
        """No answer, or not in time."""
        if permit != self.failures:
            return
        self.failures += 1
        self._probing = False
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self.failures - 1, 10))
        self._open_until_s = self.clock() + pause_s * random.uniform(0.67, 1.0)  # noqa: S311  spreads load, no secret

    def released(self, permit: BreakerPermit) -> None:
        """The request was given up before an answer, which says nothing about the cluster."""
        if permit == self.failures:
            self._probing = False
