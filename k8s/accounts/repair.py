"""Repair of an account after a refusal: its bindings, its namespace or itself may have been removed by others.

Another replica, the reconciler, or an administrator with kubectl may change the objects that this process made in a
cluster. A refusal indicates that. The account is then reconciled with its grants, once for all requests that are
refused meanwhile.

- A call that was allowed before, or a token that is not accepted, causes a repair at once; after one without a change,
  not for some seconds.
- A call that was never allowed mostly lacks a grant. It causes a repair as well, since a role may have been created
  after it was granted, but at growing intervals while nothing is missing.
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
"""A granted role that is missing may be created at any time."""
LONGEST_PAUSE_FOR_MISSING_S: Final = 30.0
PAUSE_FOR_ALLOWED_S: Final = 2.0
"""A call may be allowed and refused alternately, as often as its caller likes."""
PAUSE_FOR_TOKEN_S: Final = 5.0
"""The shortest interval between new tokens for a cluster that accepts none."""
_MOST_PLACES: Final = 1000

_Place: TypeAlias = tuple[str, str, int]
Reconcile: TypeAlias = Callable[[], Awaitable[ReconcileResult]]


class AccountRepair:
    """The calls that one account was allowed, and the time of its last repair.

    Attributes:
        changes: The number of repairs that changed something.
    """

    def __init__(
        self, reconcile: Reconcile, *, renew: Callable[[], None], clock: Callable[[], float] = monotonic
    ) -> None:
        """Takes the steps of a repair.

        Args:
            reconcile: Reconciles the account with its grants.
            renew: Drops its token: a token of an account that was created again is soon refused.
            clock: Returns seconds of a monotonic clock.
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
        """Records that a call was answered."""
        place = _place(call)
        self._allowed.pop(place, None)
        self._allowed[place] = None  # the latest
        if len(self._allowed) > _MOST_PLACES:
            del self._allowed[next(iter(self._allowed))]

    async def repairs(self, call: Call, refusal: errors.StatusError, *, since: int) -> bool:
        """Repairs the account after a refusal; returns whether something changed, so that a retry may succeed.

        Args:
            call: The refused call.
            refusal: The error.
            since: The value of `changes` when the call was sent.
        """
        if self.changes == since and self._is_evidence(call, refusal):
            if self._repair is None:
                self._repair = asyncio.create_task(self._run())
                self._repair.add_done_callback(self._finish)
            await asyncio.shield(self._repair)
        return self.changes != since

    def _is_evidence(self, call: Call, refusal: errors.StatusError) -> bool:
        if isinstance(refusal, errors.Unauthenticated) and self._is_over(self._token_until_s):
            self._renews = True
        return self._repair is not None or self._renews or self._was_allowed(call) or self._is_over(self._quiet_until_s)

    def _was_allowed(self, call: Call) -> bool:
        """Returns whether the call was allowed, once until the next answer: revoked grants are no lasting evidence."""
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
        PORTION.set(None)  # the portion belongs to the body of the first caller
        try:
            self._note(await self._reconcile())
        except errors.ClusterError:
            self._rest(self._pause_s)  # the caller gets the refusal
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

    def _finish(self, task: "asyncio.Task[None]") -> None:
        if self._repair is task:  # cancelled before it began
            self._repair = None
        if not task.cancelled():
            task.exception()  # retrieved, in case no caller waits for it

    async def close(self) -> None:
        """Cancels a repair in progress, and with it all that wait for it."""
        if self._repair is not None:
            self._repair.cancel()
            await asyncio.wait([self._repair])


def _place(call: Call) -> _Place:
    """Returns the parts of a call that RBAC distinguishes: a role may name objects, and fields narrow a list to one.

    Callers write selectors of any length, of which only a hash is stored.
    """
    return call.verb, call.path, hash(dict(call.query).get("fieldSelector", ""))
