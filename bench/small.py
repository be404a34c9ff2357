"""A small query over HTTP to the demo, compared with a plain Strawberry hello world on the same server."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.hello import QUERY as HELLO

_DEPLOYMENTS = "{ deployments(first: 1) { nodes { cluster { name } namespace name } } }"
_SMALL = """query Small($cluster: String!, $namespace: String!, $name: String!) {
  deployment(cluster: $cluster, namespace: $namespace, name: $name) {
    name namespace metadata { creationTimestamp } spec { replicas } status { readyReplicas }
  }
}"""
_CALLERS = 8
_NO_RATE_LIMIT = {"FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE": "10000000"}
_ROUND_S = 2.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Answers per second."""

    small: float
    hello: float


async def rates(rounds: int) -> Rates:
    """Returns the better of a few interleaved rounds each."""
    with (
        _served([str(Path(sys.executable).parent / "fleetgraph"), "demo", "--frozen", "--no-open"]) as demo,
        _served([sys.executable, "-m", "bench.hello"]) as hello,
    ):
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(_until_up(session, demo), _until_up(session, hello))
            answer = await _post(session, demo, {"query": _DEPLOYMENTS})
            deployment = answer["data"]["deployments"]["nodes"][0]
            place = {**deployment, "cluster": deployment["cluster"]["name"]}
            small: Mapping[str, object] = {"query": _SMALL, "variables": place}
            best = {demo: 0.0, hello: 0.0}
            for _ in range(rounds):
                for port, body in ((demo, small), (hello, {"query": HELLO})):
                    best[port] = max(best[port], await _rate(session, port, body))
            return Rates(best[demo], best[hello])


async def _rate(session: aiohttp.ClientSession, port: int, body: Mapping[str, object]) -> float:
    until_s, answered = time.perf_counter() + _ROUND_S, 0

    async def caller() -> None:
        nonlocal answered
        while time.perf_counter() < until_s:
            await _post(session, port, body)
            answered += 1

    started_s = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    return answered / (time.perf_counter() - started_s)


async def _post(session: aiohttp.ClientSession, port: int, body: Mapping[str, object]) -> dict[str, Any]:
    async with session.post(f"http://127.0.0.1:{port}/graphql", json=body) as response:
        answer: dict[str, Any] = await response.json(content_type=None)
    if not answer.get("data"):
        raise RuntimeError(f"the query failed: {answer}")
    return answer


async def _until_up(session: aiohttp.ClientSession, port: int) -> None:
    deadline_s = time.perf_counter() + 60
    while time.perf_counter() < deadline_s:
        try:
            await _post(session, port, {"query": "{ __typename }"})
        except (aiohttp.ClientError, OSError):
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError(f"no answer at port {port} within 60 s")


@contextmanager
def _served(command: list[str]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | _NO_RATE_LIMIT,
    )
    try:
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)
