"""The progress of an exchange with a cluster, so that the error of a timeout names its cause."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic
from typing import Final

from k8s.transport.call import Call

MOST: Final = 0.5
"""The part of its time that an exchange must have spent on something to make it the cause."""


class Stage(Enum):
    """The subject that an exchange waits for."""

    PREPARING = "a token, or a free connection"
    CONNECTING = "an address, and a connection to it"
    ANSWERING = "the answer"


@dataclass(slots=True)
class ExchangeProgress:
    """The progress of one exchange.

    Attributes:
        stage: The current stage.
        memory_wait_s: Seconds for which the answer waited for memory of other answers.
    """

    stage: Stage = Stage.PREPARING
    memory_wait_s: float = 0.0
    _since_s: float = field(default_factory=monotonic)

    @property
    def stage_s(self) -> float:
        """Returns the seconds since the stage began."""
        return monotonic() - self._since_s

    def memory_wait_cause(self, call: Call, timeout_s: float) -> str | None:
        """Returns the cause of a timeout if the answer spent most of its time waiting for memory; else None."""
        if self.memory_wait_s <= timeout_s * MOST:
            return None
        return f"its answer to {call.verb} {call.target} waited {self.memory_wait_s:.3g} s for memory that others hold."

    @contextmanager
    def tracked(self) -> Iterator[None]:
        """Records the stages of the code inside, in this task."""
        outside = _PROGRESS.set(self)
        try:
            yield
        finally:
            _PROGRESS.reset(outside)

    def begin(self, stage: Stage) -> None:
        """Begins a stage."""
        self.stage, self._since_s = stage, monotonic()


_PROGRESS: Final[ContextVar[ExchangeProgress | None]] = ContextVar("progress", default=None)


def stage_begins(stage: Stage) -> None:
    """Begins a stage of the current exchange, if there is one."""
    if (progress := _PROGRESS.get()) is not None:
        progress.begin(stage)


@contextmanager
def waiting_for_memory() -> Iterator[None]:
    """Counts the time inside as waiting for memory."""
    since_s = monotonic()
    try:
        yield
    finally:
        if (progress := _PROGRESS.get()) is not None:
            progress.memory_wait_s += monotonic() - since_s
