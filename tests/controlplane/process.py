"""One program of a control plane: started with its log in a file, stopped by its own handle."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from tests.controlplane.watchdog import Watchdog

STOP_TIMEOUT_S = 2.0
POLL_INTERVAL_S = 0.05


class Process:
    """A running program, which ends when this process ends, however it ends."""

    def __init__(self, argv: Sequence[str | Path], *, log: Path, watchdog: Watchdog) -> None:
        """Starts `argv` in a session of its own, so that Ctrl-C reaches it only through `stop`."""
        self.name = Path(argv[0]).name
        self.log = log
        self._watchdog = watchdog
        with log.open("wb") as output:
            self._popen = self._start(argv, output)
        watchdog.watch(self._popen.pid)

    @property
    def pid(self) -> int:
        """Returns the process id of the running program."""
        return self._popen.pid

    @staticmethod
    def _start(argv: Sequence[str | Path], output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )

    def wait_until(self, is_ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Polls `is_ready` until it is true.

        Raises:
            RuntimeError: The program ended, or was not ready in time; the end of its log is in the message.
        """
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            if self._popen.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self._popen.returncode}:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} was not ready within {timeout_s:.0f} s:\n{self._log_tail()}")
            time.sleep(POLL_INTERVAL_S)

    def ask_to_stop(self) -> None:
        """Sends SIGTERM without waiting, so that many can stop at the same time."""
        if self._popen.poll() is None:
            self._popen.terminate()

    def stop(self) -> None:
        """Terminates the program, and kills it if it has not ended after `STOP_TIMEOUT_S`."""
        self.ask_to_stop()
        try:
            self._popen.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._watchdog.forget(self._popen.pid)

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
