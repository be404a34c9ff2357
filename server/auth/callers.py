"""Authentication by API tokens, which the store knows.

The result is not cached: each request verifies its token again. A revoked token, a disabled caller, or a lost role
takes effect at the next request, at the latest one second later.
"""

from typing import Protocol

from resolvers.caller import Caller
from server.auth.bearer import API_TOKEN_PREFIX
from store.tokens import TokenRecord


class VerifiesTokens(Protocol):
    """The store of API tokens."""

    async def verify(self, plaintext: str) -> TokenRecord | None:
        """Returns the token's record if it is valid now, or None."""
        ...


class NoTokens:
    """A store without API tokens."""

    async def verify(self, plaintext: str) -> TokenRecord | None:
        """Returns None: no token is valid."""
        return None


class Callers:
    """Authentication by API tokens alone."""

    def __init__(self, tokens: VerifiesTokens) -> None:
        """Takes the store of API tokens."""
        self._tokens = tokens

    async def caller(self, token: str) -> Caller | None:
        """Returns the bearer of a valid API token, or None.

        Raises:
            StoreUnavailable: The store cannot verify tokens now.
        """
        record = await self._tokens.verify(token) if token.startswith(API_TOKEN_PREFIX) else None
        if record is None:
            return None
        return Caller(name=record.user, groups=record.groups, is_administrator=record.is_administrator)
