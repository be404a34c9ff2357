"""From a bearer token to the caller: an API token that the store knows, or a JWT of a trusted identity provider.

Nothing is remembered of a token that was valid: each request asks anew, so a token that is revoked, a caller who is
disabled and an administrator who is none any more are so at the next request, at the latest a second later.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from resolvers.caller import Caller
from server.auth.bearer import API_TOKEN_PREFIX, KnowsCallers
from server.settings.settings import Settings
from store.registry import Registry
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


@asynccontextmanager
async def opened_callers(settings: Settings, registry: Registry) -> AsyncIterator[KnowsCallers]:
    """All ways to authenticate that the settings allow.

    Raises:
        SettingsError: The authentication configuration cannot be used.
    """
    callers = Callers(registry.tokens)
    if settings.authentication_config is None:
        yield callers
        return
    from server.auth.oidc.callers import opened_configured_callers  # noqa: PLC0415  JWTs: only where configured

    async with opened_configured_callers(settings, settings.authentication_config, callers) as configured:
        yield configured
