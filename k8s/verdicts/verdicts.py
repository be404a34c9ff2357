"""What the answers of one cluster say about whom to ask for what again; shared by all connections to it.

What concerns the connection (refused, no such host, TLS) concerns everybody: the cluster's breaker opens. A request
that is not answered in time, or breaks off, concerns its flow alone (`k8s.verdicts.flow`): one kind may hang while
all others are answered. A flow is refused for what happened to itself, and never because others keep asking for what
hangs.

Where several identities and kinds get no answer and nobody else does, the cluster is silent: then flows that were not
answered lately go out one by one (`k8s.verdicts.doubt`), so that hundreds of callers do not wait for their deadlines
each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from k8s.errors import ClusterError
from k8s.verdicts.breaker import LONGEST_PAUSE_S, Admission, Breaker
from k8s.verdicts.doubts import Doubts
from k8s.verdicts.flow import Flow
from k8s.verdicts.recentflows import RecentFlows
from k8s.verdicts.throttle import ANSWERED_S, Scope, Throttle

PROBE_S: Final = 5.0
"""Seconds after which a probe of the connection lets another one go: it may be one of a kind that hangs."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that goes out; `Verdicts` is told once what became of it.

    Attributes:
        flow: Its flow.
        by_cluster: Of the cluster's breaker.
        by_flow: Of the flow's breaker; None if it has none, because it did not fail.
    """

    flow: Flow
    by_cluster: Admission
    by_flow: Admission | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that does not go out.

    Attributes:
        scope: What is not asked.
        retry_in_s: How long not.
        cause: Of the last failure.
        may_go_soon: Whether it is only not its turn yet.
    """

    scope: Scope
    retry_in_s: float
    cause: str
    may_go_soon: bool = False


@dataclass(slots=True)
class _Failed:
    breaker: Breaker
    cause: str


class Verdicts:
    """Those of one cluster.

    Attributes:
        breaker: The whole cluster's.
        throttle: When it may be asked for what again.
        was_open: Whether the cluster as a whole was taken for down when its observer was told last.
    """

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self.breaker = Breaker(clock, probe_s=PROBE_S)
        self.throttle = Throttle(clock=clock)
        self.was_open = False
        self._cause = "no answer."
        self._failed: RecentFlows[_Failed] = RecentFlows()
        self._answered_s: RecentFlows[float] = RecentFlows()
        self._silence = Doubts(let_down_interval_s=LONGEST_PAUSE_S)

    @property
    def is_open(self) -> bool:
        """Whether the cluster as a whole is taken for down."""
        return self.breaker.failures > 0 or self._silence.is_general

    def failures(self, flow: Flow) -> int:
        """Returns how often a flow failed since it was last answered."""
        failed = self._failed.get(flow)
        return failed.breaker.failures if failed else 0

    def admit(self, flow: Flow) -> Admitted | Refused:
        """Lets a request out, or not; one that is let out reports `answered`, `lost`, `unanswered` or `released`."""
        failed = self._failed.get(flow)
        by_flow = failed.breaker.admit() if failed else None
        if failed and by_flow is None:
            return Refused(Scope.FLOW, failed.breaker.retry_in_s, failed.cause)
        if silent := self._silent(flow, failed):
            self._release(failed, by_flow)
            return silent
        by_cluster = self.breaker.admit()
        if by_cluster is None:
            self._release(failed, by_flow)
            return Refused(Scope.CLUSTER, self.breaker.retry_in_s, self._cause)
        if self._silence and not self._was_answered(flow):
            self._silence.send(flow, self._now_s())
        return Admitted(flow, by_cluster, by_flow)

    def answered(self, admitted: Admitted) -> None:
        """The API server answered, whatever it said and whenever it was asked."""
        self.breaker.succeeded()
        self._failed.drop(admitted.flow)
        self._answered_s.put(admitted.flow, self._now_s())
        if self._silence:
            self._silence.clear(admitted.flow)

    def lost(self, admitted: Admitted, error: ClusterError) -> None:
        """No connection: nobody can ask it now."""
        self._cause = error.cause
        self._release(self._failed.get(admitted.flow), admitted.by_flow)
        self.breaker.failed(admitted.by_cluster)

    def unanswered(self, admitted: Admitted, error: ClusterError) -> None:
        """No answer in time, or no whole one, though there was a connection: this concerns the flow.

        If the cluster was found to be down meanwhile, the connection says nothing about that, as it was made before.
        """
        flow = admitted.flow
        failed = self._failed.get(flow) or _Failed(Breaker(self._now_s), "")
        failed.cause = self._cause = error.cause
        failed.breaker.failed(admitted.by_flow or Admission(0))
        self._failed.put(flow, failed)
        self._answered_s.drop(flow)
        self._silence.note(flow, self._now_s())
        if admitted.by_cluster == self.breaker.failures:
            self.breaker.succeeded()

    def released(self, admitted: Admitted) -> None:
        """The request was given up before an answer, which says nothing."""
        self._release(self._failed.get(admitted.flow), admitted.by_flow)
        self.breaker.released(admitted.by_cluster)

    async def wait(self, flow: Flow, refused: Refused, *, most_s: float) -> None:
        """Waits until a flow whose turn it was not may have it."""
        await self._silence.wait(flow, refused.retry_in_s, most_s=most_s)

    def _silent(self, flow: Flow, failed: _Failed | None) -> Refused | None:
        """A refusal of a flow whose turn it is not, at a cluster that answers nobody, or not this identity.

        What an identity is not answered holds up just what it was not answered before.
        """
        if not self._silence or self._was_answered(flow):
            return None
        now_s = self._now_s()
        if failed and (wait_s := self._silence.of_identity_s(flow, now_s)):
            return Refused(Scope.FLOW, wait_s, failed.cause)
        if wait_s := self._silence.of_cluster_s(flow, now_s):
            return Refused(Scope.CLUSTER, wait_s, self._cause, may_go_soon=failed is None)
        return None

    def _was_answered(self, flow: Flow) -> bool:
        answered_s = self._answered_s.get(flow)
        return answered_s is not None and self._now_s() - answered_s < ANSWERED_S

    def _release(self, failed: _Failed | None, admission: Admission | None) -> None:
        if failed and admission is not None:
            failed.breaker.released(admission)

    def _now_s(self) -> float:
        return self.breaker.clock()
