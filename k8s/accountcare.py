"""Looking after an account that is refused something: others may have removed it, its bindings or its namespace.

Another replica, the reconciler, or an administrator with kubectl may change what this process made in a cluster. A
refusal is the evidence for it: the account is brought to what is granted, once for all who were refused meanwhile.

- What the same account was allowed before, and a token that is not accepted, is looked after at once.
- What it was never allowed is mostly what nobody granted. It is looked after as well, since a role may have been made
  after it was granted, but less and less often while nothing is missing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeAlias

from k8s import errors
from k8s.accounts import Kept
from k8s.call import Call

SHORTEST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 60.0
_PAUSE_FOR_MISSING_S: Final = 1.0
"""Where a granted role is known to be missing, it may be there at any time."""
_MOST_PLACES: Final = 1000

_Place: TypeAlias = tuple[str, str]
Keep: TypeAlias = Callable[[], Awaitable[Kept]]


class AccountCare:
    """What one account was allowed, and when it was last looked after.

    Attributes:
        changes: How often something was missing.
    """

    def __init__(self, keep: Keep, *, renew: Callable[[], None], clock: Callable[[], float] = monotonic) -> None:
        """Takes what it does.

        Args:
            keep: Brings the account to what is granted.
            renew: Lets go of its token: that of an account that was made anew is not accepted for long.
            clock: Seconds of a monotonic clock.
        """
        self.changes = 0
        self._keep = keep
        self._renew = renew
        self._clock = clock
        self._allowed: dict[_Place, None] = {}
        self._looking: asyncio.Task[None] | None = None
        self._pause_s = SHORTEST_PAUSE_S
        self._quiet_until_s = 0.0

    def allowed(self, call: Call) -> None:
        """Notes that a call was answered."""
        place = _place(call)
        self._allowed.pop(place, None)
        self._allowed[place] = None  # the last one now
        if len(self._allowed) > _MOST_PLACES:
            del self._allowed[next(iter(self._allowed))]

    async def mends(self, call: Call, refusal: errors.StatusError, *, since: int) -> bool:
        """Whether a refused call is worth sending again, because something was missing.

        Args:
            call: What was refused.
            refusal: How.
            since: `changes` when the call was sent.
        """
        if self.changes == since and self._is_evidence(call):
            if self._looking is None:
                is_token = isinstance(refusal, errors.Unauthenticated)
                self._looking = asyncio.create_task(self._look(is_token=is_token))
                self._looking.add_done_callback(self._looked)
            await asyncio.shield(self._looking)
        return self.changes != since

    def _is_evidence(self, call: Call) -> bool:
        if self._looking is not None:
            return True
        place = _place(call)
        was_allowed = place in self._allowed
        self._allowed.pop(place, None)  # until it is again: what is not granted any more is no evidence for long
        return was_allowed or self._clock() >= self._quiet_until_s

    async def _look(self, *, is_token: bool) -> None:
        try:
            kept = await self._keep()
        except errors.ClusterError:
            self._rest(self._pause_s)  # the refusal is the answer
            return
        if kept.is_new or is_token:
            self._renew()
        if kept.changed or kept.is_new or is_token:
            self.changes += 1
        if kept.changed or kept.is_new:
            self._pause_s = SHORTEST_PAUSE_S
        self._rest(_PAUSE_FOR_MISSING_S if kept.missing else self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)

    def _rest(self, pause_s: float) -> None:
        self._quiet_until_s = self._clock() + pause_s

    def _looked(self, task: "asyncio.Task[None]") -> None:
        self._looking = None
        if not task.cancelled():
            task.exception()  # seen here, if nobody waits for it

    async def close(self) -> None:
        """Ends what is under way; who waits for it is told that it was cancelled."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])


def _place(call: Call) -> _Place:
    """What RBAC tells apart of a call; a role may name single objects."""
    return call.verb, call.path
