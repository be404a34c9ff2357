"""The report of `authentication check` on issuers and tokens."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.server.auth.oidc.conftest import write_configuration
from tests.server.auth.oidc.provider import IdentityProvider
from tests.server.commandline import Cli, Ran


@pytest.fixture
def file(tmp_path: Path, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "authentication.json"
    write_configuration(path, provider.configuration(), administrators={"groups": ["sso:platform"]})
    monkeypatch.setenv("FLEETGRAPH_AUTHENTICATION_CONFIG", str(path))
    return path


async def checked(cli: Cli, tmp_path: Path, token: str | None = None, *options: str) -> Ran:
    """Runs the command beside the provider."""
    if token is not None:
        (tmp_path / "token").write_text(f"{token}\n")
        options = ("--token-file", str(tmp_path / "token"), *options)
    return await asyncio.to_thread(cli, "authentication", "check", *options)


async def test_issuers_that_answer(cli: Cli, file: Path, tmp_path: Path, provider: IdentityProvider) -> None:
    ran = await checked(cli, tmp_path, None, "--json")

    assert (ran.exit_code, ran.json) == (0, {"issuers": [{"url": provider.url, "keys": 1, "reason": None}]})


async def test_an_issuer_that_does_not_answer(cli: Cli, file: Path, tmp_path: Path, provider: IdentityProvider) -> None:
    async def failing(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=502)

    provider.answer = failing

    ran = await checked(cli, tmp_path)

    assert ran.exit_code == 1
    assert "it answers 502" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("claims", "exit_code", "said"),
    [
        ({}, 0, "accepted sso:alice, user; sso:web"),
        ({"groups": ["platform"]}, 0, "accepted sso:alice, administrator; sso:platform"),
        ({"groups": []}, 0, "accepted sso:alice, user; no groups"),
        ({"aud": "other"}, 1, "refused aud names none of the issuer's audiences"),
        ({"exp": 1}, 1, "refused the token has expired"),
        ({"sub": "mallory"}, 1, "refused the user, or one of its groups, is disabled"),
    ],
)
async def test_whose_a_token_is(
    cli: Cli, file: Path, tmp_path: Path, provider: IdentityProvider, claims: dict[str, Any], exit_code: int, said: str
) -> None:
    write_configuration(
        file,
        provider.configuration(),
        administrators={"groups": ["sso:platform"]},
        disabled={"users": ["sso:mallory"]},
    )
    token = provider.token_of(json.dumps(provider.claims() | claims))

    ran = await checked(cli, tmp_path, token)

    assert (ran.exit_code, " ".join(ran.out.splitlines()[-1].split())) == (exit_code, said)
    assert token.split(".")[2] not in ran.out + ran.err


@pytest.mark.parametrize("token", ["fgt_0123456789ab_x", "", "é.b.c"])
async def test_what_is_no_jwt(cli: Cli, file: Path, tmp_path: Path, token: str, provider: IdentityProvider) -> None:
    ran = await checked(cli, tmp_path, token)

    assert (ran.exit_code, ran.out) == (2, "")
    assert provider.paths == []


async def test_without_a_configuration(cli: Cli, tmp_path: Path) -> None:
    ran = await checked(cli, tmp_path)

    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == "error: FLEETGRAPH_AUTHENTICATION_CONFIG is not set, so only API tokens are accepted.\n"
