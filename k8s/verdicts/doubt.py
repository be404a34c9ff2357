"""From flows that were let down to an identity, or a cluster, that lets everybody down, and back.

A few flows that are let down say nothing about the others. Many of them, with no answer to anybody in between, may mean
that everything is turned away. This is never taken for granted, as nobody may lose a cluster to what others ask: while
there is doubt, requests go out one by one and more and more slowly, and the first answer ends it. Flows that were let
down before have intervals of their own, so that they take nobody's turn.
"""

from collections.abc import Callable, Collection
from typing import Final

import msgspec

from k8s.verdicts.flow import Flow

FIRST_INTERVAL_S: Final = 0.25
LONGEST_INTERVAL_S: Final = 2.0
"""Seconds between requests that find out, at first and at last."""

FORGOTTEN_S: Final = 60.0
"""Seconds without another flow that is let down after which nothing is left of a doubt."""

_MOST_FLOWS: Final = 256


class Doubt:
    """Flows of one identity, or of one cluster, that were let down since the last answer to any of them."""

    def __init__(self, is_enough: Callable[[Collection[Flow]], bool], *, let_down_interval_s: float) -> None:
        """Takes when there is doubt.

        Args:
            is_enough: When the flows that were let down cast doubt on all others.
            let_down_interval_s: The longest interval between requests of flows that were let down.
        """
        self._is_enough = is_enough
        self._flows: dict[Flow, None] = {}
        self._noted_s = 0.0
        self._let_down_turns = _Turns(let_down_interval_s)
        self._others_turns = _Turns(LONGEST_INTERVAL_S)
        self.is_general = False

    def note(self, flow: Flow, now_s: float) -> None:
        """Notes that a flow was let down; one of a single object says nothing about anything else."""
        if flow.target:
            return
        self.expire(now_s)
        self._noted_s = now_s
        if len(self._flows) < _MOST_FLOWS:
            self._flows[flow] = None
        self.is_general = self.is_general or self._is_enough(self._flows)

    def expire(self, now_s: float) -> None:
        """Forgets what is too long ago."""
        if self._flows and now_s - self._noted_s > FORGOTTEN_S:
            self.clear()

    def clear(self) -> None:
        """Ends it: there was an answer."""
        if self._flows:
            self._flows.clear()
            self._let_down_turns.restart()
            self._others_turns.restart()
        self.is_general = False

    def wait_s(self, flow: Flow, now_s: float) -> float:
        """Returns the seconds until a request of this flow may find out; 0 where there is no doubt."""
        self.expire(now_s)
        return max(0.0, self._turns(flow).next_s - now_s) if self.is_general else 0.0

    def send(self, flow: Flow, now_s: float) -> None:
        """Notes that a request goes out to find out: the next one goes later."""
        if self.is_general:
            self._turns(flow).take(now_s)

    def _turns(self, flow: Flow) -> "_Turns":
        return self._let_down_turns if flow in self._flows else self._others_turns


class _Turns(msgspec.Struct, gc=False):
    """When the next one is; numbers alone, so no garbage collection need walk it."""

    longest_s: float
    next_s: float = 0.0
    taken: int = 0

    def take(self, now_s: float) -> None:
        self.next_s = now_s + min(self.longest_s, FIRST_INTERVAL_S * 2 ** min(self.taken, 10))
        self.taken += 1

    def restart(self) -> None:
        self.next_s, self.taken = 0.0, 0


def are_several_kinds(flows: Collection[Flow]) -> bool:
    """Whether flows of one identity concern more than one kind."""
    return len({flow.resource for flow in flows}) > 1


def are_several_callers_and_kinds(flows: Collection[Flow]) -> bool:
    """Whether flows are of more than one identity, and concern more than one kind."""
    return len({flow.identity for flow in flows}) > 1 and are_several_kinds(flows)
