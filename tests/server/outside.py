"""A server process, watched from outside during an attack: probes, another caller, memory."""

import http.client
import json
import threading
from time import perf_counter, sleep
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import psutil

from tests.server.serverprocess import ServerProcess

_PAUSE_S = 0.02
_TIMEOUT_S = 60.0


class Outside:
    """A client that repeats `/healthz`, and a small query as another caller, while the context is open."""

    def __init__(self, server: ServerProcess, *, token: str, query: str = "{ clusters { name } }") -> None:
        self._address = urlsplit(server.url).netloc
        self._process = psutil.Process(server.pid)
        self._token = token
        self._query = json.dumps({"query": query})
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=watch, daemon=True) for watch in (self._probe, self._ask, self._weigh)]
        self.probe_s: list[float] = []
        self.query_s: list[float] = []
        self.failures: list[str] = []
        self.idle_bytes = self.peak_bytes = self.resident_bytes

    @property
    def resident_bytes(self) -> int:
        """Returns the resident memory of the process."""
        return int(self._process.memory_info().rss)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _probe(self) -> None:
        self._repeat(self.probe_s, "GET", "/healthz", "", {})

    def _ask(self) -> None:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        self._repeat(self.query_s, "POST", "/graphql", self._query, headers)

    def _repeat(self, took_s: list[float], method: str, path: str, body: str, headers: dict[str, str]) -> None:
        while not self._is_over.is_set():
            connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT_S)
            started_s = perf_counter()
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                content = response.read()
            except OSError as error:
                self.failures.append(f"{path}: {error!r}")
            else:
                if response.status != 200 or b'"errors"' in content:
                    self.failures.append(f"{path}: {response.status} {content[:300]!r}")
            finally:
                connection.close()
            took_s.append(perf_counter() - started_s)
            sleep(_PAUSE_S)

    def _weigh(self) -> None:
        while not self._is_over.is_set():
            self.peak_bytes = max(self.peak_bytes, self.resident_bytes)
            sleep(_PAUSE_S)
