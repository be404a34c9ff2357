"""`authentication check`: what the server would make of its configuration and of a token, said to whoever runs it.

The server tells nobody why it refuses a token; here the operator asks, who could read the log as well.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from resolvers.caller import Caller
from server.auth.callers import Callers, NoTokens
from server.auth.oidc.callers import ConfiguredCallers
from server.auth.oidc.configuration import JwtAuthenticator
from server.auth.oidc.configurationfile import ConfigurationFile
from server.auth.oidc.errors import KeysUnavailable, OidcError
from server.auth.oidc.fetching import KeyFetcher
from server.auth.oidc.providers import IdentityProviders, TokenLimits
from server.errors import ExitCode, InputError
from server.settings.settings import Settings, load_settings
from server.terminal.output import Json, note, print_json, print_line, print_table

_MAX_BYTES = 65536


@dataclass(frozen=True, slots=True)
class _Checked:
    issuer: JwtAuthenticator
    keys: int | None
    reason: str | None

    @property
    def prefixes(self) -> tuple[str, str]:
        mappings = self.issuer.claim_mappings
        return mappings.username.prefix, mappings.groups.prefix if mappings.groups else ""


@dataclass(frozen=True, slots=True)
class _Tried:
    caller: Caller | None
    reason: str | None


def check_authentication(token_file: Path | None, *, as_json: bool) -> ExitCode:
    """Prints how each issuer answers, and whose the token is; fails if one does not answer, or the token is refused.

    Raises:
        InputError: No configuration is set, or the token cannot be read or is no JWT.
        SettingsError: The configuration cannot be used.
    """
    settings = load_settings()
    if settings.authentication_config is None:
        raise InputError("FLEETGRAPH_AUTHENTICATION_CONFIG is not set, so only API tokens are accepted.")
    configuration = ConfigurationFile(settings.authentication_config)
    token = None if token_file is None else _token(token_file)
    checked, tried = asyncio.run(_check(settings, configuration, token))
    if as_json:
        print_json(_json(checked, tried))
    else:
        _print(checked, tried)
    is_well = all(each.reason is None for each in checked) and (tried is None or tried.caller is not None)
    return ExitCode.OK if is_well else ExitCode.FAILED


async def _check(
    settings: Settings, configuration: ConfigurationFile, token: str | None
) -> tuple[list[_Checked], _Tried | None]:
    checked = await asyncio.gather(*(_fetched(each) for each in configuration.current().jwt))
    return checked, None if token is None else await _tried(settings, configuration, token)


async def _fetched(issuer: JwtAuthenticator) -> _Checked:
    try:
        return _Checked(issuer, len((await KeyFetcher(issuer)()).usable), None)
    except KeysUnavailable as error:
        return _Checked(issuer, None, str(error))


async def _tried(settings: Settings, configuration: ConfigurationFile, token: str) -> _Tried:
    limits = TokenLimits(token_bytes=settings.max_bearer_bytes, groups=settings.max_groups)
    providers = IdentityProviders(limits=limits)
    callers = ConfiguredCallers(Callers(NoTokens()), configuration=configuration, providers=providers)
    providers.trust(configuration.current().jwt)
    try:
        await providers.verified(token)
        caller = await callers.caller(token)
    except OidcError as error:
        return _Tried(None, str(error))
    finally:
        await callers.close()
    return _Tried(caller, None if caller else "the user, or one of its groups, is disabled")


def _token(file: Path) -> str:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as opened:
            text = opened.read(_MAX_BYTES + 1).strip()
        token = text.decode("ascii")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError:
        raise InputError(f"{file} holds no token.") from None
    if token.count(".") != 2:
        raise InputError(f"{file} holds no JWT; API tokens are listed by: fleetgraph tokens list")
    return token


def _print(checked: list[_Checked], tried: _Tried | None) -> None:
    rows = [
        (each.issuer.issuer.url, *each.prefixes, "" if each.keys is None else str(each.keys), each.reason or "ok")
        for each in checked
    ]
    if rows:
        print_table(("ISSUER", "USERS", "GROUPS", "KEYS", "STATE"), rows)
    else:
        note("The configuration names no issuer.")
    if tried is None:
        return
    if tried.caller is None:
        print_line(f"refused   {tried.reason}")
    else:
        role = "administrator" if tried.caller.is_administrator else "user"
        groups = ", ".join(sorted(tried.caller.groups)) or "no groups"
        print_line(f"accepted  {tried.caller.name}, {role}; {groups}")


def _json(checked: list[_Checked], tried: _Tried | None) -> Json:
    issuers: list[Json] = [
        {"url": each.issuer.issuer.url, "keys": each.keys, "reason": each.reason} for each in checked
    ]
    if tried is None:
        return {"issuers": issuers}
    caller: Json = None
    if tried.caller is not None:
        groups: list[Json] = [*sorted(tried.caller.groups)]
        caller = {"name": tried.caller.name, "groups": groups, "administrator": tried.caller.is_administrator}
    return {"issuers": issuers, "token": {"caller": caller, "reason": tried.reason}}
