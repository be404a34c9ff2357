"""A fault proxy without faults, and its records."""

import asyncio
import gc
import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.controlplane import faults
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.proxy import FaultProxy
from tests.controlplane.writer import create_objects

pytestmark = pytest.mark.controlplane

NAMESPACES = "/api/v1/namespaces"


@pytest.fixture
def proxy(fault_proxy: Callable[..., FaultProxy], alpha: Cluster) -> FaultProxy:
    return fault_proxy(alpha)


async def get(cluster: Cluster, path: str = NAMESPACES) -> bytes:
    async with connect(cluster) as session, session.get(path) as response:
        assert response.status == 200
        return await response.read()


async def test_the_answer_is_the_servers(proxy: FaultProxy, alpha: Cluster) -> None:
    direct = json.loads(await get(alpha))

    assert json.loads(await get(proxy.cluster))["items"] == direct["items"]


async def test_a_compressed_body_stays_compressed(proxy: FaultProxy, alpha: Cluster) -> None:
    big: JsonObject = {"name": "big", "namespace": "default"}
    await create_objects(
        alpha, [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": big, "data": {"a": "b" * 200_000}}]
    )

    async with connect(proxy.cluster) as session, session.get(f"{NAMESPACES}/default/configmaps/big") as response:
        document = await response.json()

    assert response.headers["Content-Encoding"] == "gzip"
    assert document["data"] == {"a": "b" * 200_000}


async def test_a_body_to_the_server_passes(proxy: FaultProxy) -> None:
    metadata: JsonObject = {"name": "through-proxy", "namespace": "default"}

    [created] = await create_objects(proxy.cluster, [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}])

    assert created.name == "through-proxy"


async def test_watch_events_pass_as_they_come(proxy: FaultProxy) -> None:
    async with connect(proxy.cluster) as session, session.get(f"{NAMESPACES}?watch=true") as response:
        event = json.loads(await asyncio.wait_for(response.content.readline(), 30))

    assert (event["type"], event["object"]["kind"]) == ("ADDED", "Namespace")
    proxy.wait_until_closed()


def test_an_upgrade_passes(
    fault_proxy: Callable[..., FaultProxy], living: Cluster, control_planes: ControlPlanes, tmp_path: Path
) -> None:
    proxy = fault_proxy(living)
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", [proxy.cluster])
    kubectl: list[str | Path] = [control_planes.kubectl, "--kubeconfig", kubeconfig]
    subprocess.run([*kubectl, "run", "upgraded", "--image=registry.example.com/web:1"], check=True, timeout=30)
    subprocess.run([*kubectl, "wait", "pod/upgraded", "--for=condition=Ready"], check=True, timeout=30)

    done = subprocess.run(
        [*kubectl, "exec", "upgraded", "--", "echo", "hello"], capture_output=True, text=True, check=True, timeout=30
    )

    assert done.stdout == "hello\n"
    assert any(request.header("upgrade") for request in proxy.requests)


async def test_the_path_is_recorded_as_on_the_wire(proxy: FaultProxy) -> None:
    await get(proxy.cluster, f"{NAMESPACES}?limit=1&labelSelector=a%3Db")

    assert [(r.method, r.path) for r in proxy.requests] == [("GET", f"{NAMESPACES}?limit=1&labelSelector=a%3Db")]
    assert proxy.requests[0].header("user-agent") == "fleetgraph-harness"


async def test_connections_are_kept_alive_and_counted(proxy: FaultProxy) -> None:
    async with connect(proxy.cluster) as session:
        for _ in range(3):
            async with session.get(NAMESPACES) as response:
                await response.read()
        assert (proxy.open_connections, proxy.connections, proxy.handshakes) == (1, 1, 1)

    proxy.wait_until_closed()
    assert proxy.open_connections == 0


async def test_fifty_requests_at_once_are_all_answered(proxy: FaultProxy) -> None:
    async with connect(proxy.cluster) as session:

        async def status() -> int:
            async with session.get(NAMESPACES) as response:
                await response.read()
                return response.status

        assert await asyncio.gather(*(status() for _ in range(50))) == [200] * 50


async def test_a_client_that_gives_up_ends_the_upstream_request(proxy: FaultProxy) -> None:
    proxy.fault = faults.Delay(ms=60_000)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(get(proxy.cluster), 0.4)

    proxy.wait_until_closed(timeout_s=10)


async def test_drop_connections_resets_idle_ones(proxy: FaultProxy) -> None:
    async with connect(proxy.cluster) as session:
        async with session.get(NAMESPACES) as response:
            await response.read()

        proxy.drop_connections()

        assert proxy.open_connections == 0


async def test_a_faulty_connection_does_not_hold_up_another(proxy: FaultProxy) -> None:
    proxy.when(f"{NAMESPACES}/default", faults.Hang())
    hanging = asyncio.ensure_future(get(proxy.cluster, f"{NAMESPACES}/default"))

    await get(proxy.cluster)

    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


def test_a_connection_that_comes_at_its_end_is_closed_with_it(alpha: Cluster, control_planes: ControlPlanes) -> None:
    for _ in range(10):
        with (
            FaultProxy(alpha, control_planes.authority) as ending,
            socket.create_connection(("127.0.0.1", ending.port)) as client,
        ):
            pass
        assert client.fileno() == -1
        del ending
        gc.collect()  # a socket that is still open is an error then
