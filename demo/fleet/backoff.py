"""Restarts of a container that keeps failing, as a function of time."""

from dataclasses import dataclass
from typing import Final

FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 300.0
"""The kubelet's pauses: 10 s, doubled up to 5 minutes (`MaxContainerBackOff`)."""


@dataclass(frozen=True, slots=True)
class RestartState:
    """The state of a container that keeps failing.

    Attributes:
        restarts: The number of restarts so far.
        is_running: Whether it runs; otherwise it waits for the next restart.
        at_s: The begin of this state, in seconds since the start of the fleet; negative before.
        pause_s: The current pause, or the one after the next failure.
    """

    restarts: int
    is_running: bool
    at_s: float
    pause_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relapse:
    """The repeated failures of one container.

    Attributes:
        restarts: The number of restarts at the start of the fleet, which decides on the pause.
        runs_s: The duration of each run, in seconds.
        paused_s: The elapsed seconds of the pause at the start of the fleet.
    """

    restarts: int
    runs_s: float
    paused_s: float = 0.0

    def at(self, elapsed_s: float) -> RestartState:
        """Returns the state some time after the start of the fleet."""
        restarts, began_s = self.restarts, -self.paused_s
        while (pause_s := pause_after(restarts)) < LONGEST_PAUSE_S:
            if elapsed_s < began_s + pause_s + self.runs_s:
                return self._within(restarts, began_s, elapsed_s=elapsed_s)
            restarts, began_s = restarts + 1, began_s + pause_s + self.runs_s
        full, _rest = divmod(elapsed_s - began_s, LONGEST_PAUSE_S + self.runs_s)
        began_s += full * (LONGEST_PAUSE_S + self.runs_s)
        return self._within(restarts + int(full), began_s, elapsed_s=elapsed_s)

    def _within(self, restarts: int, began_s: float, *, elapsed_s: float) -> RestartState:
        """Returns the state in the pause from `began_s` on, or in the run after it."""
        pause_s = pause_after(restarts)
        if elapsed_s < began_s + pause_s:
            return RestartState(restarts, is_running=False, at_s=began_s, pause_s=pause_s)
        return RestartState(restarts + 1, is_running=True, at_s=began_s + pause_s, pause_s=pause_after(restarts + 1))


def pause_after(restarts: int) -> float:
    """Returns the seconds before the next restart."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(restarts, 10))


def backoff_words(pause_s: float) -> str:
    """Returns a pause in the words of the kubelet (`time.Duration`)."""
    minutes, seconds = divmod(int(pause_s), 60)
    return f"back-off {minutes}m{seconds}s" if minutes else f"back-off {seconds}s"
