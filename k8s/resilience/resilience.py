"""The circuit breakers and the throttle of one cluster, shared by all connections to it.

A failure of the connection (refused, no such host, TLS) opens the breaker of the whole cluster. A request that times
out or breaks off opens the breaker of its own flow (`k8s.resilience.flow`), because one kind may hang while all others
are answered. A flow is rejected because of its own failures, and never because other callers keep asking for a kind
that hangs.

If flows of several identities and kinds get no answer, and no flow gets one, the whole cluster is suspected: flows
without a recent answer go out one by one (`k8s.resilience.suspicion`), so that hundreds of callers do not each wait for
their deadline.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from k8s.errors import ClusterError
from k8s.resilience.circuitbreaker import LONGEST_PAUSE_S, BreakerPermit, CircuitBreaker
from k8s.resilience.flow import Flow
from k8s.resilience.recentflows import RecentFlows
from k8s.resilience.suspicion import Suspicions
from k8s.resilience.throttle import ANSWERED_S, PauseScope, Throttle

PROBE_S: Final = 5.0
"""Seconds after which another probe of the connection may go: the first may be of a kind that hangs."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A request that may be sent. Its result is reported to `Resilience` once.

    Attributes:
        flow: The flow of the request.
        cluster_permit: The permit of the cluster's breaker.
        flow_permit: The permit of the flow's breaker; None if the flow has not failed.
    """

    flow: Flow
    cluster_permit: BreakerPermit
    flow_permit: BreakerPermit | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A request that must not be sent now.

    Attributes:
        scope: The requests that are rejected.
        retry_in_s: Seconds until the next request may go.
        cause: The cause of the last failure.
        is_queued: Whether the request may go as soon as it is its turn.
    """

    scope: PauseScope
    retry_in_s: float
    cause: str
    is_queued: bool = False


@dataclass(slots=True)
class _FailedFlow:
    breaker: CircuitBreaker
    cause: str


class Resilience:
    """The circuit breakers and the throttle of one cluster.

    Attributes:
        breaker: The breaker of the whole cluster.
        throttle: The pauses that the API server asks for.
        was_open: The value of `is_open` at the last notification of the observer.
    """

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self.breaker = CircuitBreaker(clock, probe_s=PROBE_S)
        self.throttle = Throttle(clock=clock)
        self.was_open = False
        self._cause = "no answer."
        self._failed_flows: RecentFlows[_FailedFlow] = RecentFlows()
        self._answered_s: RecentFlows[float] = RecentFlows()
        self._suspicions = Suspicions(failing_interval_s=LONGEST_PAUSE_S)

    @property
    def is_open(self) -> bool:
        """Returns whether the whole cluster is considered down."""
        return self.breaker.failures > 0 or self._suspicions.is_general

    def failures(self, flow: Flow) -> int:
        """Returns the number of failures of a flow since its last answer."""
        failed_flow = self._failed_flows.get(flow)
        return failed_flow.breaker.failures if failed_flow else 0

    def admit(self, flow: Flow) -> Permit | Rejection:
        """Admits or rejects a request; admitted ones report `answered`, `unreachable`, `unanswered` or `released`."""
        failed_flow = self._failed_flows.get(flow)
        flow_permit = failed_flow.breaker.admit() if failed_flow else None
        if failed_flow and flow_permit is None:
            return Rejection(PauseScope.FLOW, failed_flow.breaker.retry_in_s, failed_flow.cause)
        if rejection := self._rejection_on_suspicion(flow, failed_flow):
            self._release(failed_flow, flow_permit)
            return rejection
        cluster_permit = self.breaker.admit()
        if cluster_permit is None:
            self._release(failed_flow, flow_permit)
            return Rejection(PauseScope.CLUSTER, self.breaker.retry_in_s, self._cause)
        if self._suspicions and not self._was_answered(flow):
            self._suspicions.send(flow, self._now_s())
        return Permit(flow, cluster_permit, flow_permit)

    def answered(self, permit: Permit) -> None:
        """Records an answer of the API server, with any status."""
        self.breaker.succeeded()
        self._failed_flows.drop(permit.flow)
        self._answered_s.put(permit.flow, self._now_s())
        if self._suspicions:
            self._suspicions.clear(permit.flow)

    def unreachable(self, permit: Permit, error: ClusterError) -> None:
        """Records that there was no connection, so that no request can succeed now."""
        self._cause = error.cause
        self._release(self._failed_flows.get(permit.flow), permit.flow_permit)
        self.breaker.failed(permit.cluster_permit)

    def unanswered(self, permit: Permit, error: ClusterError) -> None:
        """Records a timeout or an incomplete answer on an open connection, which concerns the flow alone.

        If the cluster was found to be down since then, this connection says nothing about that, because it is older.
        """
        flow = permit.flow
        failed_flow = self._failed_flows.get(flow) or _FailedFlow(CircuitBreaker(self._now_s), "")
        failed_flow.cause = self._cause = error.cause
        failed_flow.breaker.failed(permit.flow_permit or BreakerPermit(0))
        self._failed_flows.put(flow, failed_flow)
        self._answered_s.drop(flow)
        self._suspicions.note(flow, self._now_s())
        if permit.cluster_permit == self.breaker.failures:
            self.breaker.succeeded()

    def released(self, permit: Permit) -> None:
        """Records a request that was cancelled before an answer, which says nothing about the cluster."""
        self._release(self._failed_flows.get(permit.flow), permit.flow_permit)
        self.breaker.released(permit.cluster_permit)

    async def wait(self, flow: Flow, rejection: Rejection, *, most_s: float) -> None:
        """Waits until a queued flow may have its turn."""
        await self._suspicions.wait(flow, rejection.retry_in_s, most_s=most_s)

    def _rejection_on_suspicion(self, flow: Flow, failed_flow: _FailedFlow | None) -> Rejection | None:
        """Returns a rejection if a suspicion of the cluster or of the flow's identity delays the flow.

        A suspected identity delays only those of its flows that have failed themselves.
        """
        if not self._suspicions or self._was_answered(flow):
            return None
        now_s = self._now_s()
        if failed_flow and (wait_s := self._suspicions.identity_wait_s(flow, now_s)):
            return Rejection(PauseScope.FLOW, wait_s, failed_flow.cause)
        if wait_s := self._suspicions.cluster_wait_s(flow, now_s):
            return Rejection(PauseScope.CLUSTER, wait_s, self._cause, is_queued=failed_flow is None)
        return None

    def _was_answered(self, flow: Flow) -> bool:
        answered_s = self._answered_s.get(flow)
        return answered_s is not None and self._now_s() - answered_s < ANSWERED_S

    def _release(self, failed_flow: _FailedFlow | None, permit: BreakerPermit | None) -> None:
        if failed_flow and permit is not None:
            failed_flow.breaker.released(permit)

    def _now_s(self) -> float:
        return self.breaker.clock()
