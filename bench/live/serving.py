"""`fleetgraph serve` with many WebSockets, beside an API server and clients in processes of their own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
import psutil

from bench.live.replaying import Replaying, replaying
from bench.live.sockets import SUBSCRIPTIONS_EACH, Received
from bench.report import Line, at_most
from resolvers.fleet.stored import new_cluster
from store.database.url import DatabaseUrl
from store.registry import Registry
from tests.server.serverprocess import ServerProcess

SUBSCRIPTIONS: Final = 10_000
_PER_SECOND: Final = 50
_SECONDS: Final = 20
_PLURALS: Final = ("pods", "deployments", "nodes")
_QUERY: Final = '{ pods(namespaces: ["team-003"]) { nodes { name status { phase podIP } node { name } } } }'
_QUERIES: Final = 300
_EVERY_S: Final = 0.03
_NO_LIMITS: Final = {
    "FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE": "10000000",
    "FLEETGRAPH_MAX_LIVE_CONNECTIONS": str(2 * SUBSCRIPTIONS),
    "FLEETGRAPH_MAX_CALLER_LIVE_CONNECTIONS": str(2 * SUBSCRIPTIONS),
    "FLEETGRAPH_MAX_CALLER_SUBSCRIPTIONS": str(2 * SUBSCRIPTIONS),
}


@dataclass(frozen=True)
class Sockets:
    """The process of the clients."""

    process: asyncio.subprocess.Process

    async def live(self) -> None:
        """Returns when all have their first state."""
        assert self.process.stdout is not None  # noqa: S101  it is a pipe
        if await self.process.stdout.readline() != b"live\n":
            raise RuntimeError("a WebSocket was refused, or closed")

    async def received(self) -> Received:
        """Returns what came since it was asked last."""
        assert self.process.stdin is not None  # noqa: S101  both are pipes
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(b"\n")
        return msgspec.json.decode(await self.process.stdout.readline(), type=Received)


async def serving_lines(folder: Path, directory: Path, subscriptions: int = SUBSCRIPTIONS) -> list[Line]:
    """Measures a server whose one cluster has the replayed objects of `folder`; its files are below `directory`."""
    async with replaying(folder, directory) as api:
        database = directory / "live.db"
        environment = {"HOME": str(directory), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{database}", **_NO_LIMITS}
        await _register(api, database)
        token = await _command(environment, "tokens", "create", "--name", "live", "--admin")
        with ServerProcess(environment) as server:
            port = urlsplit(server.url).port
            async with aiohttp.ClientSession(server.url, headers={"Authorization": f"Bearer {token}"}) as session:
                await _slow_query_s(session, 20)
                async with _sockets(port or 0, token, subscriptions) as clients:
                    return await _measured(psutil.Process(server.pid), api, session, clients, subscriptions)


async def _measured(
    server: psutil.Process, api: Replaying, session: aiohttp.ClientSession, clients: Sockets, subscriptions: int
) -> list[Line]:
    began_s = perf_counter()
    await clients.live()
    begun_s = perf_counter() - began_s
    await asyncio.sleep(5)
    quiet_s = await _slow_query_s(session)
    spent_s = _processor_s(server)
    await asyncio.sleep(15)
    idle_ms = (_processor_s(server) - spent_s) / 15 / subscriptions * 1000
    await clients.received()
    spent_s, began_s = _processor_s(server), perf_counter()
    changing = asyncio.ensure_future(api.change(_PER_SECOND * _SECONDS, per_second=_PER_SECOND, plurals=_PLURALS))
    slow_s = await _slow_query_s(session)
    await changing
    busy, took_s = (_processor_s(server) - spent_s) / (perf_counter() - began_s), perf_counter() - began_s
    await asyncio.sleep(2)
    received, memory_mib = await clients.received(), server.memory_info().rss / 2**20
    last_ms = sorted(received.last_ms)
    return [
        at_most(
            f"{subscriptions:,} subscriptions on {subscriptions // SUBSCRIPTIONS_EACH:,} WebSockets: memory",
            memory_mib,
            600,
            unit=" MiB",
            decimals=0,
        ),
        Line("… time until all have their first state", f"{begun_s:.0f} s"),
        at_most("… processor time of one at rest", idle_ms, 0.1, unit=" ms / s", decimals=3),
        Line("… payloads, at 50 changes a second", f"{received.payloads / took_s:,.0f} / s (load {busy:.2f})"),
        at_most(
            "… from a change to its last subscriber, 99th percentile",
            last_ms[len(last_ms) * 99 // 100],
            1000,
            unit=" ms",
            decimals=0,
        ),
        at_most(
            "… 99th percentile of a query meanwhile ÷ quiet", slow_s / quiet_s, 1.5, note=f" ({quiet_s * 1000:.0f} ms)"
        ),
    ]


async def _slow_query_s(session: aiohttp.ClientSession, queries: int = _QUERIES) -> float:
    """Returns the 99th percentile of the time of an ordinary query."""
    took = []
    for _ in range(queries):
        began_s = perf_counter()
        async with session.post("/graphql", json={"query": _QUERY}) as response:
            answer = await response.read()
        took.append(perf_counter() - began_s)
        if not answer.startswith(b'{"data":{"pods":{"nodes":[{'):
            raise RuntimeError(f"the query failed: {answer[:500]!r}")
        await asyncio.sleep(_EVERY_S)
    return sorted(took)[queries * 99 // 100]


@asynccontextmanager
async def _sockets(port: int, token: str, number: int) -> AsyncIterator[Sockets]:
    command = (sys.executable, "-m", "bench.live.sockets", str(port), token, str(number))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=2**24)
    try:
        yield Sockets(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _register(api: Replaying, database: Path) -> None:
    async with await Registry.open(DatabaseUrl.for_file(database)) as registry:
        await registry.clusters.add(new_cluster("one", api.endpoint, credential=api.credential, labels=None))


async def _command(environment: dict[str, str], *arguments: str) -> str:
    command = (sys.executable, "-m", "server.main", *arguments)
    own = {"PATH": os.environ["PATH"], **environment}
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=own)
    output, _errors = await process.communicate()
    return output.decode().strip()


def _processor_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
