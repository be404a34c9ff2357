"""A monotonic clock for the tests of circuit breaker and deadline."""

from dataclasses import dataclass


@dataclass
class Clock:
    """A clock that stops until `now_s` is changed; seconds."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s
