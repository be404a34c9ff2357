"""Callers with a JWT see the namespaces granted to their name or to a group of the token: on real API servers."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.server.auth.oidc.conftest import write_configuration
from tests.server.auth.oidc.provider import IdentityProvider
from tests.server.commandline import Cli
from tests.server.serverprocess import ServerProcess

pytestmark = pytest.mark.controlplane

QUERY = """{
  viewer { name administrator clusters { cluster { name namespaces { totalCount } } roles } }
  clusters { name }
}"""


async def test_callers_of_a_provider_see_what_is_granted_to_them(
    cli: Cli, alpha: Cluster, beta: Cluster, provider: IdentityProvider, tmp_path: Path
) -> None:
    async def command(*arguments: str) -> None:
        assert (await asyncio.to_thread(cli, *arguments)).exit_code == 0

    file = tmp_path / "authentication.json"
    write_configuration(file, provider.configuration(), administrators={"groups": ["sso:platform"]})
    kubeconfig = write_kubeconfig(tmp_path / "config", [alpha, beta])
    await command("clusters", "import", "--kubeconfig", str(kubeconfig), "--all")
    await command("grants", "add", "--user", "sso:alice", "--cluster", "alpha", "--cluster-role", "view")
    await command("grants", "add", "--group", "sso:sre", "--cluster", "beta", "--cluster-role", "view")
    environment = {
        "HOME": str(tmp_path),
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db",
        "FLEETGRAPH_AUTHENTICATION_CONFIG": str(file),
    }

    with ServerProcess(environment) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:

            async def visible_to(**claims: Any) -> tuple[Any, dict[str, Any]]:
                headers = {"Authorization": f"Bearer {provider.token(**claims)}"}
                answer = (await client.post("/graphql", json={"query": QUERY}, headers=headers)).json()
                assert "errors" not in answer
                viewer = answer["data"]["viewer"]
                roles = {entry["cluster"]["name"]: entry["roles"] for entry in viewer["clusters"]}
                assert [entry["name"] for entry in answer["data"]["clusters"]] == list(roles)
                counts = [entry["cluster"]["namespaces"]["totalCount"] for entry in viewer["clusters"]]
                assert all(count >= 4 for count in counts)
                return viewer["administrator"], roles

            alice = await visible_to(sub="alice", groups=[])
            member = await visible_to(sub="alice", groups=["sre"])
            other = await visible_to(sub="bob", groups=["web"])
            lookalike = await visible_to(sub="sso:alice", groups=["sso:sre"])
            root = await visible_to(sub="bob", groups=["platform"])
            (token,) = (await asyncio.to_thread(cli, "tokens", "create", "--name", "alice")).out.split()
            by_token = await client.post(
                "/graphql", json={"query": "{ clusters { name } }"}, headers={"Authorization": f"Bearer {token}"}
            )

    assert alice == (False, {"alpha": ["view"]})
    assert member == (False, {"alpha": ["view"], "beta": ["view"]})
    assert other == (False, {})
    assert lookalike == (False, {})
    assert root == (True, {"alpha": ["administrator"], "beta": ["administrator"]})
    assert by_token.json() == {"data": {"clusters": []}}
