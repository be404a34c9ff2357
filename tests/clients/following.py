"""A follower of docs/clients.md: writes its files and runs its commands in a folder, in order."""

import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.clients.document import Command, File, Step

DOCUMENTED_URL: Final = "http://127.0.0.1:8000"

_TIMEOUT_S: Final = 60
_DONE_BEFOREHAND: Final = ("npm install ", "pip install ", "fleetgraph demo")
"""Commands that are done already: a server runs, and packages are installed; test_document.py compares versions."""

_PRELUDE: Final = 'set -eu; npm() { %s "$@"; }; npx() { "$@"; }; '
"""A prelude for shells: npm may be a script; npx does the same with a program of `node_modules`, but starts npm."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command and its output."""

    command: str
    stdout: str
    stderr: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Follower:
    """A follower of the document in a folder.

    Attributes:
        folder: Where files are written and commands run.
        url: The server that stands for the one that the document starts.
        environment: Of the commands.
        npm: The words that start it.
        ran: What ran so far.
    """

    folder: Path
    url: str
    environment: Mapping[str, str]
    npm: Sequence[str] = ("npm",)
    ran: list[Ran] = field(default_factory=list)

    def follow(self, steps: Iterable[Step]) -> None:
        """Runs all steps in order."""
        for step in steps:
            match step:
                case File(name, text):
                    self.write(name, text)
                case Command(text) as command if not text.startswith(_DONE_BEFOREHAND) and not command.is_endless:
                    self.ran.append(self.run(text))

    def write(self, name: str, text: str) -> None:
        """Saves a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, command: str) -> Ran:
        """Runs a command of the document against the server of the tests."""
        done = subprocess.run(
            self._shell(command),
            cwd=self.folder,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        return Ran(command, done.stdout, done.stderr, done.returncode)

    def lines_until(self, command: str, text: str) -> list[str]:
        """Runs a command that does not end until its output has a text, and returns the lines up to it."""
        lines = []
        with subprocess.Popen(
            self._shell(f"exec {command}"),
            cwd=self.folder,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                lines.append(line.rstrip("\n"))
                if text in line:
                    break
            running.kill()
        return lines

    def _shell(self, command: str) -> list[str]:
        words = _PRELUDE % shlex.join(self.npm) + command.replace(DOCUMENTED_URL, self.url)
        return ["/bin/bash", "-c", words]

    def _variables(self) -> dict[str, str]:
        return {**self.environment, "FLEETGRAPH_URL": self.url, "NO_COLOR": "1"}

    def output_of(self, command: str) -> list[str]:
        """Returns the output lines of a command, which must have succeeded without output on stderr."""
        (ran,) = [ran for ran in self.ran if ran.command == command]
        assert (ran.exit_code, ran.stderr) == (0, "")
        return ran.stdout.splitlines()
