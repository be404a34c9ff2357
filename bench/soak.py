"""A server with thousands of queries, its memory watched from outside: it must not grow."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import urlsplit

import psutil

from bench.queries import LINKED
from bench.report import Line, at_most
from bench.soakstatements import STATEMENTS, Statement, filtered
from tests.controlplane.objects import FleetSize, generate
from tests.server.serverprocess import ServerProcess

_REST_S: Final = 3.0
"""Seconds of rest: the server checks once a second whether it can return memory."""
DUMP: Final = "dump.json"
"""The file of the cluster's objects."""
_PAYLOADS: Final = "multipart/mixed, application/json"
_NO_RATE_LIMIT: Final = {"FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE": "10000000"}


@dataclass(slots=True)
class Soak:
    """A server with one cluster, and its only caller.

    Attributes:
        process: The server.
        token: The token of the caller, an administrator.
        environment: The environment of the server and of commands.
    """

    process: ServerProcess
    token: str
    environment: Mapping[str, str]
    _random: Random = field(default_factory=lambda: Random(11))  # noqa: S311  reproducible, not secret

    def mixed(self, marks: Sequence[int], statements: Sequence[Statement] = STATEMENTS) -> list[float]:
        """Sends one statement after the other; returns the resident memory at rest in MiB after each number of them."""
        figures_mib, count = [], 0
        for mark in marks:
            for _ in range(mark - count):
                self._ask(self._random.choice(statements)(self._random), payloads=self._random.random() < 0.5)
            count = mark
            figures_mib.append(self.at_rest_mib())
        return figures_mib

    def equal(self, marks: Sequence[int]) -> list[float]:
        """Does the same for one large query, again and again."""
        figures_mib, count = [], 0
        for mark in marks:
            for _ in range(mark - count):
                self._ask(LINKED)
            count = mark
            figures_mib.append(self.at_rest_mib())
        return figures_mib

    def command(self, *arguments: str) -> str:
        """Runs a command of fleetgraph next to the server and returns its output."""
        return _fleetgraph(self.environment, *arguments)

    def _ask(self, query: str, *, payloads: bool = False) -> None:
        connection = HTTPConnection(urlsplit(self.process.url).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Accept": _PAYLOADS} if payloads else {}
        connection.request("POST", "/graphql", json.dumps({"query": query}), headers)
        connection.getresponse().read()
        connection.close()

    def at_rest_mib(self) -> float:
        """Returns the resident memory in MiB, after the server had time to return memory."""
        watched, until_s, least = psutil.Process(self.process.pid), time.monotonic() + _REST_S, float("inf")
        while time.monotonic() < until_s:
            least = min(least, watched.memory_info().rss / 2**20)
            time.sleep(0.1)
        return least


@contextmanager
def soaked(folder: Path, pods: int, settings: Mapping[str, str] | None = None) -> Iterator[Soak]:
    """Yields a server over a snapshot of generated objects, with files in a separate folder.

    Args:
        folder: The folder of its files; must not exist.
        pods: The number of pods.
        settings: Additional settings of the server.
    """
    folder.mkdir()
    objects = generate(FleetSize(namespaces=10, nodes=20, deployments=max(1, pods // 10), pods=pods))
    dump = folder / DUMP
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    environment = {"HOME": str(folder), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{folder}/fleetgraph.db"}
    environment |= settings or {}
    _fleetgraph(environment, "clusters", "import", "--snapshot", str(dump), "--name", "one")
    token = _fleetgraph(environment, "tokens", "create", "--name", "soak", "--admin")
    with ServerProcess(environment | _NO_RATE_LIMIT) as process:
        yield Soak(process, token, environment)


def soak_lines(folder: Path) -> list[Line]:
    """Returns the memory at rest after many queries, divided by that after fewer."""
    with soaked(folder / "mixed", pods=500) as soak:
        early_mib, late_mib = soak.mixed([500, 5000])
    with soaked(folder / "filtered", pods=1000) as soak:
        before_mib, after_mib = soak.mixed([200, 1000], [filtered])
    with soaked(folder / "equal", pods=5000) as soak:
        first_mib, last_mib = soak.equal([100, 500])
    return [
        at_most(
            "5,000 mixed queries: memory over that after 500",
            late_mib - early_mib,
            60,
            unit=" MiB",
            note=f" (after 500: {early_mib:.0f})",
        ),
        at_most(
            "1,000 queries by what pods link to: memory over that after 200",
            after_mib - before_mib,
            20,
            unit=" MiB",
            note=f" (after 200: {before_mib:.0f})",
        ),
        at_most(
            "500 equal queries of 5,000 linked pods: memory over that after 100",
            last_mib - first_mib,
            5,
            unit=" MiB",
            note=f" (after 100: {first_mib:.0f})",
        ),
    ]


def _fleetgraph(environment: Mapping[str, str], *command: str) -> str:
    process = subprocess.run(
        [sys.executable, "-m", "server.main", *command],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.strip()
