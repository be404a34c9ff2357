"""Short-lived tokens, which are cached and renewed.

Projected service account tokens of a pod, tokens of TokenRequests and of exec plugins expire within minutes or hours. A
`Transport` asks its source before each request, and once more after a 401.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from k8s.credentials.credential import Secret
from k8s.errors import ClusterError, without_frames
from k8s.transport.bodymemory import PORTION

RENEWED_AT: Final = 0.8
"""The part of its lifetime after which a token is renewed (as the kubelet does with projected tokens)."""
PAUSE: Final = timedelta(seconds=5)
"""The time for which a failure to get a token is repeated as the answer, and the age below which a refused token is not
replaced: a cluster that accepts no tokens causes no more requests than this."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token with its expiry.

    Attributes:
        expires_at: The expiry by its issuer, in UTC; None if unknown.
    """

    token: Secret
    expires_at: datetime | None


Issue: TypeAlias = Callable[[], Awaitable[IssuedToken]]
"""Issues a new token, with a timeout of its own."""


@dataclass(frozen=True, slots=True)
class _CurrentToken:
    token: Secret
    issued_at: datetime
    renew_at: datetime | None
    expires_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at

    def is_due(self, now: datetime) -> bool:
        return self.renew_at is not None and now >= self.renew_at


class RenewedToken:
    """A source that issues a token on demand, and another one at 80 % of its lifetime.

    Concurrent requests share one issue. While the old token is valid, no request waits for the next one; if that fails,
    the old one is used until its expiry.
    """

    def __init__(
        self, issue: Issue, *, is_local: bool = False, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Takes the issuer.

        Args:
            issue: Issues a token.
            is_local: Whether tokens are issued on this machine, so that the wait for one says nothing about a cluster.
            clock: The current time.
        """
        self._is_local = is_local
        self._issue = issue
        self._clock = clock
        self._current: _CurrentToken | None = None
        self._issuing: asyncio.Task[_CurrentToken] | None = None
        self._tasks: set[asyncio.Task[_CurrentToken]] = set()
        self._generation = 0
        self._failure: Exception | None = None
        self._failed_at: datetime | None = None

    @property
    def has_token(self) -> bool:
        """Returns whether there is a token that is valid now."""
        return self._current is not None and self._current.is_good(self._clock())

    @property
    def is_prepared(self) -> bool:
        """Returns whether there is a token, or none without a request."""
        return not self._is_local or self.has_token

    async def prepare(self) -> None:
        """Issues a token if there is none and that takes no request; raises as `token`."""
        if not self.is_prepared:
            await self.token()

    async def token(self) -> Secret:
        """Returns a token that is valid now.

        Raises:
            CredentialInvalid: No token can be issued; the text gives the reason.
            ClusterError: The request for a token to a cluster failed.
        """
        now, current = self._clock(), self._current
        if current is None or not current.is_good(now):
            self._raise_recent_failure(now)
            return (await asyncio.shield(self._issued())).token
        if current.is_due(now) and not self._has_just_failed(now):
            self._issued()
        return current.token

    def refused(self, token: Secret) -> None:
        """Drops a token that the API server answered with 401, so that the next request gets another one.

        A token that is younger than `PAUSE` stays: another one would be refused as well.
        """
        current = self._current
        if current is not None and current.token == token and not _is_recent(current.issued_at, self._clock()):
            self._current = None

    def forget(self) -> None:
        """Drops the token, however new it is, because its account no longer exists.

        A token that is being issued is still returned to its waiters, but not cached.
        """
        self._current = self._issuing = None
        self._generation += 1

    async def close(self) -> None:
        """Cancels a request for a token that is in progress, and with it all that wait for it."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _issued(self) -> "asyncio.Task[_CurrentToken]":
        if self._issuing is None or self._issuing.done():
            self._issuing = asyncio.create_task(self._issue_one(self._generation))
            self._tasks.add(self._issuing)
            self._issuing.add_done_callback(self._forget_task)
        return self._issuing

    async def _issue_one(self, generation: int) -> _CurrentToken:
        PORTION.set(None)  # the portion belongs to the body of the first caller, not to the token
        try:
            issued = await self._issue()
        except Exception as error:
            if generation == self._generation:
                self._failure, self._failed_at = error, self._clock()
            if isinstance(error, ClusterError):  # it is stored, and its frames would hold answers
                raise without_frames(error) from error.__cause__
            raise
        now = self._clock()
        renew_at = None if issued.expires_at is None else now + (issued.expires_at - now) * RENEWED_AT
        current = _CurrentToken(issued.token, now, renew_at, issued.expires_at)
        if generation == self._generation:
            self._current = current
            self._failure = self._failed_at = None
        return current

    def _forget_task(self, task: "asyncio.Task[_CurrentToken]") -> None:
        self._tasks.discard(task)
        if self._issuing is task:
            self._issuing = None
        if not task.cancelled():
            task.exception()  # retrieved, in case no caller waits for it

    def _raise_recent_failure(self, now: datetime) -> None:
        if self._failure is not None and self._has_just_failed(now):
            raise self._failure.with_traceback(None)

    def _has_just_failed(self, now: datetime) -> bool:
        return self._failed_at is not None and _is_recent(self._failed_at, now)


def _is_recent(moment: datetime, now: datetime) -> bool:
    """Returns whether a moment is less than `PAUSE` ago; False for one in the future, as the clock was set back."""
    return timedelta(0) <= now - moment < PAUSE
