"""Reviews of the callers of what runs for long: subscriptions, and connections that stay open.

A token may end, be revoked, or mean another caller after a change of the configuration; a grant may be taken away. So
each token is verified again, and the clusters of its caller are compared, every few seconds; once for all that runs
with it. What runs is cancelled where access is lost.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time
from typing import Final, TypeAlias

import structlog

from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster, has_lost_rights
from server.auth.accesslost import RIGHTS_LOST, TOKEN_LOST, UNKNOWN, AccessLost
from server.auth.bearer import TokenAuthenticator, expires_at_s
from server.auth.shared import digest
from store.errors import StoreError

REVIEW_S: Final = 5.0
"""Seconds between two reviews; what was lost ends within twice that."""
_UNKNOWN_S: Final = 60.0
"""Seconds after which what runs ends if neither token nor grants can be read."""
_LOG = structlog.stdlib.get_logger("server.live")

ClustersOf: TypeAlias = Callable[[Caller], Awaitable[Sequence[FleetCluster]]]
_Key: TypeAlias = tuple[bytes, Caller]


class AccessEnded(Exception):
    """The end of what ran, since its caller may not see the rest.

    Attributes:
        lost: The reason.
    """

    def __init__(self, lost: AccessLost) -> None:
        super().__init__(lost.message)
        self.lost = lost


@dataclass(eq=False, slots=True)
class _Review:
    """The review of one caller with one token.

    Attributes:
        before: The caller's clusters when it began, or when something was last added.
        known_s: The time when token and clusters were last read.
        users: What is called when access is lost.
    """

    caller: Caller
    token: str | None = field(repr=False)
    before: Sequence[FleetCluster]
    known_s: float
    users: dict[object, Callable[[AccessLost], None]] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None


class Reviews:
    """The reviews of all callers for whom something runs."""

    def __init__(self, callers: TokenAuthenticator, clusters: ClustersOf, *, interval_s: float | None = None) -> None:
        """Takes the authenticator of tokens, and what reads the clusters of a caller; each may raise `StoreError`."""
        self._callers = callers
        self._clusters = clusters
        self._interval_s = interval_s or REVIEW_S
        self._reviews: dict[_Key, _Review] = {}

    def __len__(self) -> int:
        return len(self._reviews)

    @asynccontextmanager
    async def permitted(self, caller: Caller, token: str | None) -> AsyncIterator[None]:
        """Runs its body for as long as the caller may see what it yields, then cancels it.

        Args:
            caller: The caller, as it was authenticated just now.
            token: Its token; None for a caller who needs none.

        Raises:
            AccessEnded: Access was lost, or the token has expired already.
            StoreError: The caller's clusters cannot be read.
        """
        task, lost = asyncio.current_task(), list[AccessLost]()
        assert task is not None  # noqa: S101  coroutines run in tasks
        before = task.cancelling()

        def end(reason: AccessLost) -> None:
            lost.append(reason)
            task.cancel()

        async with self.reviewed(caller, token, end):
            try:
                yield
                if lost:
                    await asyncio.sleep(0)  # the cancellation, which came at the end
            except asyncio.CancelledError:
                if lost and task.uncancel() <= before:
                    raise AccessEnded(lost[0]) from None
                raise

    @asynccontextmanager
    async def reviewed(
        self, caller: Caller, token: str | None, on_lost: Callable[[AccessLost], None]
    ) -> AsyncIterator[None]:
        """Calls `on_lost` when access is lost while the body runs; raises as `permitted` at the beginning."""
        review, use = await self._joined(caller, token), object()
        review.users[use] = on_lost
        if review.task is None:
            review.task = asyncio.create_task(self._follow(review), name="access review")
        try:
            yield
        finally:
            del review.users[use]
            if not review.users:
                self._forget(review)

    async def lost(self, caller: Caller, token: str | None) -> AccessLost:
        """Returns when the caller may not see the rest, with the reason; raises StoreError as `permitted`."""
        try:
            async with self.permitted(caller, token):
                await asyncio.Event().wait()
        except AccessEnded as ended:
            return ended.lost
        raise AssertionError

    async def _joined(self, caller: Caller, token: str | None) -> _Review:
        """Returns the review of a caller, or a new one if rights were lost since it began."""
        if token is not None and _has_expired(token):
            raise AccessEnded(TOKEN_LOST)
        clusters = await self._clusters(caller)
        key = _key(caller, token)
        review = self._reviews.get(key)
        if review is None or has_lost_rights(review.before, clusters):
            review = self._reviews[key] = _Review(caller, token, clusters, asyncio.get_running_loop().time())
        review.before = clusters
        return review

    def _forget(self, review: _Review) -> None:
        key = _key(review.caller, review.token)
        if self._reviews.get(key) is review:
            del self._reviews[key]
        if review.task is not None:
            review.task.cancel()

    async def _follow(self, review: _Review) -> None:
        """Reviews a caller until access is lost."""
        lost: AccessLost | None = None
        while lost is None:
            await asyncio.sleep(self._pause_s(review))
            try:
                lost = await self._lost(review)
            except Exception:  # noqa: BLE001  a failure must not end the reviews
                _LOG.exception("unexpected error")
                lost = self._unknown(review)
        if self._reviews.get(key := _key(review.caller, review.token)) is review:
            del self._reviews[key]  # whatever begins now has a review of its own
        for end in tuple(review.users.values()):
            end(lost)

    def _pause_s(self, review: _Review) -> float:
        expiry_s = None if review.token is None else expires_at_s(review.token)
        return self._interval_s if expiry_s is None else max(0.0, min(self._interval_s, expiry_s - time()))

    async def _lost(self, review: _Review) -> AccessLost | None:
        """Returns the reason why access is lost; None if it is not, or if that has not been known for long."""
        try:
            if review.token is not None:
                current = None if _has_expired(review.token) else await self._callers.caller(review.token)
                if current is None:
                    return TOKEN_LOST
                if current != review.caller:
                    return RIGHTS_LOST
            if has_lost_rights(review.before, await self._clusters(review.caller)):
                return RIGHTS_LOST
        except StoreError:
            return self._unknown(review)
        review.known_s = asyncio.get_running_loop().time()
        return None

    def _unknown(self, review: _Review) -> AccessLost | None:
        unknown_s = asyncio.get_running_loop().time() - review.known_s
        return UNKNOWN if unknown_s > _UNKNOWN_S else None


def _key(caller: Caller, token: str | None) -> _Key:
    return b"" if token is None else digest(token), caller


def _has_expired(token: str) -> bool:
    expiry_s = expires_at_s(token)
    return expiry_s is not None and expiry_s <= time()
