"""Suspicions, as in failure detectors: many failing flows may mean that an identity or a whole cluster is down.

A few failing flows say nothing about the others. Many of them, without a single answer in between, may mean that all
requests fail. That remains a suspicion, because no caller may lose a cluster because of the requests of others: while
it lasts, requests go out one by one as probes, at growing intervals, and the first answer ends it. Flows that have
failed have intervals of their own, so that they delay no other flow.
"""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Final

import msgspec

from k8s.resilience.flow import Flow
from k8s.resilience.recentflows import MOST_FLOWS
from k8s.resilience.waitqueue import WaitQueue

FIRST_INTERVAL_S: Final = 0.25
LONGEST_INTERVAL_S: Final = 2.0
"""The first and the longest interval between two probes, in seconds."""

EXPIRY_S: Final = 60.0
"""Seconds after the last failing flow at which a suspicion ends."""

_MOST_FLOWS: Final = 256
"""The limit of failing flows that one suspicion stores."""


class Suspicion:
    """The flows of one identity, or of one cluster, that failed since the last answer to any of them."""

    def __init__(self, is_sufficient: Callable[[Collection[Flow]], bool], *, failing_interval_s: float) -> None:
        """Takes the condition of the suspicion.

        Args:
            is_sufficient: Returns whether the failing flows cast suspicion on all others.
            failing_interval_s: The longest interval between two requests of flows that have failed.
        """
        self._is_sufficient = is_sufficient
        self._flows: dict[Flow, None] = {}
        self._last_failure_s = 0.0
        self._failing_schedule = _ProbeSchedule(failing_interval_s)
        self._other_schedule = _ProbeSchedule(LONGEST_INTERVAL_S)
        self.is_general = False

    def note(self, flow: Flow, now_s: float) -> None:
        """Records a failing flow. A flow of a single object says nothing about other flows."""
        if flow.target:
            return
        self.expire(now_s)
        self._last_failure_s = now_s
        if len(self._flows) < _MOST_FLOWS:
            self._flows[flow] = None
        self.is_general = self.is_general or self._is_sufficient(self._flows)

    def expire(self, now_s: float) -> None:
        """Ends a suspicion that is too old."""
        if self._flows and now_s - self._last_failure_s > EXPIRY_S:
            self.clear()

    def clear(self) -> None:
        """Ends the suspicion, because there was an answer."""
        if self._flows:
            self._flows.clear()
            self._failing_schedule.restart()
            self._other_schedule.restart()
        self.is_general = False

    def wait_s(self, flow: Flow, now_s: float) -> float:
        """Returns the seconds until a probe of this flow may go; 0 without a suspicion."""
        self.expire(now_s)
        return max(0.0, self._schedule(flow).next_s - now_s) if self.is_general else 0.0

    def send(self, flow: Flow, now_s: float) -> None:
        """Records that a probe goes out, so that the next one goes later."""
        if self.is_general:
            self._schedule(flow).take(now_s)

    def _schedule(self, flow: Flow) -> "_ProbeSchedule":
        return self._failing_schedule if flow in self._flows else self._other_schedule


class _ProbeSchedule(msgspec.Struct, gc=False):
    """The time of the next probe; plain numbers, which the garbage collector need not walk."""

    longest_s: float
    next_s: float = 0.0
    probes: int = 0

    def take(self, now_s: float) -> None:
        self.next_s = now_s + min(self.longest_s, FIRST_INTERVAL_S * 2 ** min(self.probes, 10))
        self.probes += 1

    def restart(self) -> None:
        self.next_s, self.probes = 0.0, 0


def concern_several_kinds(flows: Collection[Flow]) -> bool:
    """Returns whether the flows of one identity concern more than one kind."""
    return len({flow.resource for flow in flows}) > 1


def concern_several_callers_and_kinds(flows: Collection[Flow]) -> bool:
    """Returns whether the flows belong to more than one identity and concern more than one kind."""
    return len({flow.identity for flow in flows}) > 1 and concern_several_kinds(flows)


class Suspicions:
    """The suspicions about one cluster, and about each identity at it, of one type of failure."""

    def __init__(self, *, failing_interval_s: float) -> None:
        """Takes the longest interval between two requests of flows that have failed; see `Suspicion`."""
        self._failing_interval_s = failing_interval_s
        self._suspicions: dict[str, Suspicion] = {}

    def __len__(self) -> int:
        """Returns the number of suspected identities; without any, the cluster is not suspected either."""
        return len(self._suspicions)

    @cached_property
    def _cluster(self) -> Suspicion:
        """Returns the suspicion about the cluster, created on demand: most clusters always answer."""
        return Suspicion(concern_several_callers_and_kinds, failing_interval_s=self._failing_interval_s)

    @cached_property
    def _queue(self) -> WaitQueue:
        return WaitQueue()

    @property
    def is_general(self) -> bool:
        """Returns whether the whole cluster is suspected."""
        return bool(self._suspicions) and self._cluster.is_general

    def identity_wait_s(self, flow: Flow, now_s: float) -> float:
        """Returns the seconds for which the suspicion about its identity holds a flow up."""
        suspicion = self._suspicions.get(flow.identity)
        return suspicion.wait_s(flow, now_s) if suspicion else 0.0

    def cluster_wait_s(self, flow: Flow, now_s: float) -> float:
        """Returns the seconds for which the suspicion about the cluster holds a flow up."""
        return self._cluster.wait_s(flow, now_s)

    def note(self, flow: Flow, now_s: float) -> None:
        """Records a failing flow."""
        self._cluster.note(flow, now_s)
        suspicion = self._suspicions.pop(flow.identity, None)
        if suspicion is None:
            suspicion = Suspicion(concern_several_kinds, failing_interval_s=self._failing_interval_s)
        suspicion.note(flow, now_s)
        self._suspicions[flow.identity] = suspicion
        if len(self._suspicions) > MOST_FLOWS:
            del self._suspicions[next(iter(self._suspicions))]

    def clear(self, flow: Flow) -> None:
        """Ends the suspicions about a flow that was answered, and wakes the requests that they delayed."""
        was_general = self._cluster.is_general
        self._cluster.clear()
        self._suspicions.pop(flow.identity, None)
        if was_general:
            self._queue.wake_all()
        else:
            self._queue.wake(flow.identity)

    async def wait(self, flow: Flow, seconds: float, *, most_s: float) -> None:
        """Waits until a flow that is delayed for some seconds may have its turn, or the suspicion ends."""
        await self._queue.wait(flow.identity, seconds, most_s=most_s)

    def send(self, flow: Flow, now_s: float) -> None:
        """Records that a probe goes out."""
        self._cluster.send(flow, now_s)
        if self._suspicions and (suspicion := self._suspicions.get(flow.identity)):
            suspicion.send(flow, now_s)
