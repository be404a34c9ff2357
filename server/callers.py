"""From a bearer token to the caller: an API token that the store knows, or a JWT of a trusted identity provider.

Nothing is remembered of a token that was valid: each request asks anew, so a token that is revoked, a caller who is
disabled and an administrator who is none any more are so at the next request, at the latest a second later.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from resolvers.caller import Caller
from server.oidc.configuration import AuthenticationConfiguration
from server.oidc.configurationfile import ConfigurationFile
from server.oidc.identityproviders import IdentityProviders, TokenLimits
from server.settings import Settings
from store.registry import Registry
from store.tokens import TokenRecord

API_TOKEN_PREFIX = "fgt_"  # noqa: S105  what all of them begin with


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


class KnowsCallers(Protocol):
    """Who says whose a token is."""

    async def caller(self, token: str) -> Caller | None:
        """The bearer of a valid token; raises `StoreUnavailable`."""
        ...


class Callers:
    """All ways to authenticate by a bearer token."""

    def __init__(
        self,
        tokens: VerifiesTokens,
        *,
        configuration: ConfigurationFile | None = None,
        providers: IdentityProviders | None = None,
    ) -> None:
        """Takes what knows tokens.

        Args:
            tokens: Knows API tokens.
            configuration: Says which issuers are trusted, who is an administrator and who is disabled.
            providers: Know JWTs; who is trusted is told from `configuration`.
        """
        self._tokens = tokens
        self._configuration = configuration
        self._providers = providers or IdentityProviders()
        self._applied: AuthenticationConfiguration | None = None

    async def caller(self, token: str) -> Caller | None:
        """The bearer of a valid token, or None; nobody is told what is wrong with one.

        Raises:
            StoreUnavailable: Nobody knows whether an API token is valid.
        """
        configuration = self._current()
        found = await self._api_caller(token) if token.startswith(API_TOKEN_PREFIX) else await self._jwt_caller(token)
        if found is None or configuration is None:
            return found
        if _is_named(found, configuration.disabled.users, configuration.disabled.groups):
            return None
        named = configuration.administrators
        if not found.is_administrator and _is_named(found, named.users, named.groups):
            return Caller(name=found.name, groups=found.groups, is_administrator=True)
        return found

    async def close(self) -> None:
        """Ends what is still under way."""
        await self._providers.close()

    def _current(self) -> AuthenticationConfiguration | None:
        if self._configuration is None:
            return None
        current = self._configuration.current()
        if current is not self._applied:
            self._providers.trust(current.jwt)
            self._applied = current
        return current

    async def _api_caller(self, token: str) -> Caller | None:
        record = await self._tokens.verify(token)
        if record is None:
            return None
        return Caller(name=record.user, groups=record.groups, is_administrator=record.is_administrator)

    async def _jwt_caller(self, token: str) -> Caller | None:
        if self._configuration is None:
            return None
        found = await self._providers.identity(token)
        return None if found is None else Caller(name=found.name, groups=found.groups)


@asynccontextmanager
async def opened_callers(settings: Settings, registry: Registry) -> AsyncIterator[Callers]:
    """All ways to authenticate that the settings allow.

    Raises:
        SettingsError: The authentication configuration cannot be used.
    """
    path = settings.authentication_config
    limits = TokenLimits(token_bytes=settings.max_bearer_bytes, groups=settings.max_groups)
    callers = Callers(
        registry.tokens,
        configuration=None if path is None else ConfigurationFile(path),
        providers=IdentityProviders(limits=limits),
    )
    try:
        yield callers
    finally:
        await callers.close()


def _is_named(caller: Caller, users: tuple[str, ...], groups: tuple[str, ...]) -> bool:
    return caller.name in users or not caller.groups.isdisjoint(groups)
