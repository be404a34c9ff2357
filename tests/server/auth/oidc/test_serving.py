"""Signing in at `fleetgraph serve`, a process of its own, as an operator starts it."""

import asyncio
import json
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from server.auth.oidc.configurationfile import CHECK_INTERVAL_S
from tests.server.auth.oidc.conftest import write_configuration
from tests.server.auth.oidc.provider import IdentityProvider
from tests.server.commandline import Cli
from tests.server.serverprocess import ServerProcess

VIEWER = "{ viewer { name groups administrator clusters { roles } } clusters { name } }"


@pytest.fixture
def file(tmp_path: Path, provider: IdentityProvider) -> Path:
    path = tmp_path / "authentication.json"
    write_configuration(path, provider.configuration(), administrators={"groups": ["sso:platform"]})
    return path


@pytest.fixture
def environment(tmp_path: Path, file: Path) -> dict[str, str]:
    """Returns the environment with the store of the commands of this test."""
    return {
        "HOME": str(tmp_path),
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db",
        "FLEETGRAPH_AUTHENTICATION_CONFIG": str(file),
    }


async def viewer_of(client: httpx.AsyncClient, token: str) -> tuple[int, Any]:
    """Returns the bearer of a token."""
    response = await client.post("/graphql", json={"query": VIEWER}, headers={"Authorization": f"Bearer {token}"})
    return response.status_code, response.json().get("data")


async def refused_after(client: httpx.AsyncClient, token: str) -> float:
    """Seconds until a token is refused."""
    began_s = monotonic()
    async with asyncio.timeout(30):
        while (await viewer_of(client, token))[0] != 401:
            pass
    return monotonic() - began_s


async def test_callers_sign_in_and_end(
    cli: Cli, provider: IdentityProvider, environment: dict[str, str], file: Path
) -> None:
    created = await asyncio.to_thread(cli, "tokens", "create", "--name", "ci", "--user", "robot", "--group", "build")
    api_token = created.out.strip()
    alice, root = provider.token(), provider.token(sub="root", groups=["platform"])

    with ServerProcess(environment) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
            answers = [await viewer_of(client, token) for token in (api_token, alice, root, "wrong", alice[:-5])]

            await asyncio.to_thread(cli, "tokens", "revoke", "ci")
            revoked = await viewer_of(client, api_token)
            write_configuration(file, provider.configuration(), disabled={"users": ["sso:alice"]})
            disabled_s = await refused_after(client, alice)
            after = await viewer_of(client, root)
        log = server.log

    def viewer(name: str, group: str, *, administrator: bool) -> dict[str, Any]:
        who = {"name": name, "groups": [group], "administrator": administrator, "clusters": []}
        return {"viewer": who, "clusters": []}

    assert answers == [
        (200, viewer("robot", "build", administrator=False)),
        (200, viewer("sso:alice", "sso:web", administrator=False)),
        (200, viewer("sso:root", "sso:platform", administrator=True)),
        (401, None),
        (401, None),
    ]
    assert revoked == (401, None)
    assert disabled_s < 10 * CHECK_INTERVAL_S
    assert after == (200, viewer("sso:root", "sso:platform", administrator=False))
    for token in (api_token, alice, root):
        assert token.rpartition(".")[2] not in log


async def test_jw_8_tokens_in_query_strings_are_not_logged(
    provider: IdentityProvider, environment: dict[str, str]
) -> None:
    token = provider.token()
    with ServerProcess(environment) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
            response = await client.post(f"/graphql?access_token={token}", json={"query": VIEWER})
        server.terminate()
        server.exit_code()
        log = server.log

    assert response.status_code == 401
    assert [json.loads(line)["status"] for line in log.splitlines() if '"event": "request"' in line] == [401]
    assert token not in log
    assert token.split(".")[1] not in log
