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
_WITHOUT_REGISTRATION = (*ALL_APIS[:-1], f"{ALL_APIS[-1]},StorageVersionAPI=false")


@contextmanager
def everything(*, registers_versions: bool = True) -> Iterator[Cluster]:
    """Yields the server while the context is open, next to the session's clusters and over a separate etcd.

    Args:
        registers_versions: whether it registers the stored version of each kind before it accepts objects; on a busy
            machine it may end for that at its start.

    Raises:
        ControlPlaneUnavailable: its programs cannot be had.
    """
    binaries = find_binaries(SERVER)
    run = Run(CertificateAuthority.create())
    try:
        etcd = Etcd(binaries["etcd"], run)
        etcd.wait_until_ready()
        settings = ApiServerSettings(NAME, etcd.url, flags=ALL_APIS if registers_versions else _WITHOUT_REGISTRATION)
        server = ApiServer(binaries["kube-apiserver"], run, settings=settings)
        server.wait_until_ready()
        yield server.cluster
    finally:
        run.stop()
