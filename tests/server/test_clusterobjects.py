"""The objects that a full garbage collection walks for each cluster, in one stretch, for a fleet of any size."""

import json
import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from resolvers.fleet import registration
from tests.server.apiserver import kubeconfig, listening
from tests.server.commandline import Cli
from tests.server.serverprocess import ROOT, ServerProcess

FIRST, MORE = 140, 100
"""Clusters. The first come in two halves, with all queries each, to fill the caches of addresses and statements."""
MOST_REACHED_FOR: Final = 23
"""Of a cluster without requests, which the registry holds in memory; a thousand of them are walked in 10 ms or less."""
MOST_ASKED: Final = 110
"""Of a cluster after a request: 20 of its client, 65 of an HTTP connection with TLS, and 5 of an event of the audit."""

_COUNTING: Final = """
import gc, os, pathlib, signal

def count(*_):
    for _ in range(3):
        gc.collect()
    counted = pathlib.Path(os.environ["COUNTED"])
    counted.with_suffix(".new").write_text(str(len(gc.get_objects())))
    counted.with_suffix(".new").rename(counted)

if "COUNTED" in os.environ:
    signal.signal(signal.SIGUSR2, count)
"""
"""Python runs it at the start of the server's process, under this name: sitecustomize."""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Returns the port of API servers of empty clusters, in a process of their own."""
    with listening("tests.server.emptyapi", tmp_path) as listens_at:
        yield listens_at


class _Counted:
    """A server whose objects are counted."""

    def __init__(self, server: ServerProcess, token: str, file: Path) -> None:
        self._server = server
        self._token = token
        self._file = file

    def ask(self, query: str) -> Any:
        connection = HTTPConnection(urlsplit(self._server.url).netloc, timeout=120)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        try:
            connection.request("POST", "/graphql", json.dumps({"query": query}), headers)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def objects(self) -> int:
        """Returns how many the garbage collector walks."""
        self._file.unlink(missing_ok=True)
        os.kill(self._server.pid, signal.SIGUSR2)
        until_s = monotonic() + 60
        while not self._file.exists() and monotonic() < until_s:
            sleep(0.01)
        return int(self._file.read_text())

    def settled(self, most: int) -> int:
        """Returns the same as soon as it is at most so many: events are written to the audit a little later."""
        until_s = monotonic() + 20
        while (objects := self.objects()) > most and monotonic() < until_s:
            sleep(0.1)
        return objects


@pytest.mark.slow
def test_a_cluster_is_few_objects_to_walk(cli: Cli, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "_STORED_AT_ONCE", 1)  # none waits for a slow disk beyond the store's timeout

    def register(numbers: range) -> None:
        file = kubeconfig(tmp_path / "kubeconfig", port, (f"cluster-{number}" for number in numbers))
        assert cli("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all").exit_code == 0

    token = cli("tokens", "create", "--name", "asking", "--admin").out.strip()
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(_COUNTING)
    environment = {
        "HOME": str(tmp_path),
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db",
        "PYTHONPATH": f"{tmp_path / 'hook'}{os.pathsep}{ROOT}",
        "COUNTED": str(tmp_path / "counted"),
        "FLEETGRAPH_TYPED_KINDS": "-*",  # else each cluster is asked for its types at once, whoever reads it
    }
    with ServerProcess(environment) as process:
        server = _Counted(process, token, tmp_path / "counted")
        for first in range(0, FIRST, FIRST // 2):
            register(range(first, first + FIRST // 2))
            assert len(server.ask("{ clusters { name } }")["data"]["clusters"]) == first + FIRST // 2
            assert server.ask("{ pods { totalCount } }") == {"data": {"pods": {"totalCount": 0}}}
        before = min(server.objects() for _ in range(5))

        register(range(FIRST, FIRST + MORE))
        assert len(server.ask("{ clusters { name } }")["data"]["clusters"]) == FIRST + MORE
        reached_for = server.settled(before + MORE * MOST_REACHED_FOR) - before
        assert server.ask("{ pods { totalCount } }") == {"data": {"pods": {"totalCount": 0}}}
        new_objects = server.settled(before + MORE * MOST_ASKED) - before

    assert reached_for / MORE <= MOST_REACHED_FOR
    assert new_objects / MORE <= MOST_ASKED
