"""When a container that keeps ending is started again: a function of the time alone."""

from dataclasses import dataclass
from typing import Final

FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 300.0
"""The kubelet's pauses: 10 s, doubled up to 5 minutes (`MaxContainerBackOff`)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where a container that keeps ending is.

    Attributes:
        restarts: so far.
        is_running: whether it runs, or is waited for.
        at_s: when that began, in seconds since the fleet was started; negative before.
        pause_s: the pause that it is in, or that the next end brings.
    """

    restarts: int
    is_running: bool
    at_s: float
    pause_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relapse:
    """How one container keeps ending.

    Attributes:
        restarts: when the fleet was started; they decide on the pause.
        runs_s: how long it runs each time.
        paused_s: how much of the pause was over when the fleet was started.
    """

    restarts: int
    runs_s: float
    paused_s: float = 0.0

    def at(self, elapsed_s: float) -> Attempt:
        """Where it is some time after the fleet was started."""
        restarts, began_s = self.restarts, -self.paused_s
        while (pause_s := pause_after(restarts)) < LONGEST_PAUSE_S:
            if elapsed_s < began_s + pause_s + self.runs_s:
                return self._within(restarts, began_s, elapsed_s=elapsed_s)
            restarts, began_s = restarts + 1, began_s + pause_s + self.runs_s
        full, _rest = divmod(elapsed_s - began_s, LONGEST_PAUSE_S + self.runs_s)
        began_s += full * (LONGEST_PAUSE_S + self.runs_s)
        return self._within(restarts + int(full), began_s, elapsed_s=elapsed_s)

    def _within(self, restarts: int, began_s: float, *, elapsed_s: float) -> Attempt:
        """One pause from `began_s` on, and the run after it."""
        pause_s = pause_after(restarts)
        if elapsed_s < began_s + pause_s:
            return Attempt(restarts, is_running=False, at_s=began_s, pause_s=pause_s)
        return Attempt(restarts + 1, is_running=True, at_s=began_s + pause_s, pause_s=pause_after(restarts + 1))


def pause_after(restarts: int) -> float:
    """The pause before the next start."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(restarts, 10))


def spoken(pause_s: float) -> str:
    """A pause as the kubelet's messages have it (`time.Duration`)."""
    minutes, seconds = divmod(int(pause_s), 60)
    return f"back-off {minutes}m{seconds}s" if minutes else f"back-off {seconds}s"
