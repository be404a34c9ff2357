"""The keys of one issuer, kept and fetched anew.

- They are fetched when the first token comes, and again when they are older than `max_age_s`: what the issuer has
  withdrawn by then is refused.
- A key that is not among them makes them be fetched at once, but for this reason at most once a minute: whoever makes
  up key ids cannot make us ask the issuer more often.
- While the issuer does not answer, known keys stay valid for `max_stale_s` longer, and it is asked again every ten
  seconds, beside the requests: only the first of them has waited.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

import structlog

from server.auth.oidc.errors import KeysUnavailable, TokenRefused
from server.auth.oidc.signatures import KeySet, VerificationKey

UNKNOWN_KEY_PAUSE_S: Final = 60.0
RETRY_PAUSE_S: Final = 10.0

_LOG = structlog.stdlib.get_logger("server.oidc")


class IssuerKeys:
    """Answers which key has an id; equal fetches at the same time are one."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[KeySet]],
        *,
        issuer: str,
        max_age_s: float,
        max_stale_s: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Takes what fetches the keys.

        Args:
            fetch: Fetches all keys; raises `KeysUnavailable`.
            issuer: Its URL, for the log.
            max_age_s: How long keys are taken for the issuer's own.
            max_stale_s: How much longer, while it does not answer.
            clock: Seconds that never go back.
        """
        self._fetch = fetch
        self._issuer = issuer
        self._max_age_s = max_age_s
        self._max_stale_s = max_stale_s
        self._clock = clock
        self._keys = KeySet()
        self._fetched_at: float | None = None
        self._failed_at: float | None = None
        self._unknown_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, key_id: str) -> VerificationKey:
        """The key.

        Raises:
            TokenRefused: The issuer has none of that id, or one that may not be used.
            KeysUnavailable: Nobody knows, because the issuer does not answer and nothing usable is kept.
        """
        began = self._clock()
        await self._refresh_if_old()
        if key_id not in self._keys.usable and self._may_ask_for_unknown(began):
            self._unknown_at = self._clock()
            await self._fetched()
        self._forget_what_is_too_old()
        if key_id in self._keys.usable:
            return self._keys.usable[key_id]
        if self._fetched_at is None:
            raise KeysUnavailable("the issuer's keys are not known")
        if key_id in self._keys.refused:
            raise TokenRefused(f"the issuer's key of this kid is not used: {self._keys.refused[key_id]}")
        raise TokenRefused("the kid is none of the issuer's keys")

    async def close(self) -> None:
        """Ends a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    async def _refresh_if_old(self) -> None:
        now = self._clock()
        if self._fetched_at is not None and now - self._fetched_at < self._max_age_s:
            return
        if self._failed_at is None:
            await self._fetched()
        elif now - self._failed_at >= RETRY_PAUSE_S:
            self._started()
        if self._fetched_at is None and self._fetching is not None:
            await self._fetched()

    def _may_ask_for_unknown(self, began: float) -> bool:
        if self._fetched_at is None or self._fetched_at > began or self._failed_at is not None:
            return False
        return self._unknown_at is None or self._clock() - self._unknown_at >= UNKNOWN_KEY_PAUSE_S

    def _forget_what_is_too_old(self) -> None:
        if self._fetched_at is None or self._clock() - self._fetched_at < self._max_age_s + self._max_stale_s:
            return
        self._keys, self._fetched_at = KeySet(), None

    async def _fetched(self) -> None:
        """Waits for a fetch, which goes on for the others if this caller goes away."""
        await asyncio.shield(self._started())

    def _started(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._load())
            self._fetching.add_done_callback(self._ended)
        return self._fetching

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._fetching is task:
            self._fetching = None

    async def _load(self) -> None:
        try:
            keys = await self._fetch()
        except KeysUnavailable as error:
            self._failed_at = self._clock()
            _LOG.warning("keys of an identity provider not fetched", issuer=self._issuer, reason=str(error))
            return
        self._keys, self._fetched_at, self._failed_at = keys, self._clock(), None
        _LOG.info("keys of an identity provider fetched", issuer=self._issuer, keys=len(keys.usable))
