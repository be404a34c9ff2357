"""`fleetgraph demo`, started like by its users."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.fleet.company.profile import PROFILES
from tests.controlplane.fleet import ControlPlanes
from tests.demo.serving import DemoServer
from tests.server.commandline import Cli
from tests.server.serverprocess import ROOT, ServerProcess

QUERY = """{
  pods(where: [{path: "ready", value: false}], orderBy: [{path: "restarts", direction: DESC}], first: 5) {
    totalCount
    nodes { cluster { name } name reason restarts node { name ready } deployment { name } }
    clusters { cluster { name } status latencyMs error { code message } }
  }
}"""
REFUSED = "cluster 'dr-us-2': no connection (Connection refused)."


@pytest.fixture(scope="module")
def moving() -> Iterator[DemoServer]:
    """Yields a server whose fleet changes."""
    with DemoServer("--no-open") as server:
        yield server


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder in which the server below would store data and state."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(scope="module")
def frozen(homes: Path) -> Iterator[ServerProcess]:
    """Yields a frozen server with the log of its users."""
    places = {"XDG_DATA_HOME": str(homes / "data"), "XDG_STATE_HOME": str(homes / "state")}
    with ServerProcess({"HOME": os.environ["HOME"], **places}, "--no-open", "--frozen", command="demo") as server:
        yield server


def test_the_first_query_is_answered_by_five_of_six_clusters_without_a_token(moving: DemoServer) -> None:
    answer = httpx.post(f"{moving.url}/graphql", json={"query": QUERY}, timeout=30).json()

    pods = answer["data"]["pods"]
    assert [node["reason"] for node in pods["nodes"]] == ["CrashLoopBackOff"] * 5
    assert {cluster["cluster"]["name"]: cluster["status"] for cluster in pods["clusters"]} == {
        profile.name: "OK" if profile.is_reachable else "UNREACHABLE" for profile in PROFILES
    }
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (REFUSED, "CLUSTER_UNREACHABLE")


def test_one_cluster_is_slow(demo_server: DemoServer) -> None:
    question = {"query": "{ clusters { name latencyMs } }"}
    httpx.post(f"{demo_server.url}/graphql", json=question, timeout=60)  # which may wait for clusters to be made

    answer = httpx.post(f"{demo_server.url}/graphql", json=question, timeout=60).json()

    latencies = {cluster["name"]: cluster["latencyMs"] for cluster in answer["data"]["clusters"]}
    assert latencies["prod-ap-1"] > 650  # 700, but clocks differ
    assert latencies["dr-us-2"] is None
    assert latencies["prod-eu-1"] < 700


def test_the_printed_curl_line_works(moving: DemoServer) -> None:
    line = next(line for line in moving.log.splitlines() if "curl -s" in line)

    ran = subprocess.run(["sh", "-c", line.partition("curl ")[2].strip()], capture_output=True, timeout=60, check=True)

    names = [cluster["name"] for cluster in json.loads(ran.stdout)["data"]["clusters"]]
    assert names == sorted(profile.name for profile in PROFILES)


def test_it_says_where_to_go(moving: DemoServer) -> None:
    assert f"{moving.url}/graphiql" in moving.log
    assert "Ctrl-C" in moving.log


def test_frozen_answers_are_the_same_each_time(demo_server: DemoServer, frozen: ServerProcess) -> None:
    query = "{ pods { nodes { id restarts metadata { uid } } } }"
    answers = [
        httpx.post(f"{server.url}/graphql", json={"query": query}, timeout=60) for server in (demo_server, frozen)
    ]

    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104  it is refused
def test_an_address_that_others_can_reach_is_refused(cli: Cli, host: str) -> None:
    ran = cli("demo", "--host", host, "--port", "0")

    assert (ran.exit_code, ran.out) == (1, "")
    assert f"{host} can be reached from other machines" in ran.err
    assert "http://" not in ran.err


def test_a_port_in_use_is_one_line_with_the_way_out(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        ran = cli("demo", "--port", str(port))

    assert (ran.exit_code, ran.out) == (1, "")
    assert ran.err == (
        f"error: Cannot listen on 127.0.0.1, port {port}: Address already in use. "
        f"Give another port, such as --port {port + 1}; --port 0 takes a free one.\n"
    )


def test_real_clusters_do_not_freeze(cli: Cli) -> None:
    ran = cli("demo", "--real", "--frozen")

    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == "error: --frozen and --real contradict each other; give one of them.\n"


def test_real_control_planes_need_a_checkout(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("demo.real._CHECKOUT", tmp_path)

    ran = cli("demo", "--real", "--port", "0")

    assert (ran.exit_code, ran.out) == (1, "")
    assert ran.err.startswith("error: --real needs a checkout of fleetgraph")


def test_it_needs_no_database_and_leaves_none(frozen: ServerProcess, homes: Path) -> None:
    answer = httpx.post(f"{frozen.url}/graphql", json={"query": "{ clusters { name } }"}, timeout=60)

    assert len(answer.json()["data"]["clusters"]) == 6
    assert list(homes.iterdir()) == []


def test_sigterm_ends_it_with_0_and_its_terminal_shows_what_is_wrong_alone(frozen: ServerProcess) -> None:
    httpx.post(f"{frozen.url}/graphql", json={"query": "{ clusters { name version } }"}, timeout=60)
    os.kill(frozen.pid, signal.SIGTERM)
    exit_code = frozen.exit_code()

    assert exit_code == 0
    assert frozen.log.rstrip().endswith("Ctrl-C stops it.")


ONE_CLUSTER = """
from functools import partial
from tests.controlplane import fleet
fleet.ControlPlanes = partial(fleet.ControlPlanes, ["alpha"], living=False)
"""
"""Makes a process start one cluster instead of three, whose start takes 20 s of a processor."""


@pytest.mark.controlplane
def test_real_control_planes_are_signed_in_to_and_end_with_it(control_planes: ControlPlanes, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(ONE_CLUSTER)
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    environment = {"HOME": os.environ["HOME"], "PYTHONPATH": path}
    environment |= {"FLEETGRAPH_LOG_LEVEL": "info", "FLEETGRAPH_LOG_FORMAT": "json"}

    with ServerProcess(environment, "--no-open", "--real", command="demo") as server:
        answer = httpx.post(f"{server.url}/graphql", json={"query": "{ clusters { name reachable } }"}, timeout=30)
        server.terminate()
        exit_code = server.exit_code()

    assert answer.json() == {"data": {"clusters": [{"name": "alpha", "reachable": True}]}}
    assert exit_code == 0
