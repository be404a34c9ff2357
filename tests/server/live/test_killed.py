"""A server that is killed while it sends, and one that continues: of a real API server, nothing is lost."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.proxy import FaultProxy
from tests.k8s.watches.maps import Maps
from tests.server.commandline import Cli
from tests.server.live.test_liveprocess import connected
from tests.server.serverprocess import ServerProcess

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]  # two starts of the server
NAMESPACE = "killed"
SUBSCRIPTION = """subscription($resume: String) {
  configMaps(namespaces: ["killed"], batchMs: 0, resume: $resume) {
    changes { type id object { metadata { name resourceVersion } } } clusters { isResynced } resume
  }
}"""


class Client:
    """Applies payloads to its state, of versions by name, and continues with the last token."""

    def __init__(self, token: str) -> None:
        self.state: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._token = token
        self._resume: str | None = None

    async def follow(self, server: ServerProcess, holds: Callable[[], bool]) -> None:
        """Applies payloads until a condition holds."""
        async with connected(server, self._token) as live:
            await live.subscribe(query=SUBSCRIPTION, variables={"resume": self._resume})
            while not holds():
                if (message := await live.receive())["type"] != "ping":
                    self._apply(message["payload"]["data"]["configMaps"])

    def _apply(self, payload: dict[str, Any]) -> None:
        if any(cluster["isResynced"] for cluster in payload["clusters"] or ()):  # as it was killed between two rows
            self.state.clear()
            self._names.clear()
        for change in payload["changes"] or ():
            assert (change["id"] in self._names) is (change["type"] != "ADDED"), change
            if change["type"] == "DELETED":
                del self.state[self._names.pop(change["id"])]
            else:
                metadata = change["object"]["metadata"]
                self._names[change["id"]] = metadata["name"]
                self.state[metadata["name"]] = metadata["resourceVersion"]
        self._resume = payload["resume"] or self._resume


async def test_a_server_that_is_killed_loses_nothing(
    alpha: Cluster, fault_proxy: Callable[..., FaultProxy], cli: Cli, tmp_path: Path
) -> None:
    async def command(*arguments: str) -> Any:
        return await asyncio.to_thread(cli, *arguments)

    async def change(maps: Maps, times: int) -> None:
        for number in range(times):
            await maps.put(f"m{number % 7}")
            if number % 3 == 0:
                await maps.delete(f"m{number % 5}")

    proxy = fault_proxy(alpha)
    kubeconfig = write_kubeconfig(tmp_path / "config", [proxy.cluster])
    await command("clusters", "import", "--no-check", "--kubeconfig", str(kubeconfig))
    created = await command("tokens", "create", "--name", "ci", "--user", "robot", "--admin")
    environment = {"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db"}
    client = Client(created.out.strip())
    async with Maps.opened(alpha, NAMESPACE) as maps:
        await change(maps, 10)
        with ServerProcess(environment) as server:
            expected = await maps.versions()
            await client.follow(server, lambda: client.state == expected)
            changing = asyncio.create_task(change(maps, 60))
            seen = dict(client.state)
            await client.follow(server, lambda: client.state != seen)
        await changing
        proxy.drop_connections()
        with ServerProcess(environment) as server:
            expected = await maps.versions()
            await client.follow(server, lambda: client.state == expected)
