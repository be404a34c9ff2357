"""npm packages of one folder, installed exactly as its lock file says, and their programs.

No package's install script is run: the packages are data until one of our commands runs them.
"""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from web.errors import NpmFailed
from web.lock import alone
from web.node import NodeJs, find_node

INSTALL_TIMEOUT_S = 300.0
RUN_TIMEOUT_S = 300.0
STAMP = ".fleetgraph-installed"
INPUTS = ("package.json", "package-lock.json", ".npmrc")
SHOWN_LINES = 20


@dataclass(frozen=True, slots=True)
class NpmInstallation:
    """A folder whose `node_modules` is as its lock file says."""

    folder: Path
    node: NodeJs

    def environment(self) -> dict[str, str]:
        """Returns the environment in which the packages' programs and `node` are found by name."""
        environment = self.node.environment()
        programs = self.folder / "node_modules" / ".bin"
        environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"
        return environment

    def command(self, program: str, *arguments: str) -> list[str]:
        """Returns the command line of a package's program, or of `node` itself."""
        if program == "node":
            return [str(self.node.program), *arguments]
        return [str(self.node.program), str(self.folder / "node_modules" / ".bin" / program), *arguments]

    def run(self, program: str, *arguments: str, timeout_s: float = RUN_TIMEOUT_S) -> str:
        """Runs a program in the folder, and returns its standard output.

        Raises:
            NpmFailed: It failed or timed out; with the last lines of its output.
        """
        return _run(
            self.command(program, *arguments),
            name=program,
            folder=self.folder,
            env=self.environment(),
            timeout_s=timeout_s,
        )


def installed(folder: Path, *, node: NodeJs | None = None, timeout_s: float = INSTALL_TIMEOUT_S) -> NpmInstallation:
    """Runs `npm ci` in a folder if its lock file has changed since the last time. Two processes wait for each other.

    Raises:
        NodeUnavailable: There is no Node.
        NpmFailed: npm failed; with the last lines of its output.
    """
    folder = folder.resolve()
    node = node or find_node()
    stamp = folder / "node_modules" / STAMP
    lock = folder / "package-lock.json"
    if not lock.is_file():
        raise NpmFailed(f"{folder} has no package-lock.json to install from.")
    with alone(lock):
        digest = _fingerprint(folder, node)
        if not stamp.is_file() or stamp.read_text() != digest:
            _install(folder, node, timeout_s=timeout_s)
            stamp.parent.mkdir(exist_ok=True)  # npm makes none for a folder without packages
            stamp.write_text(digest)
    return NpmInstallation(folder=folder, node=node)


def _install(folder: Path, node: NodeJs, *, timeout_s: float) -> None:
    flags = (
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--prefer-offline",
        "--loglevel=error",
    )
    _run([*node.npm, "ci", *flags], name="npm ci", folder=folder, env=node.environment(), timeout_s=timeout_s)


def _fingerprint(folder: Path, node: NodeJs) -> str:
    """Returns the hash of the files, and of Node's version, which decides native packages."""
    digest = hashlib.sha256(str(node.version[0]).encode())
    for name in INPUTS:
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _run(command: Sequence[str], *, name: str, folder: Path, env: dict[str, str], timeout_s: float) -> str:
    try:
        completed = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NpmFailed(f"'{name}' in {folder} did not end within {timeout_s:.0f} s.") from error
    except OSError as error:
        raise NpmFailed(f"'{name}' in {folder} cannot be run: {error.strerror}.") from error
    if completed.returncode != 0:
        lines = (completed.stdout + completed.stderr).strip().splitlines()[-SHOWN_LINES:]
        raise NpmFailed("\n".join([f"'{name}' in {folder} failed with code {completed.returncode}:", *lines]))
    return completed.stdout
