"""The folder of built binaries: outside the repository, one for each set of versions."""

from __future__ import annotations

import os
import re
from pathlib import Path

GO_MODULES = Path(__file__).parent / "go"
OLDEST_MODULE = "kubernetes-oldest"
"""The Go module with the API server of the oldest version of Kubernetes that is tested."""
METRICS_MODULE = "metrics-server"
"""The Go module with metrics-server."""
PROMETHEUS_MODULE = "prometheus"
"""The Go module with Prometheus."""


def cache_directory() -> Path:
    """Returns the folder of everything that is built or downloaded once for a machine."""
    chosen = os.environ.get("FLEETGRAPH_CACHE_DIR")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fleetgraph"


def binary_directory() -> Path:
    """Returns the folder of the binaries of exactly the versions in the Go modules."""
    kubernetes = module_version("kubernetes", "k8s.io/kubernetes")
    kwok = module_version("kwok", "sigs.k8s.io/kwok")
    return cache_directory() / "controlplane" / f"{kubernetes}-kwok-{kwok}"


def oldest_directory() -> Path:
    """Returns the folder of the API server of the oldest tested version."""
    return cache_directory() / "controlplane" / module_version(OLDEST_MODULE, "k8s.io/kubernetes")


def metrics_directory() -> Path:
    """Returns the folder of metrics-server."""
    version = module_version(METRICS_MODULE, "sigs.k8s.io/metrics-server")
    return cache_directory() / "controlplane" / f"metrics-server-{version}"


def prometheus_directory() -> Path:
    """Returns the folder of Prometheus."""
    version = module_version(PROMETHEUS_MODULE, "github.com/prometheus/prometheus")
    return cache_directory() / "controlplane" / f"prometheus-{version}"


def module_version(go_module: str, dependency: str) -> str:
    """Returns the version of `dependency` that `go/<go_module>/go.mod` requires, such as `v1.37.2`."""
    return _first_match(rf"^\s*{re.escape(dependency)} (v\S+)", _go_mod(go_module))


def go_version() -> str:
    """Returns the lowest Go version that can build all modules, such as `1.26.0`."""
    lines = [_first_match(r"^go (\S+)$", _go_mod(name)) for name in ("kubernetes", OLDEST_MODULE, "kwok")]
    return max(lines, key=version_key)


def version_key(version: str) -> tuple[int, ...]:
    """Returns a sort key of a version of digits and dots."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _go_mod(name: str) -> str:
    return (GO_MODULES / name / "go.mod").read_text()


def _first_match(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise ValueError(f"no line in go.mod matches {pattern}")
    return match.group(1)
