"""The programs in examples/, run like by a reader."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Ran:
    """The output of a program, in lines, and its exit code."""

    stdout: list[str]
    stderr: list[str]
    exit_code: int


def run(program: str, *arguments: str, url: str, token: str | None = None) -> Ran:
    """Runs a program against a server."""
    asked_by = {} if token is None else {"FLEETGRAPH_TOKEN": token}
    done = subprocess.run(
        [sys.executable, EXAMPLES / program, *arguments],
        env={"PATH": os.environ["PATH"], "FLEETGRAPH_URL": url, **asked_by},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return Ran(done.stdout.splitlines(), done.stderr.splitlines(), done.returncode)
