"""From a bearer token to the caller, where a configuration says whose JWTs are trusted and who is an administrator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from resolvers.caller import Caller
from server.auth.bearer import API_TOKEN_PREFIX
from server.auth.callers import Callers
from server.auth.oidc.configuration import AuthenticationConfiguration
from server.auth.oidc.configurationfile import ConfigurationFile
from server.auth.oidc.providers import IdentityProviders, TokenLimits
from server.settings.settings import Settings


class ConfiguredCallers:
    """All ways to authenticate by a bearer token."""

    def __init__(self, callers: Callers, *, configuration: ConfigurationFile, providers: IdentityProviders) -> None:
        """Takes what knows tokens.

        Args:
            callers: Know API tokens.
            configuration: Says which issuers are trusted, who is an administrator and who is disabled.
            providers: Know JWTs; who is trusted is told from `configuration`.
        """
        self._callers = callers
        self._configuration = configuration
        self._providers = providers
        self._applied: AuthenticationConfiguration | None = None

    async def caller(self, token: str) -> Caller | None:
        """The bearer of a valid token, or None; nobody is told what is wrong with one.

        Raises:
            StoreUnavailable: Nobody knows whether an API token is valid.
        """
        configuration = self._current()
        is_api_token = token.startswith(API_TOKEN_PREFIX)
        found = await (self._callers.caller(token) if is_api_token else self._jwt_caller(token))
        if found is None or _is_named(found, configuration.disabled.users, configuration.disabled.groups):
            return None
        named = configuration.administrators
        if not found.is_administrator and _is_named(found, named.users, named.groups):
            return Caller(name=found.name, groups=found.groups, is_administrator=True)
        return found

    async def close(self) -> None:
        """Ends what is still under way."""
        await self._providers.close()

    def _current(self) -> AuthenticationConfiguration:
        current = self._configuration.current()
        if current is not self._applied:
            self._providers.trust(current.jwt)
            self._applied = current
        return current

    async def _jwt_caller(self, token: str) -> Caller | None:
        found = await self._providers.identity(token)
        return None if found is None else Caller(name=found.name, groups=found.groups)


@asynccontextmanager
async def opened_configured_callers(
    settings: Settings, path: Path, callers: Callers
) -> AsyncIterator[ConfiguredCallers]:
    """API tokens, and JWTs as the file at `path` says.

    Raises:
        SettingsError: The file cannot be used.
    """
    limits = TokenLimits(token_bytes=settings.max_bearer_bytes, groups=settings.max_groups)
    configured = ConfiguredCallers(
        callers, configuration=ConfigurationFile(path), providers=IdentityProviders(limits=limits)
    )
    try:
        yield configured
    finally:
        await configured.close()


def _is_named(caller: Caller, users: tuple[str, ...], groups: tuple[str, ...]) -> bool:
    return caller.name in users or not caller.groups.isdisjoint(groups)
