"""The programs that make a cluster live: controller manager, scheduler, and kwok in place of every kubelet.

Deployments roll out, pods become Running and Ready, deletions finish, and logs and exec answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import is_there
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.pki import KeyFiles
from tests.controlplane.run import Run
from tests.controlplane.users import CONTROLLERS

LOG_LINES = ("starting", "listening on :8080", "ready")
"""The log of every container of the living cluster."""

_STAGES = Path(__file__).parent / "stages.yaml"
_READY_TIMEOUT_S = 300.0


class Controllers:
    """The programs that act on one API server."""

    def __init__(self, binaries: Mapping[str, Path], run: Run, *, cluster: Cluster) -> None:
        """Starts all three for `cluster`."""
        directory = run.directory / "controllers"
        directory.mkdir()
        self._cluster = cluster
        kubeconfig = write_kubeconfig(directory / "kubeconfig", [cluster], CONTROLLERS)
        flags = {
            "kube-controller-manager": _controller_manager(run.keys),
            "kube-scheduler": ["--leader-elect=false", "--secure-port=0"],
            "kwok": _kwok(directory, run),
        }
        processes = {
            name: run.start([binaries[name], f"--kubeconfig={kubeconfig}", *more], log=directory / f"{name}.log")
            for name, more in flags.items()
        }
        self._controller_manager = processes["kube-controller-manager"]

    def wait_until_ready(self) -> None:
        """Waits until the controllers have started to work: the default namespace has its ServiceAccount."""
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        self._controller_manager.wait_until(lambda: is_there(self._cluster, account), timeout_s=_READY_TIMEOUT_S)


def _controller_manager(keys: KeyFiles) -> list[str]:
    return [
        "--leader-elect=false",
        "--secure-port=0",
        f"--service-account-private-key-file={keys.service_account_private}",
        f"--root-ca-file={keys.authority}",
    ]


def _kwok(directory: Path, run: Run) -> list[str]:
    port = run.ports.take()
    return [
        "--manage-all-nodes=true",
        f"--config={_write_stages(directory)}",
        "--node-ip=127.0.0.1",
        "--node-name=localhost",
        f"--node-port={port}",
        f"--server-address=127.0.0.1:{port}",
        f"--tls-cert-file={run.keys.server_certificate}",
        f"--tls-private-key-file={run.keys.server_key}",
        "--node-lease-duration-seconds=40",
    ]


def _write_stages(directory: Path) -> Path:
    """Completes `stages.yaml` with the file of the lines that every container logs."""
    log = directory / "container.log"
    log.write_text("".join(f"2026-01-01T00:00:0{i}.000000000Z stdout F {line}\n" for i, line in enumerate(LOG_LINES)))
    stages = directory / "stages.yaml"
    stages.write_text(_STAGES.read_text().replace("CONTAINER_LOG", str(log)))
    return stages
