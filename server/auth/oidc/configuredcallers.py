"""Callers by API token or JWT, by the configuration of trusted issuers and administrators."""

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
    """Authentication by any bearer token."""

    def __init__(self, callers: Callers, *, configuration: ConfigurationFile, providers: IdentityProviders) -> None:
        """Takes the authenticators.

        Args:
            callers: Authenticate API tokens.
            configuration: Names the trusted issuers, the administrators and the disabled callers.
            providers: Authenticate JWTs. Their issuers are taken from `configuration`.
        """
        self._callers = callers
        self._configuration = configuration
        self._providers = providers
        self._applied: AuthenticationConfiguration | None = None

    async def caller(self, token: str) -> Caller | None:
        """Returns the bearer of a valid token, or None.

        Raises:
            StoreUnavailable: The store cannot verify API tokens now.
        """
        configuration = self._current()
        is_api_token = token.startswith(API_TOKEN_PREFIX)
        caller = await (self._callers.caller(token) if is_api_token else self._jwt_caller(token))
        if caller is None or _is_named(caller, configuration.disabled.users, configuration.disabled.groups):
            return None
        administrators = configuration.administrators
        if not caller.is_administrator and _is_named(caller, administrators.users, administrators.groups):
            return Caller(name=caller.name, groups=caller.groups, is_administrator=True)
        return caller

    async def close(self) -> None:
        """Cancels running requests for keys."""
        await self._providers.close()

    def _current(self) -> AuthenticationConfiguration:
        current = self._configuration.current()
        if current is not self._applied:
            self._providers.trust(current.jwt)
            self._applied = current
        return current

    async def _jwt_caller(self, token: str) -> Caller | None:
        caller = await self._providers.identity(token)
        return None if caller is None else Caller(name=caller.name, groups=caller.groups)


@asynccontextmanager
async def opened_configured_callers(
    settings: Settings, path: Path, callers: Callers
) -> AsyncIterator[ConfiguredCallers]:
    """Opens the authentication by API tokens, and by JWTs of the issuers in the file at `path`.

    Raises:
        SettingsError: The file is invalid.
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
