"""Waiting as long as an API server asks to: what was put off waits, and nothing else.

An API server that sheds load answers 429, and one that starts or stops 503, with `Retry-After` (RFC 9110, section
10.2.3): seconds, or a date. What is asked for is capped, and spread at random, so that those who wait do not all come
back at the same moment. A 429 may be about one user (API priority and fairness), one kind or one object (a disruption
budget), so it holds up nobody else.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from operator import attrgetter
from time import monotonic
from typing import Final, NamedTuple

from k8s.resilience.flow import Flow
from k8s.resilience.recentflows import RecentFlows
from k8s.resilience.suspicion import Suspicions

LONGEST_S: Final = 30.0
"""The longest pause, whatever is asked for."""

WITHOUT_HEADER_S: Final = 1.0
"""The pause after a 429 that does not say how long, as API servers themselves say it."""

ANSWERED_S: Final = 30.0
"""Seconds for which a flow that was answered is not held up by what happens to others."""

FAILING_INTERVAL_S: Final = 8.0
"""Where everything is put off: the longest interval between requests of flows that were put off before."""

_SPREAD: Final = 0.25
_SECONDS: Final = re.compile(r"[0-9]{1,20}")


def retry_after_s(header: str, *, now: datetime | None = None) -> float | None:
    """The seconds that a `Retry-After` header asks for, between 0 and `LONGEST_S`; None if it says nothing."""
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return min(LONGEST_S, float(text))
    try:
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        wait_s = (until - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, OverflowError):  # the second one for a year or an offset that no clock has
        return None
    return min(LONGEST_S, max(0.0, wait_s))


class PauseScope(Enum):
    """What a verdict is about."""

    FLOW = "flow"
    IDENTITY = "identity"
    CLUSTER = "cluster"


class Pause(NamedTuple):
    """How long a flow waits, and what else does.

    Attributes:
        seconds: Until it may be asked for again, as far as is known now; 0 when it may be.
        scope: What is paused.
    """

    seconds: float
    scope: PauseScope


class Throttle:
    """When an API server may be asked for what again; shared by all who ask it. Times are seconds of a monotonic clock.

    Who is put off waits: one flow (`k8s.resilience.flow`). Where several kinds of one identity are put off, or several
    identities and kinds, and nobody is answered in between, all others of that identity, or of the cluster, go out
    one by one (`k8s.resilience.suspicion`), except for those that were answered a moment ago.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        spread: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._spread = spread
        self._until_s: RecentFlows[float] = RecentFlows()
        self._answered_s: RecentFlows[float] = RecentFlows()
        self._suspicions = Suspicions(failing_interval_s=FAILING_INTERVAL_S)

    def pause_of(self, flow: Flow) -> Pause:
        """Returns how long a flow has to wait, because it was put off or because of what happened to others."""
        now_s = self._clock()
        own = Pause(max(0.0, (self._until_s.get(flow) or 0.0) - now_s), PauseScope.FLOW)
        if own.seconds or not self._suspicions or self._was_answered(flow, now_s):
            return own
        identity = Pause(self._suspicions.identity_wait_s(flow, now_s), PauseScope.IDENTITY)
        cluster = Pause(self._suspicions.cluster_wait_s(flow, now_s), PauseScope.CLUSTER)
        return max(identity, cluster, key=attrgetter("seconds"))

    def pause(self, flow: Flow, seconds: float) -> None:
        """Notes that a flow was put off; a longer pause that it was asked for before still holds."""
        now_s = self._clock()
        self._until_s.put(flow, max(self._until_s.get(flow) or 0.0, now_s + seconds))
        self._answered_s.drop(flow)
        self._suspicions.note(flow, now_s)

    def answered(self, flow: Flow) -> None:
        """Notes that a flow was answered, and not put off: nothing is wrong with its identity, nor with the cluster."""
        self._answered_s.put(flow, self._clock())
        if self._suspicions:
            self._suspicions.clear(flow)

    async def wait(self, flow: Flow, pause: Pause, within_s: float) -> None:
        """Waits for a pause, each caller for another while longer; half of what is left is kept.

        The pauses of an identity and of a cluster may end at any time.
        """
        if pause.scope is PauseScope.FLOW:
            most_s = min(pause.seconds * _SPREAD, max(0.0, (within_s - pause.seconds) / 2))
            await self._sleep(pause.seconds + self._spread(0.0, most_s))
        else:
            await self._suspicions.wait(flow, pause.seconds, most_s=within_s)

    def send(self, flow: Flow) -> None:
        """Notes that a request goes out, which had no pause to wait for."""
        if self._suspicions and not self._was_answered(flow, now_s := self._clock()):
            self._suspicions.send(flow, now_s)

    def _was_answered(self, flow: Flow, now_s: float) -> bool:
        answered_s = self._answered_s.get(flow)
        return answered_s is not None and now_s - answered_s < ANSWERED_S
