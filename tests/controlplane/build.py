"""Build of the binaries from the Go modules beside this file, once for a machine."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.cache import (
    GO_MODULES,
    METRICS_MODULE,
    OLDEST_MODULE,
    PROMETHEUS_MODULE,
    binary_directory,
    metrics_directory,
    module_version,
    oldest_directory,
    prometheus_directory,
    version_key,
)
from tests.controlplane.golang import find_go, go_environment
from tests.controlplane.unavailable import ControlPlaneUnavailable

OLDEST_APISERVER = "kube-apiserver-oldest"
METRICS_SERVER = "metrics-server"
PROMETHEUS = "prometheus"


@dataclass(frozen=True)
class _Target:
    go_module: str
    package: str
    tags: str = ""

    @property
    def directory(self) -> Path:
        return _DIRECTORIES.get(self.go_module, binary_directory)()


_DIRECTORIES = {
    METRICS_MODULE: metrics_directory,
    OLDEST_MODULE: oldest_directory,
    PROMETHEUS_MODULE: prometheus_directory,
}
"""The folders of modules that are apart from those of the newest version."""


TARGETS = {
    "etcd": _Target("kubernetes", "go.etcd.io/etcd/server/v3"),
    "kube-apiserver": _Target("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver"),
    "kube-controller-manager": _Target("kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    "kube-scheduler": _Target("kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler"),
    "kubectl": _Target("kubernetes", "k8s.io/kubernetes/cmd/kubectl"),
    "kwok": _Target("kwok", "sigs.k8s.io/kwok/cmd/kwok"),
    OLDEST_APISERVER: _Target(OLDEST_MODULE, "k8s.io/kubernetes/cmd/kube-apiserver"),
    METRICS_SERVER: _Target(METRICS_MODULE, "sigs.k8s.io/metrics-server/cmd/metrics-server"),
    PROMETHEUS: _Target(PROMETHEUS_MODULE, "github.com/prometheus/prometheus/cmd/prometheus", "remove_all_sd"),
}
ADDONS = (METRICS_SERVER, PROMETHEUS)
"""Programs without which only a few tests are skipped: whether they can be built decides nothing else."""
CORE = tuple(name for name in TARGETS if name not in ADDONS)


def build(names: Iterable[str] = CORE) -> Path:
    """Builds the missing ones of `names` and returns the folder of the binaries of the newest version.

    The first build takes ten minutes and more; it prints one line for each binary on standard error. A second process
    that needs the same waits for the first.

    Raises:
        ControlPlaneUnavailable: There is no Go or no module proxy, or a build fails.
    """
    directory = binary_directory()
    if unbuilt := missing(names):
        for folder in (directory, *(TARGETS[name].directory for name in unbuilt)):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ControlPlaneUnavailable(f"the cache {folder} cannot be made: {error.strerror}") from error
        with _only_builder(directory):
            _build_missing(unbuilt)
    return directory


def built_path(name: str) -> Path:
    """Returns the path of a binary that is built, or would be."""
    return TARGETS[name].directory / name


def missing(names: Iterable[str] = CORE) -> list[str]:
    """Returns those of `names` that are not built yet."""
    return [name for name in names if not built_path(name).exists()]


def _build_missing(names: list[str]) -> None:
    unbuilt = missing(names)  # another process may have built them
    if not unbuilt:
        return
    go = find_go()
    _say(f"building {', '.join(unbuilt)} once into {binary_directory().parent} (all: about 21 minutes on two cores)")
    for name in unbuilt:
        began = time.monotonic()
        _say(f"  {name} ...", end="")
        _build_one(go, name)
        _say(f" {time.monotonic() - began:.0f} s")


def _build_one(go: Path, name: str) -> None:
    """Builds to another name and renames the file, so that an interrupted build is never taken for a binary."""
    target = TARGETS[name]
    unfinished = target.directory / f".{name}.unfinished"
    argv: list[str | Path] = [
        go,
        "build",
        "-trimpath",
        "-tags",
        target.tags,
        "-ldflags",
        _linker_flags(target),
        "-o",
        unfinished,
        target.package,
    ]
    folder = GO_MODULES / target.go_module
    done = subprocess.run(argv, cwd=folder, env=go_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        _say(" failed")
        raise ControlPlaneUnavailable(f"go build of {name} failed: {_reason(done.stderr)}")
    unfinished.rename(built_path(name))


def _linker_flags(target: _Target) -> str:
    """Returns the flags that set the version: a build outside its own repository calls itself v0.0.0."""
    if target.go_module in {"kwok", METRICS_MODULE, PROMETHEUS_MODULE}:
        return "-s -w"
    version = module_version(target.go_module, "k8s.io/kubernetes")
    major, minor, *_ = version_key(version)
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items())])


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return (lines or ["no reason given"])[-1][:300]


@contextmanager
def _only_builder(directory: Path) -> Iterator[None]:
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(f"another process is building into {directory}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(text: str, *, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)
