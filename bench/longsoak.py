"""A soak by the clock: a server gets all kinds of requests, and all kinds of clients.

`python -m bench.longsoak --minutes 60` prints a line a minute, each after some seconds of rest.
"""

import argparse
import json
import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Final
from urllib.parse import urlsplit

from bench.queries import DEFERRED, GROUPED, LINKED, STREAMED
from bench.soak import DUMP, Soak, soaked
from bench.soakstatements import STATEMENTS

_PODS: Final = 1000
_WORKERS: Final = 4
_MINUTE_S: Final = 60.0
_SETTLED_MINUTES: Final = 5
"""The number of minutes before the reference memory: until then caches fill."""
_PAYLOADS: Final = "multipart/mixed, application/json"
_TIMEOUT_S: Final = 60.0
_GUEST: Final = "guest"
_FIGURES: Final = {
    "stretch": "fleetgraph_event_loop_stretch_longest_seconds",
    "delay": "fleetgraph_event_loop_delay_longest_seconds",
}


@dataclass(slots=True)
class Caller:
    """One of several concurrent callers."""

    soak: Soak
    guest: str
    random: Random
    answers: Counter[str] = field(default_factory=Counter)

    def ask(self) -> None:
        """Sends a request of a random kind."""
        (way,) = self.random.choices(*zip(*_WAYS, strict=True))
        try:
            self.answers[way(self)] += 1
        except (OSError, HTTPException) as error:
            self.answers[type(error).__name__] += 1

    def mixed(self) -> str:
        """Reads a whole answer, or all payloads of one."""
        return self._read({"query": self._statement()}, accept=self.random.choice(["application/json", _PAYLOADS]))

    def large(self) -> str:
        """Reads an answer with all pods and their linked objects."""
        return self._read({"query": LINKED})

    def named(self) -> str:
        """Sends the identifier of a persisted document, or of an unknown one."""
        text = GROUPED if self.random.random() < 0.7 else self._statement()
        return self._read({"documentId": f"sha256:{sha256(text.encode()).hexdigest()}"})

    def granted(self) -> str:
        """Sends a request of a user whose grants change."""
        return self._read({"query": self._statement()}, token=self.guest)

    def refused(self) -> str:
        """Sends an invalid request: too large, not JSON, or with an unknown token."""
        hopeless: Sequence[tuple[dict[str, object], str]] = [
            ({"query": "{ clusters { name } }"}, f"fg_{self.random.getrandbits(200):x}"),
            ({"query": "{ " + "clusters { name } " * 20_000 + "}"}, self.soak.token),
            ({"query": self.random.random()}, self.soak.token),
        ]
        body, token = self.random.choice(hopeless)
        return self._read(body, token=token)

    def left(self) -> str:
        """Disconnects before the answer."""
        connection = self._connection({"query": self.random.choice([LINKED, GROUPED, self._statement()])})
        sleep(self.random.random() * 0.1)
        connection.close()
        return "left"

    def cut(self) -> str:
        """Disconnects after the first payloads."""
        connection = self._connection({"query": self.random.choice([DEFERRED, STREAMED])}, accept=_PAYLOADS)
        connection.getresponse().read(self.random.randint(1, 20_000))
        connection.close()
        return "cut"

    def _statement(self) -> str:
        return self.random.choice(STATEMENTS)(self.random)

    def _connection(
        self, body: dict[str, object], *, accept: str = "application/json", token: str | None = None
    ) -> HTTPConnection:
        connection = HTTPConnection(urlsplit(self.soak.process.url).netloc, timeout=_TIMEOUT_S)
        headers = {"Authorization": f"Bearer {token or self.soak.token}", "Content-Type": "application/json"}
        connection.request("POST", "/graphql", json.dumps(body), headers | {"Accept": accept})
        return connection

    def _read(self, body: dict[str, object], *, accept: str = "application/json", token: str | None = None) -> str:
        connection = self._connection(body, accept=accept, token=token)
        response = connection.getresponse()
        response.read()
        connection.close()
        return str(response.status)


_WAYS: Final[Sequence[tuple[Callable[[Caller], str], int]]] = (
    (Caller.mixed, 60),
    (Caller.large, 5),
    (Caller.named, 5),
    (Caller.granted, 10),
    (Caller.refused, 5),
    (Caller.left, 8),
    (Caller.cut, 7),
)
"""Kinds of requests, and their number among a hundred."""


class Load:
    """Callers at a rate, with clusters and grants that change; it can pause."""

    def __init__(self, soak: Soak, guest: str, *, rate: float) -> None:
        self._soak = soak
        self._pause_s = _WORKERS / rate
        self._callers = [Caller(soak, guest, Random(number)) for number in range(_WORKERS)]  # noqa: S311  reproducible
        self._is_wanted, self._is_over = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(caller,)) for caller in self._callers]
        self._threads.append(threading.Thread(target=self._come_and_go))

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._is_wanted.set()
        for thread in self._threads:
            thread.join()

    def run(self, seconds: float) -> None:
        """Sends requests for some time, then rests."""
        self._is_wanted.set()
        sleep(seconds)
        self._is_wanted.clear()

    @property
    def answers(self) -> str:
        """Returns the number of answers of each kind."""
        counted = sum((caller.answers for caller in self._callers), Counter[str]())
        return " ".join(f"{kind}: {count}" for kind, count in sorted(counted.items()))

    def _call(self, caller: Caller) -> None:
        while not self._is_over.is_set():
            self._is_wanted.wait()
            began_s = monotonic()
            caller.ask()
            self._is_over.wait(max(0.0, began_s + self._pause_s - monotonic()))

    def _come_and_go(self) -> None:
        """Changes clusters and grants, one step every few seconds, each by a command."""
        dump = str(Path(self._soak.environment["HOME"]) / DUMP)
        grant = ("grants", "add", "--user", _GUEST, "--cluster", "one", "--cluster-role", "fleetgraph-reader", "--json")
        while not self._is_over.is_set():
            self._step("clusters", "import", "--snapshot", dump, "--name", "passing")
            added = self._step(*grant)
            self._step("clusters", "remove", "passing", "--yes")
            self._step("grants", "remove", json.loads(added)["id"] if added else "")

    def _step(self, *command: str) -> str:
        self._is_wanted.wait()
        if self._is_over.wait(5):
            return ""
        return self._soak.command(*command)


def run(folder: Path, minutes: int, rate: float) -> None:
    """Soaks for some minutes and prints a line after each."""
    documents = folder / "documents"
    documents.mkdir()
    (documents / "grouped.graphql").write_text(GROUPED)
    settings = {"FLEETGRAPH_DOCUMENTS": str(documents), "FLEETGRAPH_METRICS_ACCESS": "open"}
    with soaked(folder / "soak", _PODS, settings) as soak, socket.socket() as closed:
        _register_dead(soak, closed)
        guest = soak.command("tokens", "create", "--name", _GUEST)
        figures_mib: list[float] = []
        with Load(soak, guest, rate=rate) as load:
            for minute in range(1, minutes + 1):
                load.run(_MINUTE_S)
                figures_mib.append(soak.at_rest_mib())
                print(f"{minute:3} min  {figures_mib[-1]:6.1f} MiB  {_figures(soak)}  {load.answers}", flush=True)
        for line in soak.process.log.splitlines():
            if '"long stretch of the event loop"' in line:
                print(line)
    settled = figures_mib[min(_SETTLED_MINUTES, len(figures_mib)) - 1]
    print(f"{figures_mib[-1] - settled:+.1f} MiB since {settled:.1f} MiB; the most was {max(figures_mib):.1f} MiB")


def _register_dead(soak: Soak, closed: socket.socket) -> None:
    """Registers a cluster at a port without a listener, while the socket exists."""
    closed.bind(("127.0.0.1", 0))
    server = f"https://127.0.0.1:{closed.getsockname()[1]}"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "dead", "cluster": {"server": server}}],
        "users": [{"name": "dead", "user": {"token": "none"}}],
        "contexts": [{"name": "dead", "context": {"cluster": "dead", "user": "dead"}}],
    }
    file = Path(soak.environment["HOME"]) / "kubeconfig"
    file.write_text(json.dumps(content))
    soak.command("clusters", "import", "--no-check", "--kubeconfig", str(file), "--all")


def _figures(soak: Soak) -> str:
    """Returns the longest stretch and delay of the event loop so far, in ms."""
    connection = HTTPConnection(urlsplit(soak.process.url).netloc, timeout=_TIMEOUT_S)
    connection.request("GET", "/metrics")
    lines = dict(line.rsplit(" ", 1) for line in connection.getresponse().read().decode().splitlines())
    connection.close()
    return "  ".join(f"{name} {float(lines[metric]) * 1000:3.0f} ms" for name, metric in _FIGURES.items())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.longsoak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60, help="how long it takes (default 60)")
    parser.add_argument("--rate", type=float, default=15, help="requests in a second (default 15)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        run(Path(directory), arguments.minutes, arguments.rate)
