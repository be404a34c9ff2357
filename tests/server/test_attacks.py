"""A server process under attack by an anonymous client: a caller, the probes and the memory, watched from outside."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import sleep
from typing import Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.server import hammer
from tests.server.browser import Visit, visit
from tests.server.commandline import Cli
from tests.server.outside import Outside
from tests.server.serverprocess import ServerProcess

pytestmark = pytest.mark.alone

ATTACK_S = 2
_LONG_S = 0.25
"""Before, one stretch took seconds; a busy machine stretches what takes a hundredth of that."""
_MEMORY_BYTES = 60 * 1024 * 1024


@dataclass(frozen=True)
class Attack:
    """Connections that repeat a request.

    Attributes:
        chunk_bytes: What they read at once.
        requests: After so many a connection is replaced by a new one.
    """

    connections: int
    request: bytes
    chunk_bytes: int = 1_000_000
    requests: int = 1_000_000


def _get(path: bytes, header: bytes = b"") -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (path, header)


def _post(token: bytes) -> bytes:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 18\r\n"
    return head + b"Authorization: Bearer %s\r\n\r\n" % token + b'{"query":"{ ok }"}'


_PREFLIGHT: Final = b"".join(
    b"%s\r\n" % line
    for line in (
        b"OPTIONS /graphql HTTP/1.1",
        b"Host: x",
        b"Origin: https://portal.test",
        b"Access-Control-Request-Method: POST",
        b"",
    )
)

ATTACKS: Mapping[str, Attack] = {
    "accept": Attack(4, _get(b"/", b'Accept: text/html;"' + b";" * 60_000 + b"\r\n")),
    "schema": Attack(50, _get(b"/schema.graphql")),
    "slow readers": Attack(200, _get(b"/schema.graphql"), 512),
    "API tokens": Attack(400, _post(b"fgt_%NUMBER%_" + b"a" * 43)),
    "JWTs": Attack(400, _post(b"eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJ4In0.%NUMBER%")),
    "no page": Attack(400, _get(b"/none", b"Accept: text/html\r\n")),
    "no method": Attack(400, b"PUT /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nContent-Length: 0\r\n\r\n"),
    "preflights": Attack(400, _PREFLIGHT),
    "new connections": Attack(200, _get(b"/"), requests=1),
}
_FEW_REQUESTS: Final = {"FLEETGRAPH_MAX_ANONYMOUS_REQUESTS_PER_MINUTE": "6000"}
"""So 600 connections are as many as 1200 with the default."""
_FILES: Final = ("/landing/icon.svg",) * 90
_VISITS: Final = 5


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    database = f"sqlite:///{tmp_path}/fleetgraph.db"
    return {
        "HOME": str(tmp_path),
        "FLEETGRAPH_DATABASE_URL": database,
        "FLEETGRAPH_METRICS_ACCESS": "open",
        "FLEETGRAPH_CORS_ORIGINS": "https://portal.test",
    }


@pytest.fixture
def tokens(cli: Cli) -> Iterator[str]:
    """Tokens that were never used."""
    return (cli("tokens", "create", "--name", f"t{number}", "--admin").out.strip() for number in range(10))


@pytest.mark.parametrize("name", ATTACKS)
def test_nobody_waits_for_an_anonymous_client(name: str, environment: Mapping[str, str], tokens: Iterator[str]) -> None:
    attack, known, unused = ATTACKS[name], next(tokens), next(tokens)
    with ServerProcess(environment) as server:
        urlopen(f"{server.url}/schema.graphql").read()  # noqa: S310  http, as it says itself
        with Outside(server, token=known) as outside:
            _wait_for_queries(outside, 20)
            calm = len(outside.query_s)
            hammering = _hammering(server, attack)
            answer = _ask(server, unused)
            assert hammering.wait() == 0
        metrics = urlopen(f"{server.url}/metrics").read().decode()  # noqa: S310

    assert b'{"data":' in answer
    assert outside.failures == []
    assert median(outside.query_s[calm:]) < 10 * median(outside.query_s[:calm]) + 0.05
    assert outside.peak_bytes - outside.idle_bytes < _MEMORY_BYTES
    longest = re.search(r"^fleetgraph_event_loop_stretch_longest_seconds (\S+)$", metrics, re.MULTILINE)
    assert longest is not None
    assert float(longest[1]) < _LONG_S


async def test_a_browser_is_served_before_a_crowd(environment: Mapping[str, str]) -> None:
    with ServerProcess({**environment, **_FEW_REQUESTS}) as server:
        port = urlsplit(server.url).port
        assert port is not None
        hammering = _hammering(server, Attack(600, _get(b"/")), seconds=120)
        await asyncio.to_thread(_wait_for_refusals, server)
        visits = list[Visit]()
        while len(visits) < _VISITS and not any(visit.is_whole for visit in visits):
            visits.append(await visit(port, _FILES))
        is_over = hammering.poll() is not None
        hammering.kill()
        hammering.wait()

    assert not is_over
    assert visits[-1].is_whole, [visit.statuses for visit in visits]


def _wait_for_refusals(server: ServerProcess) -> None:
    """Returns once more come than may be answered."""
    while '"status": 503' not in server.log:
        sleep(0.05)


def _hammering(server: ServerProcess, attack: Attack, *, seconds: float = ATTACK_S) -> "subprocess.Popen[bytes]":
    arguments = (urlsplit(server.url).port, attack.connections, seconds, attack.chunk_bytes, attack.requests)
    process = subprocess.Popen(
        [sys.executable, hammer.__file__, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stdin is not None
    process.stdin.write(attack.request)
    process.stdin.close()
    return process


def _ask(server: ServerProcess, token: str) -> bytes:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = Request(f"{server.url}/graphql", b'{"query":"{ clusters { name } }"}', headers)  # noqa: S310
    with urlopen(request, timeout=60) as response:  # noqa: S310
        body: bytes = response.read()
    return body


def _wait_for_queries(outside: Outside, count: int) -> None:
    while len(outside.query_s) < count and not outside.failures:
        sleep(0.02)
