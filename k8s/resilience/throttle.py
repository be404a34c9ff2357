"""A throttle that pauses exactly the requests that an API server has put off.

An API server that sheds load answers 429, and one that starts or stops 503, with `Retry-After` (RFC 9110, section
10.2.3): seconds, or a date. Pauses are capped, and spread at random, so that waiting requests are not all sent at the
same moment. A 429 may concern one user (API priority and fairness), one kind or one object (a disruption budget), so it
pauses no other requests.
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
"""The longest pause, whatever the header says."""

WITHOUT_HEADER_S: Final = 1.0
"""The pause after a 429 without the header, as API servers themselves send it."""

ANSWERED_S: Final = 30.0
"""Seconds after an answer for which failures of other flows do not delay a flow."""

FAILING_INTERVAL_S: Final = 8.0
"""The longest interval between two requests of throttled flows while all flows are throttled."""

_SPREAD: Final = 0.25
_SECONDS: Final = re.compile(r"[0-9]{1,20}")


def retry_after_s(header: str, *, now: datetime | None = None) -> float | None:
    """Returns the seconds of a `Retry-After` header, between 0 and `LONGEST_S`; None if it is invalid."""
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return min(LONGEST_S, float(text))
    try:
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        wait_s = (until - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, OverflowError):  # OverflowError: a year or an offset out of range
        return None
    return min(LONGEST_S, max(0.0, wait_s))


class PauseScope(Enum):
    """The requests that a pause or a rejection concerns."""

    FLOW = "flow"
    IDENTITY = "identity"
    CLUSTER = "cluster"


class Pause(NamedTuple):
    """The pause of a flow.

    Attributes:
        seconds: Seconds until the next request, as far as is known now; 0 if it may go.
        scope: The requests that are paused.
    """

    seconds: float
    scope: PauseScope


class Throttle:
    """The pauses of one cluster, shared by all its callers. Times are seconds of a monotonic clock.

    A pause concerns one flow (`k8s.resilience.flow`). If several kinds of one identity are throttled, or several
    identities and kinds, without an answer in between, all other flows of that identity, or of the cluster, go out one
    by one (`k8s.resilience.suspicion`). Flows with a recent answer are exempt.
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
        """Returns the pause of a flow: its own, or the one that a suspicion imposes."""
        now_s = self._clock()
        own = Pause(max(0.0, (self._until_s.get(flow) or 0.0) - now_s), PauseScope.FLOW)
        if own.seconds or not self._suspicions or self._was_answered(flow, now_s):
            return own
        identity = Pause(self._suspicions.identity_wait_s(flow, now_s), PauseScope.IDENTITY)
        cluster = Pause(self._suspicions.cluster_wait_s(flow, now_s), PauseScope.CLUSTER)
        return max(identity, cluster, key=attrgetter("seconds"))

    def pause(self, flow: Flow, seconds: float) -> None:
        """Records that a flow was throttled. A longer pause from before remains in force."""
        now_s = self._clock()
        self._until_s.put(flow, max(self._until_s.get(flow) or 0.0, now_s + seconds))
        self._answered_s.drop(flow)
        self._suspicions.note(flow, now_s)

    def answered(self, flow: Flow) -> None:
        """Records an answer to a flow, which ends the suspicions about its identity and about the cluster."""
        self._answered_s.put(flow, self._clock())
        if self._suspicions:
            self._suspicions.clear(flow)

    async def wait(self, flow: Flow, pause: Pause, within_s: float) -> None:
        """Waits for a pause, spread at random. At most half of the time left is spent on the spread.

        The pauses of an identity and of a cluster may end at any time.
        """
        if pause.scope is PauseScope.FLOW:
            most_s = min(pause.seconds * _SPREAD, max(0.0, (within_s - pause.seconds) / 2))
            await self._sleep(pause.seconds + self._spread(0.0, most_s))
        else:
            await self._suspicions.wait(flow, pause.seconds, most_s=within_s)

    def send(self, flow: Flow) -> None:
        """Records that a request goes out that had no pause to wait for."""
        if self._suspicions and not self._was_answered(flow, now_s := self._clock()):
            self._suspicions.send(flow, now_s)

    def _was_answered(self, flow: Flow, now_s: float) -> bool:
        answered_s = self._answered_s.get(flow)
        return answered_s is not None and now_s - answered_s < ANSWERED_S
