"""Figures of separate processes: memory, and the time from start to the first answer."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in MiB: before a query, and its maximum during the query."""

    idle_mib: float
    peak_mib: float

    @property
    def added_mib(self) -> float:
        """Returns the additional memory of the query."""
        return self.peak_mib - self.idle_mib

    @property
    def note(self) -> str:
        """Returns the text after the figure in the table."""
        return f" (idle {self.idle_mib:.0f})"


def memory(folder: Path, large: str) -> Memory:
    """Measures a process that answers a large query (`bench.replayed.LARGE`), from outside."""
    command = [sys.executable, "-m", "bench.replayed", str(folder), large]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101  both are pipes
        assert process.stdout is not None  # noqa: S101
        watched = psutil.Process(process.pid)
        process.stdout.readline()
        idle = peak = watched.memory_info().rss
        process.stdin.write("\n")
        process.stdin.flush()
        os.set_blocking(process.stdout.fileno(), False)
        while process.poll() is None and not process.stdout.readline():
            peak = max(peak, watched.memory_info().rss)
            time.sleep(0.002)
        process.communicate("\n", timeout=30)
    if process.returncode:
        raise RuntimeError(f"{large} was not answered: its process ended with {process.returncode}")
    return Memory(idle / 2**20, peak / 2**20)


class Growth(msgspec.Struct):
    """Milliseconds by query and objects, and the longest stop of the event loop by query."""

    milliseconds: dict[str, dict[int, float]]
    stops: dict[str, float]


def growth(folder: Path) -> Growth:
    """Measures a process that answers queries over 1,000 to 50,000 replayed pods."""
    process = subprocess.run(
        [sys.executable, "-m", "bench.replayed", str(folder)], capture_output=True, check=True, timeout=480
    )
    return msgspec.json.decode(process.stdout, type=Growth)


def seconds_until_served(database: Path) -> float:
    """Returns the seconds from the start of `fleetgraph serve` to its first GraphQL answer."""
    environment = os.environ | {"FLEETGRAPH_DATABASE_URL": f"sqlite:///{database}"}
    token = _fleetgraph("tokens", "create", "--name", f"bench-{time.time_ns()}", "--admin", environment=environment)
    return _seconds_to_first_answer("serve", query="{ clusters { name } }", environment=environment, token=token)


def seconds_until_shown() -> float:
    """Returns the seconds from the start of `fleetgraph demo` to the answer to its printed query over all clusters."""
    query = "{ clusters { name version reachable counts { pods nodes } } }"
    return _seconds_to_first_answer("demo", "--no-open", query=query, environment=dict(os.environ))


def _seconds_to_first_answer(*command: str, query: str, environment: dict[str, str], token: str = "") -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started_s = time.perf_counter()
    server = subprocess.Popen(
        [_program(), *command, "--port", str(port)],
        env=environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _answers(port, query, token):
            if time.perf_counter() - started_s > 60:
                raise RuntimeError(f"`fleetgraph {command[0]}` did not answer within 60 s")
            time.sleep(0.02)
        return time.perf_counter() - started_s
    finally:
        server.terminate()
        server.wait(timeout=20)


def _answers(port: int, query: str, token: str) -> bool:
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": query}).encode(),
        headers={"Content-Type": "application/json", **authorization},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return "data" in json.load(response)
    except (urllib.error.URLError, ConnectionError):
        return False


def _fleetgraph(*arguments: str, environment: dict[str, str]) -> str:
    process = subprocess.run([_program(), *arguments], env=environment, capture_output=True, text=True, check=True)
    return process.stdout.strip()


def _program() -> str:
    return str(Path(sys.executable).parent / "fleetgraph")
