"""One etcd for all API servers of a run."""

from __future__ import annotations

from pathlib import Path

from tests.controlplane.http_call import is_ok
from tests.controlplane.run import Run

_READY_TIMEOUT_S = 120.0


class Etcd:
    """An etcd with its data in the run's folder. It syncs nothing to disk, because it lives as long as the run."""

    def __init__(self, binary: Path, run: Run) -> None:
        """Starts etcd on two free ports."""
        self.url = f"http://127.0.0.1:{run.ports.take()}"
        argv: list[str | Path] = [
            binary,
            f"--data-dir={run.directory / 'etcd'}",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls=http://127.0.0.1:{run.ports.take()}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]
        self.process = run.start(argv, log=run.directory / "etcd.log")

    def wait_until_ready(self) -> None:
        """Waits until etcd reports health."""
        self.process.wait_until(lambda: is_ok(f"{self.url}/health"), timeout_s=_READY_TIMEOUT_S)
