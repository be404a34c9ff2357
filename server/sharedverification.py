"""Each token verified once for all requests that present it at the same time.

Nothing is remembered of what a token is worth: who comes while it is being verified waits for the next time, which
begins afterwards, so what holds for the token when a request arrives holds for the request. Tokens that were not valid
here before are verified a few at a time: who makes them up delays others with such tokens, and nobody else.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from k8s.errors import ErrorCode
from resolvers.caller import Caller
from server.authentication import API_TOKEN_PREFIX, KnowsCallers
from server.replies import RETRY_AFTER_S, Refusal

_MOST_STRANGERS: Final = 200
"""Tokens that were not valid before and wait; more are refused."""
_API_TOKENS_AT_ONCE: Final = 4
_JWTS_AT_ONCE: Final = 32
"""Those of them that are verified: API tokens by the database, JWTs mostly without asking anybody."""
_REMEMBERED: Final = 10_000
"""Tokens that were valid, by their digests."""


@dataclass(slots=True, eq=False)
class _Strangers:
    """Tokens of a sort that were not valid before."""

    places: asyncio.Semaphore
    count: int = 0


@dataclass(slots=True, eq=False)
class _Verification:
    """One verification: whoever comes before it has begun may wait for it."""

    done: "asyncio.Future[Caller | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    has_begun: bool = False


class SharedVerification:
    """Says whose a token is, as the callers behind it do."""

    def __init__(self, callers: KnowsCallers) -> None:
        self._callers = callers
        self._latest: dict[bytes, _Verification] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._familiar: OrderedDict[bytes, None] = OrderedDict()
        self._api_tokens = _Strangers(asyncio.Semaphore(_API_TOKENS_AT_ONCE))
        self._jwts = _Strangers(asyncio.Semaphore(_JWTS_AT_ONCE))

    async def caller(self, token: str) -> Caller | None:
        """The bearer of a valid token, or None.

        Raises:
            StoreUnavailable: nobody knows.
            Refusal: 503; too many tokens wait that were not valid before.
        """
        key = digest(token)
        latest = self._latest.get(key)
        if latest is None or latest.has_begun:
            latest = self._start(key, token, latest)
        return await asyncio.shield(latest.done)

    def _start(self, key: bytes, token: str, before: _Verification | None) -> _Verification:
        strangers = None
        if key not in self._familiar:
            strangers = self._api_tokens if token.startswith(API_TOKEN_PREFIX) else self._jwts
            if strangers.count >= _MOST_STRANGERS:
                raise _too_many_strangers()
        verification = self._latest[key] = _Verification()
        task = asyncio.create_task(self._run(verification, key, token, before=before, strangers=strangers))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if strangers is not None:
            strangers.count += 1
        return verification

    async def _run(
        self,
        verification: _Verification,
        key: bytes,
        token: str,
        *,
        before: _Verification | None,
        strangers: _Strangers | None,
    ) -> None:
        try:
            if before is not None:
                await asyncio.wait([before.done])
            if strangers is None or key in self._familiar:
                found = await self._asked(verification, key, token)
            else:
                async with strangers.places:
                    found = await self._asked(verification, key, token)
            verification.done.set_result(found)
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            verification.done.set_exception(error)
            verification.done.exception()  # nobody may be left who waits
        finally:
            if strangers is not None:
                strangers.count -= 1
            if self._latest.get(key) is verification:
                del self._latest[key]

    async def _asked(self, verification: _Verification, key: bytes, token: str) -> Caller | None:
        verification.has_begun = True
        caller = await self._callers.caller(token)
        if caller is not None:
            self._familiar[key] = None
            self._familiar.move_to_end(key)
            if len(self._familiar) > _REMEMBERED:
                self._familiar.popitem(last=False)
        return caller


def digest(token: str) -> bytes:
    """What stands for a token where it must not be kept."""
    return blake2b(token.encode(errors="surrogatepass"), digest_size=16).digest()


def _too_many_strangers() -> Refusal:
    return Refusal(
        503,
        f"{_MOST_STRANGERS} tokens that were not valid here before are waiting to be verified; ask again.",
        code=ErrorCode.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )
