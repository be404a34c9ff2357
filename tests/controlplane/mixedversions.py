"""Two real API servers: one of the oldest version of Kubernetes that is tested, and one of the newest.

Both serve all APIs that they know, alpha and beta included, so that they differ in as many kinds as possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.controlplane.apiserver import ApiServer, ApiServerSettings
from tests.controlplane.binaries import SERVER, find_binaries, find_oldest_apiserver
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.etcd import Etcd
from tests.controlplane.roles import grant_roles
from tests.controlplane.run import Run

OLDEST, NEWEST = "oldest", "newest"
ALL_APIS = ("--runtime-config=api/all=true", "--feature-gates=AllAlpha=true,AllBeta=true")


@dataclass(frozen=True)
class MixedVersions:
    """The clusters, without controllers; nothing acts on their objects."""

    oldest: Cluster
    newest: Cluster


@contextmanager
def mixed_versions() -> Iterator[MixedVersions]:
    """Yields the clusters while the context is open, over an etcd of their own.

    Raises:
        ControlPlaneUnavailable: One of the programs is unavailable.
    """
    binaries, oldest = find_binaries(SERVER), find_oldest_apiserver()
    run = Run(CertificateAuthority.create())
    try:
        etcd = Etcd(binaries["etcd"], run)
        etcd.wait_until_ready()
        servers = [
            ApiServer(program, run, settings=ApiServerSettings(name, etcd.url, flags=ALL_APIS))
            for name, program in ((OLDEST, oldest), (NEWEST, binaries["kube-apiserver"]))
        ]
        for server in servers:
            server.wait_until_ready()
            grant_roles(server.cluster)
        yield MixedVersions(*(server.cluster for server in servers))
    finally:
        run.stop()
