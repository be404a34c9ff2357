"""`authentication check`: the server's verdict on its configuration and on a token.

The server does not say why it refuses a token. This command does: only operators run it, and they can read the log.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from resolvers.caller import Caller
from server.auth.callers import Callers, NoTokens
from server.auth.oidc.configuration import JwtAuthenticator
from server.auth.oidc.configurationfile import ConfigurationFile
from server.auth.oidc.configuredcallers import ConfiguredCallers
from server.auth.oidc.errors import KeysUnavailable, OidcError
from server.auth.oidc.fetching import KeyFetcher
from server.auth.oidc.providers import IdentityProviders, TokenLimits
from server.commanderrors import ExitCode, InputError
from server.settings.settings import Settings, load_settings
from server.terminal.output import Json, note, print_json, print_line, print_table

_MAX_BYTES = 65536


@dataclass(frozen=True, slots=True)
class _IssuerCheck:
    issuer: JwtAuthenticator
    keys: int | None
    reason: str | None

    @property
    def prefixes(self) -> tuple[str, str]:
        mappings = self.issuer.claim_mappings
        return mappings.username.prefix, mappings.groups.prefix if mappings.groups else ""


@dataclass(frozen=True, slots=True)
class _TokenCheck:
    caller: Caller | None
    reason: str | None


def check_authentication(token_file: Path | None, *, as_json: bool) -> ExitCode:
    """Prints each issuer's state and the token's user; fails if an issuer does not answer or the token is refused.

    Raises:
        InputError: No configuration is set, or the token cannot be read or is not a JWT.
        SettingsError: The configuration is invalid.
    """
    settings = load_settings()
    if settings.authentication_config is None:
        raise InputError("FLEETGRAPH_AUTHENTICATION_CONFIG is not set, so only API tokens are accepted.")
    configuration = ConfigurationFile(settings.authentication_config)
    token = None if token_file is None else _token(token_file)
    issuers, verdict = asyncio.run(_check(settings, configuration, token))
    if as_json:
        print_json(_json(issuers, verdict))
    else:
        _print(issuers, verdict)
    is_ok = all(issuer.reason is None for issuer in issuers) and (verdict is None or verdict.caller is not None)
    return ExitCode.OK if is_ok else ExitCode.FAILED


async def _check(
    settings: Settings, configuration: ConfigurationFile, token: str | None
) -> tuple[list[_IssuerCheck], _TokenCheck | None]:
    issuers = await asyncio.gather(*(_check_issuer(issuer) for issuer in configuration.current().jwt))
    return issuers, None if token is None else await _check_token(settings, configuration, token)


async def _check_issuer(issuer: JwtAuthenticator) -> _IssuerCheck:
    try:
        return _IssuerCheck(issuer, len((await KeyFetcher(issuer)()).usable), None)
    except KeysUnavailable as error:
        return _IssuerCheck(issuer, None, str(error))


async def _check_token(settings: Settings, configuration: ConfigurationFile, token: str) -> _TokenCheck:
    limits = TokenLimits(token_bytes=settings.max_bearer_bytes, groups=settings.max_groups)
    providers = IdentityProviders(limits=limits)
    callers = ConfiguredCallers(Callers(NoTokens()), configuration=configuration, providers=providers)
    providers.trust(configuration.current().jwt)
    try:
        await providers.verified(token)
        caller = await callers.caller(token)
    except OidcError as error:
        return _TokenCheck(None, str(error))
    finally:
        await callers.close()
    return _TokenCheck(caller, None if caller else "the user, or one of its groups, is disabled")


def _token(file: Path) -> str:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as opened:
            text = opened.read(_MAX_BYTES + 1).strip()
        token = text.decode("ascii")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError:
        raise InputError(f"{file} is not a token in ASCII.") from None
    if token.count(".") != 2:
        raise InputError(f"{file} is not a JWT; API tokens are listed by: fleetgraph tokens list")
    return token


def _print(issuers: list[_IssuerCheck], verdict: _TokenCheck | None) -> None:
    rows = [
        (check.issuer.issuer.url, *check.prefixes, "" if check.keys is None else str(check.keys), check.reason or "ok")
        for check in issuers
    ]
    if rows:
        print_table(("ISSUER", "USERS", "GROUPS", "KEYS", "STATE"), rows, secondary=("KEYS", "USERS", "GROUPS"))
    else:
        note("The configuration names no issuer.")
    if verdict is None:
        return
    if verdict.caller is None:
        print_line(f"refused   {verdict.reason}")
    else:
        role = "administrator" if verdict.caller.is_administrator else "user"
        groups = ", ".join(sorted(verdict.caller.groups)) or "no groups"
        print_line(f"accepted  {verdict.caller.name}, {role}; {groups}")


def _json(issuers: list[_IssuerCheck], verdict: _TokenCheck | None) -> Json:
    checks: list[Json] = [
        {"url": check.issuer.issuer.url, "keys": check.keys, "reason": check.reason} for check in issuers
    ]
    if verdict is None:
        return {"issuers": checks}
    caller: Json = None
    if verdict.caller is not None:
        groups: list[Json] = [*sorted(verdict.caller.groups)]
        caller = {"name": verdict.caller.name, "groups": groups, "administrator": verdict.caller.is_administrator}
    return {"issuers": checks, "token": {"caller": caller, "reason": verdict.reason}}
