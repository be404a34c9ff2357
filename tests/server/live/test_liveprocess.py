"""WebSockets of `fleetgraph serve` over TLS, and of the demo, each a process of its own, as operators start them."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic, time
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.k8s.kubeconfig_samples import authority
from tests.server import kubeconfigs
from tests.server.auth.oidc.conftest import write_configuration
from tests.server.auth.oidc.provider import running_provider
from tests.server.commandline import Cli
from tests.server.live.liveserver import Closing, LiveClient
from tests.server.serverprocess import ServerProcess

WITHIN_S = 10
SUBSCRIPTION = "subscription { pods { changes { type } clusters { name state } } }"


@asynccontextmanager
async def connected(
    server: ServerProcess, token: str | None = None, *, origin: str | None = None, is_begun: bool = True
) -> AsyncIterator[LiveClient]:
    """Returns a client, which has begun by default."""
    trusted = ssl.create_default_context(cadata=authority().pem.decode())
    url = server.url.replace("http", "ws", 1)
    async with connect(
        f"{url}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        origin=None if origin is None else Origin(origin),
        ssl=trusted if url.startswith("wss") else None,
        compression=None,
        proxy=None,
        open_timeout=60,
    ) as websocket:
        live = LiveClient(websocket)
        yield await live.begin(token) if is_begun else live


async def ends_with(live: LiveClient, code: str) -> tuple[Closing, float]:
    """Returns the end of a connection, and the seconds until its operation ended with an error of this code."""
    began_s = monotonic()
    async with asyncio.timeout(60):
        while (message := json.loads(await live.websocket.recv()))["type"] != "error":
            pass
    assert message["payload"][0]["extensions"]["code"] == code
    return await live.end(), monotonic() - began_s


async def test_ws_18_and_fa_13_what_is_lost_and_a_stop_end_subscriptions_in_time(cli: Cli, tmp_path: Path) -> None:
    async def command(*arguments: str) -> Any:
        return await asyncio.to_thread(cli, *arguments)

    file, kubeconfig = tmp_path / "authentication.json", kubeconfigs.write(tmp_path / "config", "one")
    certificate, key = authority().issue().write(tmp_path, "served")
    await command("clusters", "import", "--no-check", "--kubeconfig", str(kubeconfig), "--context", "one")
    created = await command("tokens", "create", "--name", "ci", "--user", "robot", "--admin")
    granted = await command(
        "grants", "add", "--user", "sso:alice", "--cluster", "one", "--cluster-role", "view", "--json"
    )
    environment = {
        "HOME": str(tmp_path),
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db",
        "FLEETGRAPH_AUTHENTICATION_CONFIG": str(file),
    }
    async with running_provider() as provider:
        write_configuration(file, provider.configuration(), administrators={"users": ["sso:root"]})
        with ServerProcess(environment, "--tls-certificate", str(certificate), "--tls-key", str(key)) as server:
            async with (
                connected(server, created.out.strip()) as revoked,
                connected(server, provider.token(sub="alice")) as ungranted,
                connected(server, provider.token(sub="root")) as stopped,
            ):
                for live in (revoked, ungranted, stopped):
                    await live.subscribe(query=SUBSCRIPTION)
                    assert (await live.receive())["type"] == "next"
                await command("tokens", "revoke", "ci")
                await command("grants", "remove", granted.json["id"])
                ends = await asyncio.gather(
                    ends_with(revoked, "UNAUTHENTICATED"),
                    ends_with(ungranted, "FORBIDDEN"),
                )
                expires_at_s = int(time()) + 3
                expiring = provider.token(sub="root", exp=expires_at_s)
                async with connected(server, expiring, is_begun=False) as expired:
                    await expired.send(type="connection_init", payload={"Authorization": f"Bearer {expiring}"})
                    await expired.subscribe(query=SUBSCRIPTION)
                    expired_end = await expired.end()
                late_s = time() - expires_at_s
                began_s = monotonic()
                await asyncio.to_thread(server.terminate)
                last = await stopped.end()
            exit_code = await asyncio.to_thread(server.exit_code)
            stopped_s = monotonic() - began_s
        log = server.log

    assert [end.code for end, _ in ends] == [4403, 1013]
    assert max(seconds for _, seconds in ends) < WITHIN_S
    assert expired_end == Closing(4403, "The token is no longer valid.")
    assert late_s < WITHIN_S
    assert last == Closing(1012, "The server is stopping; connect again")
    assert exit_code == 0
    assert stopped_s < WITHIN_S
    assert "Traceback" not in log
    for secret in (created.out.strip(), expiring):
        assert secret not in log


async def test_in_the_demo_pages_of_its_own_need_no_token() -> None:
    environment = {"HOME": os.environ["HOME"]}
    with ServerProcess(environment, "--no-open", "--frozen", command="demo") as server:
        async with connected(server, origin=server.url) as live:
            await live.subscribe("query", "{ clusters { name ...Late @defer } } fragment Late on Cluster { version }")
            payloads = [await live.receive() for _ in range(2)]
            await live.subscribe(query="subscription { nodes { changes { type object { name } } clusters { state } } }")
            states = await _until_live(live)
        with pytest.raises(InvalidStatus) as foreign:
            async with connected(server, origin="http://evil.example.com"):
                pass
        log = server.log

    assert "pending" in payloads[0]["payload"]
    assert "incremental" in payloads[1]["payload"]
    assert sorted(states) == ["FAILED", *["LIVE"] * 5]
    assert foreign.value.response.status_code == 403
    assert "uvicorn" not in log


async def _until_live(live: LiveClient) -> list[str]:
    """Returns the states of the clusters once none is read for the first time."""
    while True:
        message = await live.receive()
        if message["id"] == "1" and message["type"] == "next":
            states = [cluster["state"] for cluster in message["payload"]["data"]["nodes"]["clusters"] or ()]
            if states and "SYNCING" not in states:
                return states
