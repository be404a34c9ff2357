"""The cached keys of one issuer.

- They are fetched when the first token arrives, and again when they are older than `max_age_s`: withdrawn keys are
  refused from then on.
- An unknown key id makes them be fetched at once, at most once a minute: invented key ids cannot make fleetgraph send
  more requests to the issuer.
- While the issuer does not respond, cached keys stay valid for `max_stale_s` longer. It is retried every ten seconds,
  in the background: only the first request waits.
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
    """The keys of an issuer, by id. Simultaneous fetches are one."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[KeySet]],
        *,
        issuer: str,
        max_age_s: float,
        max_stale_s: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Takes the function that fetches the keys.

        Args:
            fetch: Fetches all keys; raises `KeysUnavailable`.
            issuer: Its URL, for the log.
            max_age_s: Seconds for which fetched keys are used.
            max_stale_s: Further seconds for which they are used while the issuer does not respond.
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
        """Returns the key of an id.

        Raises:
            TokenRefused: The issuer has no key of that id, or one that is not accepted.
            KeysUnavailable: The issuer does not respond, and no usable keys are cached.
        """
        started_at = self._clock()
        await self._refresh_if_old()
        if key_id not in self._keys.usable and self._may_fetch_unknown(started_at):
            self._unknown_at = self._clock()
            await self._refresh()
        self._forget_stale_keys()
        if key_id in self._keys.usable:
            return self._keys.usable[key_id]
        if self._fetched_at is None:
            raise KeysUnavailable("the issuer's keys are not known")
        if key_id in self._keys.refused:
            raise TokenRefused(f"the issuer's key of this kid is not used: {self._keys.refused[key_id]}")
        raise TokenRefused("the kid is none of the issuer's keys")

    async def close(self) -> None:
        """Cancels a running fetch."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    async def _refresh_if_old(self) -> None:
        now = self._clock()
        if self._fetched_at is not None and now - self._fetched_at < self._max_age_s:
            return
        if self._failed_at is None:
            await self._refresh()
        elif now - self._failed_at >= RETRY_PAUSE_S:
            self._start_fetch()
        if self._fetched_at is None and self._fetching is not None:
            await self._refresh()

    def _may_fetch_unknown(self, started_at: float) -> bool:
        if self._fetched_at is None or self._fetched_at > started_at or self._failed_at is not None:
            return False
        return self._unknown_at is None or self._clock() - self._unknown_at >= UNKNOWN_KEY_PAUSE_S

    def _forget_stale_keys(self) -> None:
        if self._fetched_at is None or self._clock() - self._fetched_at < self._max_age_s + self._max_stale_s:
            return
        self._keys, self._fetched_at = KeySet(), None

    async def _refresh(self) -> None:
        """Waits for a fetch, which continues for other requests if this one is cancelled."""
        await asyncio.shield(self._start_fetch())

    def _start_fetch(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._load())
            self._fetching.add_done_callback(self._forget_fetch)
        return self._fetching

    def _forget_fetch(self, task: asyncio.Task[None]) -> None:
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
