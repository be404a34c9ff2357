"""From a bearer token to the caller: an API token that the store knows, or a JWT of a trusted identity provider.

Nothing is remembered of a token that was valid: each request asks anew, so a token that is revoked, a caller who is
disabled and an administrator who is none any more are so at the next request, at the latest a second later.
"""

from typing import Protocol

from resolvers.caller import Caller
from server.auth.bearer import API_TOKEN_PREFIX
from store.tokens import TokenRecord


class VerifiesTokens(Protocol):
    """Where API tokens are known."""

    async def verify(self, plaintext: str) -> TokenRecord | None:
        """The token, if it is valid now."""
        ...


class NoTokens:
    """Where no API token is known."""

    async def verify(self, plaintext: str) -> TokenRecord | None:
        """None is valid."""
        return None


class Callers:
    """Authentication by API tokens alone."""

    def __init__(self, tokens: VerifiesTokens) -> None:
        """Takes what knows tokens."""
        self._tokens = tokens

    async def caller(self, token: str) -> Caller | None:
        """The bearer of a valid API token, or None; nobody is told what is wrong with one.

        Raises:
            StoreUnavailable: Nobody knows whether an API token is valid.
        """
        record = await self._tokens.verify(token) if token.startswith(API_TOKEN_PREFIX) else None
        if record is None:
            return None
        return Caller(name=record.user, groups=record.groups, is_administrator=record.is_administrator)
