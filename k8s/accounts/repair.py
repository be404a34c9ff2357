"""Looking after an account that is refused something: others may have removed it, its bindings or its namespace.

Another replica, the reconciler, or an administrator with kubectl may change what this process made in a cluster. A
refusal is the evidence for it: the account is brought to what is granted, once for all who were refused meanwhile.

- What the same account was allowed before, and a token that is not accepted, is looked after at once; after a look that
  found nothing wrong, not for some seconds.
- What it was never allowed is mostly what nobody granted. It is looked after as well, since a role may have been made
  after it was granted, but less and less often while nothing is missing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeAlias

from k8s import errors
from k8s.accounts.accounts import ReconcileResult
from k8s.transport.bodymemory import PORTION
from k8s.transport.call import Call

SHORTEST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 60.0
SHORTEST_PAUSE_FOR_MISSING_S: Final = 1.0
"""Where a granted role is known to be missing, it may be there at any time."""
LONGEST_PAUSE_FOR_MISSING_S: Final = 30.0
PAUSE_FOR_ALLOWED_S: Final = 2.0
"""What was allowed and is refused may be so in turn, as often as its caller likes."""
PAUSE_FOR_TOKEN_S: Final = 5.0
"""A cluster that accepts no token costs no more tokens than this."""
_MOST_PLACES: Final = 1000

_Place: TypeAlias = tuple[str, str, int]
Reconcile: TypeAlias = Callable[[], Awaitable[ReconcileResult]]


class AccountRepair:
    """What one account was allowed, and when it was last looked after.

    Attributes:
        changes: How often something was missing.
    """

    def __init__(
        self, reconcile: Reconcile, *, renew: Callable[[], None], clock: Callable[[], float] = monotonic
    ) -> None:
        """Takes what it does.

        Args:
            reconcile: Brings the account to what is granted.
            renew: Lets go of its token: that of an account that was made anew is not accepted for long.
            clock: Seconds of a monotonic clock.
        """
        self.changes = 0
        self._reconcile = reconcile
        self._renew = renew
        self._clock = clock
        self._allowed: dict[_Place, None] = {}
        self._repair: asyncio.Task[None] | None = None
        self._renews = False
        self._pause_s = SHORTEST_PAUSE_S
        self._pause_for_missing_s = SHORTEST_PAUSE_FOR_MISSING_S
        self._quiet_until_s = self._allowed_until_s = self._token_until_s = 0.0

    def allowed(self, call: Call) -> None:
        """Notes that a call was answered."""
        place = _place(call)
        self._allowed.pop(place, None)
        self._allowed[place] = None  # the last one now
        if len(self._allowed) > _MOST_PLACES:
            del self._allowed[next(iter(self._allowed))]

    async def repairs(self, call: Call, refusal: errors.StatusError, *, since: int) -> bool:
        """Whether a refused call is worth sending again, because something was missing.

        Args:
            call: What was refused.
            refusal: How.
            since: `changes` when the call was sent.
        """
        if self.changes == since and self._is_evidence(call, refusal):
            if self._repair is None:
                self._repair = asyncio.create_task(self._run())
                self._repair.add_done_callback(self._done)
            await asyncio.shield(self._repair)
        return self.changes != since

    def _is_evidence(self, call: Call, refusal: errors.StatusError) -> bool:
        if isinstance(refusal, errors.Unauthenticated) and self._is_over(self._token_until_s):
            self._renews = True
        return self._repair is not None or self._renews or self._was_allowed(call) or self._is_over(self._quiet_until_s)

    def _was_allowed(self, call: Call) -> bool:
        """Tells it once, until it is allowed again: what is not granted any more is no evidence for long."""
        if not self._is_over(self._allowed_until_s):
            return False
        place = _place(call)
        was_allowed = place in self._allowed
        if was_allowed:
            del self._allowed[place]
            self._allowed_until_s = self._clock() + PAUSE_FOR_ALLOWED_S
        return was_allowed

    def _is_over(self, until_s: float) -> bool:
        return self._clock() >= until_s

    async def _run(self) -> None:
        PORTION.set(None)  # the memory is that of a body which whoever came first waits for
        try:
            self._note(await self._reconcile())
        except errors.ClusterError:
            self._rest(self._pause_s)  # the refusal is the answer
        finally:
            if self._renews:
                self._token_until_s = self._clock() + PAUSE_FOR_TOKEN_S
            self._repair, self._renews = None, False

    def _note(self, result: ReconcileResult) -> None:
        is_repaired = bool(result.changed or result.is_new)
        if result.is_new or self._renews:
            self._renew()
        if is_repaired or self._renews:
            self.changes += 1
        self._rest_after(result, is_repaired=is_repaired)

    def _rest_after(self, result: ReconcileResult, *, is_repaired: bool) -> None:
        if is_repaired:
            self._pause_s, self._allowed_until_s = SHORTEST_PAUSE_S, 0.0
        if is_repaired or not result.missing:
            self._pause_for_missing_s = SHORTEST_PAUSE_FOR_MISSING_S
        self._rest(self._pause_for_missing_s if result.missing else self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)
        self._pause_for_missing_s = min(LONGEST_PAUSE_FOR_MISSING_S, 2 * self._pause_for_missing_s)

    def _rest(self, pause_s: float) -> None:
        self._quiet_until_s = self._clock() + pause_s

    def _done(self, task: "asyncio.Task[None]") -> None:
        if self._repair is task:  # it was cancelled before it began
            self._repair = None
        if not task.cancelled():
            task.exception()  # seen here, if nobody waits for it

    async def close(self) -> None:
        """Ends what is under way; who waits for it is told that it was cancelled."""
        if self._repair is not None:
            self._repair.cancel()
            await asyncio.wait([self._repair])


def _place(call: Call) -> _Place:
    """What RBAC tells apart of a call: a role may name single objects, and fields narrow a list to one.

    Callers write selectors of any length, of which only a number is kept.
    """
    return call.verb, call.path, hash(dict(call.query).get("fieldSelector", ""))
