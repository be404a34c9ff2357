"""`fleetgraph serve`, or another command that serves, as a process of its own, as an operator starts it."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from platformdirs import user_cache_path

ROOT = Path(__file__).parents[2]
CACHE = user_cache_path()
"""With the structures of all kinds, which a server in an empty home would read from the models in a second or more."""
_START_TIMEOUT_S = 180
_STOP_TIMEOUT_S = 30


class ServerProcess:
    """A server process that listens once the context is entered, and is killed at its end if it still runs."""

    def __init__(self, environment: Mapping[str, str], *options: str, command: str = "serve") -> None:
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(CACHE)}
        self._environment = {**own, **environment}
        self._arguments = (command, "--port", "0", *options)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._seen: list[str] = []
        self.url = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.main", *self._arguments],
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self._wait_for(r"listens on (\S+)/graphql")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(_STOP_TIMEOUT_S)
        self._reader.join(_STOP_TIMEOUT_S)
        if self._process.stderr is not None:
            self._process.stderr.close()

    @property
    def log(self) -> str:
        """Returns the log so far."""
        while not self._lines.empty():
            self._seen.append(self._lines.get() or "")
        return "".join(self._seen)

    def terminate(self) -> None:
        """Sends SIGTERM, and returns when the server has noticed."""
        self._process.send_signal(signal.SIGTERM)
        self._wait_for(r'"event": "(stopping|queries cut off)"')

    def exit_code(self) -> int:
        """Waits for its end."""
        code = self._process.wait(_STOP_TIMEOUT_S)
        self._reader.join(_STOP_TIMEOUT_S)
        return code

    def _wait_for(self, pattern: str) -> str:
        while (line := self._lines.get(timeout=_START_TIMEOUT_S)) is not None:
            self._seen.append(line)
            if match := re.search(pattern, line):
                return match[1]
        raise AssertionError(f"The server ended without {pattern!r}:\n{''.join(self._seen)}")

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.put(line)
        self._lines.put(None)
