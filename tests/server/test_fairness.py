"""FA-17: any queries of one caller leave the server to others."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

import pytest

from tests.server.commandline import Cli
from tests.server.dumps import node, pod, write
from tests.server.serverprocess import ServerProcess
from tests.server.sockets import Reply, exchange, post

pytestmark = pytest.mark.alone

COSTLY = """query Costly%d {
  pods(first: 3000, orderBy: [{path: "status.phase", direction: DESC}, {path: "metadata.name"}]) {
  nodes { name namespace metadata { labels } status { phase } node { name pods { totalCount } } } } }"""
PLAIN = "{ clusters { name } }"
MANY = 700


@dataclass
class Measured:
    """The responses to a crowd and to one other caller, and their times in seconds."""

    crowd: list[Reply] = field(default_factory=list)
    costly_s: list[float] = field(default_factory=list)
    plain: list[Reply] = field(default_factory=list)
    plain_s: list[float] = field(default_factory=list)
    is_crowd_there: bool = False


async def _measure(port: int, many: str, other: str) -> Measured:
    measured = Measured()

    async def ask_much(number: int) -> Reply:
        started_s = perf_counter()
        reply = await exchange(port, post(many, COSTLY % number))
        if reply.status == 200:
            measured.costly_s.append(perf_counter() - started_s)
        return reply

    for token in (many, other):
        await exchange(port, post(token, PLAIN))
    crowd = [asyncio.create_task(ask_much(number)) for number in range(MANY)]
    await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
    for _ in range(10):
        started_s = perf_counter()
        measured.plain.append(await exchange(port, post(other, PLAIN)))
        measured.plain_s.append(perf_counter() - started_s)
    measured.is_crowd_there = not all(reply.done() for reply in crowd)
    measured.crowd = await asyncio.gather(*crowd)
    return measured


def test_fa_17_700_costly_queries_of_one_caller_leave_another_its_answers(cli: Cli, tmp_path: Path) -> None:
    pods = [pod(f"pod-{number:04}", node=f"n{number % 20}") for number in range(3000)]
    dump = write(tmp_path / "dump.json", *pods, *(node(f"n{number}") for number in range(20)))
    assert cli("clusters", "import", "--snapshot", str(dump), "--name", "one").exit_code == 0
    many = cli("tokens", "create", "--name", "many", "--admin").out.strip()
    other = cli("tokens", "create", "--name", "other").out.strip()
    environment = {"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db"}

    with ServerProcess(environment) as server:
        measured = asyncio.run(_measure(urlsplit(server.url).port or 0, many, other))

    statuses = Counter(reply.status for reply in measured.crowd)
    assert measured.is_crowd_there, measured.crowd[0].body
    assert [reply.status for reply in measured.plain] == [200] * 10
    assert median(measured.plain_s) < median(measured.costly_s) / 4
    assert statuses[429] >= MANY - 200
    assert statuses[200] >= 20
    assert set(statuses) == {200, 429}
    assert {reply.headers["retry-after"] for reply in measured.crowd if reply.status == 429} == {"1"}
    assert all(b'"errors"' not in reply.body for reply in measured.crowd if reply.status == 200)
    assert server.log.count('"status": 429') < 100
