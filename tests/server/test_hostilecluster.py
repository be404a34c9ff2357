"""Rows 4 and 9: an API server that sends too much takes no time or memory from others, seen from outside."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.server.apiserver import kubeconfig, listening
from tests.server.commandline import Cli
from tests.server.dumps import pod, write
from tests.server.hostileapi import HOSTILE
from tests.server.outside import Outside
from tests.server.serverprocess import ServerProcess

pytestmark = pytest.mark.alone

ANSWER_BYTES = 32 * 2**20
QUERY = "{ pods { totalCount nodes { name metadata { annotations } cluster { name } } } }"


@pytest.fixture
def hostile_port(tmp_path: Path) -> Iterator[int]:
    """Returns the port of hostile API servers, in a process of their own."""
    with listening("tests.server.hostileapi", tmp_path) as listens_at:
        yield listens_at


def _asked(url: str, token: str) -> Any:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    try:
        connection.request("POST", "/graphql", json.dumps({"query": QUERY}), headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def test_answers_without_an_end_stop_nobody_else(cli: Cli, tmp_path: Path, hostile_port: int) -> None:
    dump = write(tmp_path / "dump.json", *(pod(f"pod-{number}") for number in range(20)))
    assert cli("clusters", "import", "--snapshot", str(dump), "--name", "good").exit_code == 0
    file = kubeconfig(tmp_path / "kubeconfig", hostile_port, HOSTILE)
    assert cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all").exit_code == 0
    asking = cli("tokens", "create", "--name", "asking", "--admin").out.strip()
    other = cli("tokens", "create", "--name", "other").out.strip()
    environment = {"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db"}

    with ServerProcess(environment) as server:
        with Outside(server, token=other) as outside:
            answer = _asked(server.url, asking)
        log = server.log

    pods, errors = answer["data"]["pods"], answer["errors"]
    assert {entry["cluster"]["name"] for entry in pods["nodes"]} == {"good"}
    assert pods["totalCount"] == 20
    assert {entry["extensions"]["cluster"] for entry in errors} == set(HOSTILE)
    assert {entry["extensions"]["code"] for entry in errors} <= {"CLUSTER_UNREACHABLE", "CLUSTER_TIMEOUT", "FORBIDDEN"}
    assert "unexpected_error" not in log
    assert outside.failures == []
    assert max(outside.probe_s) < 5  # one such answer alone took 31 s
    assert median(outside.probe_s) < 1
    assert outside.peak_bytes - outside.idle_bytes < 14 * ANSWER_BYTES  # 13 clusters took 2.1 GB each
