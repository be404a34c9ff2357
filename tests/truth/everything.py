"""A real API server that serves all of its APIs, including alpha and beta."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.controlplane.apiserver import ApiServer, ApiServerSettings
from tests.controlplane.binaries import SERVER, find_binaries
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.etcd import Etcd
from tests.controlplane.mixedversions import ALL_APIS
from tests.controlplane.run import Run

NAME = "everything"


@contextmanager
def everything() -> Iterator[Cluster]:
    """Yields the server while the context is open, next to the session's clusters and over a separate etcd.

    Raises:
        ControlPlaneUnavailable: its programs cannot be had.
    """
    binaries = find_binaries(SERVER)
    run = Run(CertificateAuthority.create())
    try:
        etcd = Etcd(binaries["etcd"], run)
        etcd.wait_until_ready()
        settings = ApiServerSettings(NAME, etcd.url, flags=ALL_APIS)
        server = ApiServer(binaries["kube-apiserver"], run, settings=settings)
        server.wait_until_ready()
        yield server.cluster
    finally:
        run.stop()
