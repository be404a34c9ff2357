"""Search for the programs of a control plane: `KUBEBUILDER_ASSETS`, else the PATH, else built once.

Programs that must match are taken together from one place. An etcd of a distribution is often too old for the
kube-apiserver beside it, and a controller manager must not be newer than its API server.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.controlplane.build import METRICS_SERVER, OLDEST_APISERVER, PROMETHEUS, build, built_path
from tests.controlplane.cache import binary_directory

SERVER = ("etcd", "kube-apiserver")
CONTROLLERS = ("kube-controller-manager", "kube-scheduler", "kwok")
KUBECTL = ("kubectl",)


def find_binaries(names: tuple[str, ...]) -> dict[str, Path]:
    """Returns the path of each of `names`, all from the first place that has them all.

    Raises:
        ControlPlaneUnavailable: No place has them, and they cannot be built.
    """
    for place in _places():
        paths = {name: shutil.which(name, path=place) for name in names}
        if all(paths.values()):
            return {name: Path(path) for name, path in paths.items() if path}
    directory = build(names)
    return {name: directory / name for name in names}


def find_oldest_apiserver() -> Path:
    """Returns the kube-apiserver of the oldest tested version, which is always the one built from its Go module.

    Raises:
        ControlPlaneUnavailable: It cannot be built.
    """
    build((OLDEST_APISERVER,))
    return built_path(OLDEST_APISERVER)


def find_newest_kubectl() -> Path:
    """Returns the kubectl of the newest tested version, which is always the one built from its Go module.

    Raises:
        ControlPlaneUnavailable: It cannot be built.
    """
    return build(KUBECTL) / KUBECTL[0]


def find_metrics_server() -> Path:
    """Returns metrics-server, which is always the one built from its Go module.

    Raises:
        ControlPlaneUnavailable: It cannot be built.
    """
    build((METRICS_SERVER,))
    return built_path(METRICS_SERVER)


def find_prometheus() -> Path:
    """Returns Prometheus, which is always the one built from its Go module.

    Raises:
        ControlPlaneUnavailable: It cannot be built.
    """
    build((PROMETHEUS,))
    return built_path(PROMETHEUS)


def _places() -> list[str]:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    path = os.environ.get("PATH", "")
    return [place for place in (assets, path, str(binary_directory())) if place]
