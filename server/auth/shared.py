"""Each token verified once for all requests that present it at the same time.

Nothing is remembered of a token's worth: a request that comes while its token is being verified waits for the next
verification, which begins afterwards, so what holds for the token when a request arrives holds for the request. Nobody
waits for the verification of another token: API tokens are looked up many in one query (`store.tokenlookup`), and a JWT
waits at most for keys of its own issuer.
"""

import asyncio
from dataclasses import dataclass, field
from hashlib import blake2b

from resolvers.caller import Caller
from server.auth.bearer import TokenAuthenticator


@dataclass(slots=True, eq=False)
class _Verification:
    """One verification: whoever comes before it has begun may wait for it."""

    done: "asyncio.Future[Caller | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    has_begun: bool = False


class SharedVerification:
    """Says whose a token is, as the callers behind it do."""

    def __init__(self, callers: TokenAuthenticator) -> None:
        self._callers = callers
        self._latest: dict[bytes, _Verification] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def caller(self, token: str) -> Caller | None:
        """The bearer of a valid token, or None.

        Raises:
            StoreUnavailable: nobody knows.
        """
        key = digest(token)
        latest = self._latest.get(key)
        if latest is None or latest.has_begun:
            latest = self._start(key, token, latest)
        return await asyncio.shield(latest.done)

    def _start(self, key: bytes, token: str, before: _Verification | None) -> _Verification:
        verification = self._latest[key] = _Verification()
        task = asyncio.create_task(self._run(verification, key, token, before=before))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return verification

    async def _run(self, verification: _Verification, key: bytes, token: str, *, before: _Verification | None) -> None:
        try:
            if before is not None:
                await asyncio.wait([before.done])
            verification.has_begun = True
            verification.done.set_result(await self._callers.caller(token))
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            verification.done.set_exception(error)
            verification.done.exception()  # nobody may be left who waits
        finally:
            if self._latest.get(key) is verification:
                del self._latest[key]


def digest(token: str) -> bytes:
    """What stands for a token where it must not be kept."""
    return blake2b(token.encode(errors="surrogatepass"), digest_size=16).digest()
