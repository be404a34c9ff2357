"""The common resources of all programs of one run: folder, ports, keys, and their end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.pki import KeyFiles
from tests.controlplane.ports import Ports
from tests.controlplane.process import Process
from tests.controlplane.watchdog import Watchdog


class Run:
    """A run, which starts programs and leaves nothing of them behind."""

    def __init__(self, authority: CertificateAuthority) -> None:
        """Creates a temporary folder with keys signed by `authority`."""
        self.directory = Path(tempfile.mkdtemp(prefix="fleetgraph-"))
        self.ports = Ports()
        self.keys = KeyFiles.write(authority, self.directory / "pki")
        self._watchdog = Watchdog(self.directory)
        self._processes: list[Process] = []

    def start(self, argv: Sequence[str | Path], *, log: Path) -> Process:
        """Starts a program that `stop` will end."""
        process = Process(argv, log=log, watchdog=self._watchdog)
        self._processes.append(process)
        return process

    def stop(self) -> None:
        """Ends all programs, the last started first, and removes the folder."""
        for process in reversed(self._processes):
            process.ask_to_stop()
        while self._processes:
            self._processes.pop().stop()
        self._watchdog.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
