"""A watchdog that ends the control planes of a test run that could not do it itself (kill -9, a closed terminal).

A small process holds the reading end of a pipe. When the pipe closes, its owner has ended in whatever way. Then it
kills the processes that it watches, and removes the run's folder. It works alike on Linux and macOS.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


class Watchdog:
    """The owner's side of the pipe."""

    def __init__(self, directory: Path) -> None:
        """Starts to watch this process; `directory` is removed when it has ended."""
        self._popen = subprocess.Popen(
            [sys.executable, "-I", __file__, directory],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
            bufsize=1,
        )

    def watch(self, pid: int) -> None:
        """Watches `pid`, which is killed when this process has ended."""
        self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        """Stops watching `pid`: it has ended, and its number may soon be another's."""
        self._tell(f"-{pid}")

    def stop(self) -> None:
        """Closes the pipe and waits until the folder is removed."""
        if self._popen.stdin:
            self._popen.stdin.close()
        self._popen.wait()

    def _tell(self, line: str) -> None:
        if self._popen.stdin is None:
            raise RuntimeError("the watchdog has no pipe")
        self._popen.stdin.write(f"{line}\n")


def main(directory: Path, lines: Iterable[str]) -> None:
    """Reads the owner's lines until the pipe closes, then cleans up."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pids: set[int] = set()
    for line in lines:
        (pids.add if line[0] == "+" else pids.discard)(int(line[1:]))
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin)
