"""Three real clusters on loopback over one etcd: `alpha`, `beta`, and `living`, which has controllers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.controlplane.apiserver import ApiServer, ApiServerSettings
from tests.controlplane.binaries import CONTROLLERS, KUBECTL, SERVER, find_binaries
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.etcd import Etcd
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.controlplane.living import Controllers
from tests.controlplane.roles import grant_roles
from tests.controlplane.run import Run
from tests.controlplane.unavailable import ControlPlaneUnavailable

ALPHA, BETA, LIVING = "alpha", "beta", "living"
LIVING_NODES = ("worker-1", "worker-2", "worker-3")


class ControlPlanes:
    """The clusters, which run between `__enter__` and `__exit__`.

    On `alpha` and `beta` nothing acts on objects: objects of tests stay unchanged, and a deleted namespace stays
    Terminating forever. On `living` controllers, a scheduler and kwok act as in any cluster.
    """

    def __init__(self, plain: Sequence[str] = (ALPHA, BETA), *, living: bool = True) -> None:
        """Prepares a fleet.

        Args:
            plain: Names of the clusters without controllers.
            living: Whether there is a cluster with controllers as well; without it the fleet starts sooner.
        """
        self.authority = CertificateAuthority.create()
        self._plain = tuple(plain)
        self._wants_living = living
        self._missing_controllers = "this fleet was started without its living cluster"
        self._clusters: dict[str, Cluster] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Starts everything and waits until it is ready, about 8 s.

        Raises:
            ControlPlaneUnavailable: etcd or kube-apiserver is unavailable.
        """
        binaries = find_binaries(SERVER)
        controllers = self._find_controllers()
        with ExitStack() as stack:
            run = Run(self.authority)
            stack.callback(run.stop)
            self._start(run, binaries, controllers=controllers)
            self.directory = run.directory
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stops everything and removes its files."""
        self.stop()

    def stop(self) -> None:
        """Stops everything and removes its files, if that has not happened yet."""
        self._clusters.clear()
        self._stack.close()

    @property
    def alpha(self) -> Cluster:
        """Returns the first plain cluster."""
        return self.cluster(ALPHA)

    @property
    def beta(self) -> Cluster:
        """Returns the second plain cluster."""
        return self.cluster(BETA)

    @property
    def living(self) -> Cluster:
        """Returns the cluster with controllers.

        Raises:
            ControlPlaneUnavailable: The fleet has none; the message gives the reason.
        """
        if LIVING not in self._clusters:
            raise ControlPlaneUnavailable(self._missing_controllers)
        return self._clusters[LIVING]

    def cluster(self, name: str) -> Cluster:
        """Returns the running cluster of this name; raises KeyError without one."""
        return self._clusters[name]

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """Returns all clusters, by name."""
        return tuple(self._clusters.values())

    @cached_property
    def kubectl(self) -> Path:
        """Returns the kubectl that matches these clusters."""
        return find_binaries(KUBECTL)["kubectl"]

    def _find_controllers(self) -> dict[str, Path]:
        if not self._wants_living:
            return {}
        try:
            return find_binaries(CONTROLLERS)
        except ControlPlaneUnavailable as error:
            self._missing_controllers = str(error)
            return {}

    def _start(self, run: Run, binaries: dict[str, Path], *, controllers: dict[str, Path]) -> None:
        etcd = Etcd(binaries["etcd"], run)
        etcd.wait_until_ready()
        settings = [ApiServerSettings(name, etcd.url) for name in self._plain]
        if controllers:
            settings.append(ApiServerSettings(LIVING, etcd.url, has_controllers=True))
        servers = [ApiServer(binaries["kube-apiserver"], run, settings=setting) for setting in settings]
        for server in servers:
            server.wait_until_ready()
            grant_roles(server.cluster)
            self._clusters[server.cluster.name] = server.cluster
        if controllers:
            self._start_controllers(run, controllers)

    def _start_controllers(self, run: Run, binaries: dict[str, Path]) -> None:
        controllers = Controllers(binaries, run, cluster=self.living)
        for node in LIVING_NODES:
            ask(self.living, "POST", "/api/v1/nodes", _node(node))
        controllers.wait_until_ready()


def _node(name: str) -> JsonObject:
    # `taints: []` means none; without it, the API server adds not-ready to every new node.
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": {"taints": []}}
