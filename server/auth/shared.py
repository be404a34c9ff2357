"""One verification of a token for all requests that present it at the same time.

The result is not cached. A request that arrives while its token is being verified waits for the next verification, so
the result is never older than the request. No request waits for the verification of another token: API tokens are
looked up many in one query (`store.tokenlookup`), and a JWT waits at most for keys of its own issuer.
"""

import asyncio
from dataclasses import dataclass, field
from hashlib import blake2b

from resolvers.caller import Caller
from server.auth.bearer import TokenAuthenticator


@dataclass(slots=True, eq=False)
class _Verification:
    """One verification; requests that arrive before it begins wait for it."""

    result: "asyncio.Future[Caller | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    has_begun: bool = False


class SharedVerification:
    """An authenticator over another one, with a single call for simultaneous equal tokens."""

    def __init__(self, callers: TokenAuthenticator) -> None:
        self._callers = callers
        self._latest: dict[bytes, _Verification] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def caller(self, token: str) -> Caller | None:
        """Returns the bearer of a valid token, or None.

        Raises:
            StoreUnavailable: The token cannot be verified now.
        """
        key = digest(token)
        latest = self._latest.get(key)
        if latest is None or latest.has_begun:
            latest = self._start(key, token, latest)
        return await asyncio.shield(latest.result)

    def _start(self, key: bytes, token: str, before: _Verification | None) -> _Verification:
        verification = self._latest[key] = _Verification()
        task = asyncio.create_task(self._run(verification, key, token, before=before))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return verification

    async def _run(self, verification: _Verification, key: bytes, token: str, *, before: _Verification | None) -> None:
        try:
            if before is not None:
                await asyncio.wait([before.result])
            verification.has_begun = True
            verification.result.set_result(await self._callers.caller(token))
        except Exception as error:  # noqa: BLE001  raised for the requests that wait
            verification.result.set_exception(error)
            verification.result.exception()  # no request may be left that waits
        finally:
            if self._latest.get(key) is verification:
                del self._latest[key]


def digest(token: str) -> bytes:
    """Returns a digest that identifies a token where the token itself must not be stored."""
    return blake2b(token.encode(errors="surrogatepass"), digest_size=16).digest()
