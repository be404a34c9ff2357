"""A kubeconfig, imported and queried over HTTP with real clusters; and the stop of the server."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import Hang
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.proxy import FaultProxy
from tests.server.commandline import Cli
from tests.server.serverprocess import ServerProcess

pytestmark = pytest.mark.controlplane

FLEET = "{ clusters { name reachable } namespaces { nodes { metadata { name } cluster { name } } } }"


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """Returns the environment with the store of the commands of this test."""
    return {"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db"}


@pytest.fixture
def token(cli: Cli) -> str:
    return cli("tokens", "create", "--name", "test", "--admin").out.strip()


@pytest.fixture
def client(token: str) -> Iterator[httpx.Client]:
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        yield client


def test_from_a_kubeconfig_to_an_answer(
    cli: Cli,
    alpha: Cluster,
    beta: Cluster,
    environment: Mapping[str, str],
    token: str,
    client: httpx.Client,
    tmp_path: Path,
) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "config", [alpha, beta])
    imported = cli("clusters", "import", "--kubeconfig", str(kubeconfig), "--all")

    with ServerProcess(environment) as server:
        answer = client.post(f"{server.url}/graphql", json={"query": FLEET}).json()
        ready = client.get(f"{server.url}/readyz")
        anonymous = httpx.post(f"{server.url}/graphql", json={"query": FLEET}, timeout=30)
        server.terminate()
        exit_code = server.exit_code()

    assert imported.exit_code == 0
    assert [line.split()[:2] for line in imported.out.splitlines()] == [["added", "alpha:"], ["added", "beta:"]]
    assert answer["data"]["clusters"] == [{"name": "alpha", "reachable": True}, {"name": "beta", "reachable": True}]
    assert {node["cluster"]["name"] for node in answer["data"]["namespaces"]["nodes"]} == {"alpha", "beta"}
    assert (ready.status_code, anonymous.status_code, exit_code) == (200, 401, 0)
    for secret in (token, alpha.token(), beta.token(), "BEGIN"):
        assert secret not in server.log


def test_a_running_query_outlives_sigterm(
    cli: Cli,
    alpha: Cluster,
    environment: Mapping[str, str],
    client: httpx.Client,
    tmp_path: Path,
    fault_proxy: Callable[..., FaultProxy],
) -> None:
    proxy = fault_proxy(alpha)
    kubeconfig = write_kubeconfig(tmp_path / "config", [proxy.cluster])
    cli("clusters", "import", "--kubeconfig", str(kubeconfig), "--all", "--name", "slow")
    proxy.fault = Hang()

    with ServerProcess({**environment, "FLEETGRAPH_CLUSTER_TIMEOUT_S": "3"}) as server, ThreadPoolExecutor() as pool:
        running = _in_flight(pool, client, server, proxy)
        server.terminate()
        ready = client.get(f"{server.url}/readyz")
        refused = client.post(f"{server.url}/graphql", json={"query": FLEET})
        answer = running.result()
        exit_code = server.exit_code()

    assert (ready.status_code, ready.json()["reason"]) == (503, "the server is stopping")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "CLUSTER_TIMEOUT"
    assert exit_code == 0
    assert "Traceback" not in server.log


@pytest.mark.parametrize("is_impatient", [False, True], ids=["drain timeout", "second signal"])
def test_a_query_that_does_not_end_is_cut_off(
    cli: Cli,
    alpha: Cluster,
    environment: Mapping[str, str],
    client: httpx.Client,
    tmp_path: Path,
    fault_proxy: Callable[..., FaultProxy],
    is_impatient: bool,
) -> None:
    proxy = fault_proxy(alpha)
    kubeconfig = write_kubeconfig(tmp_path / "config", [proxy.cluster])
    cli("clusters", "import", "--kubeconfig", str(kubeconfig), "--all", "--name", "slow")
    proxy.fault = Hang()
    drain_timeout_s = "60" if is_impatient else "0.2"

    with (
        ServerProcess({**environment, "FLEETGRAPH_DRAIN_TIMEOUT_S": drain_timeout_s}) as server,
        ThreadPoolExecutor() as pool,
    ):
        running = _in_flight(pool, client, server, proxy)
        server.terminate()
        if is_impatient:
            server.terminate()
        answer = running.result()
        exit_code = server.exit_code()

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (503, "The server is stopping; ask again.")
    assert exit_code == 1
    assert "Traceback" not in server.log


def _in_flight(
    pool: ThreadPoolExecutor, client: httpx.Client, server: ServerProcess, proxy: FaultProxy
) -> "Future[httpx.Response]":
    """Starts a query, and waits until its request has reached the cluster."""
    before = len(proxy.requests)
    running = pool.submit(client.post, f"{server.url}/graphql", json={"query": FLEET})
    while len(proxy.requests) == before and not running.done():
        threading.Event().wait(0.01)
    return running


def test_tls_is_served_with_the_files_that_are_given(
    cli: Cli, control_planes: ControlPlanes, environment: Mapping[str, str], token: str, tmp_path: Path
) -> None:
    issued = control_planes.authority.issue()
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificate.write_bytes(issued.certificate_pem)
    key.write_bytes(issued.key_pem)
    trusted = ssl.create_default_context(cadata=control_planes.authority.pem.decode())

    with (
        ServerProcess(environment, "--tls-certificate", str(certificate), "--tls-key", str(key)) as server,
        httpx.Client(verify=trusted, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client,
    ):
        answer = client.post(f"{server.url}/graphql", json={"query": "{ clusters { name } }"})

    assert server.url.startswith("https://")
    assert answer.json() == {"data": {"clusters": []}}
