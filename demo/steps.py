"""The commands of the README, run one after the other and shown as they are run."""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

QUERY = """{
  pods(first: 5) {
    totalCount
    nodes {
      cluster { name } namespace name reason restarts
      node { name ready }
      deployment { name replicas { ready desired } }
    }
    clusters { cluster { name } status latencyMs }
  }
}"""


def program() -> Path:
    """The installed command."""
    return Path(sys.executable).parent / "fleetgraph"


def step(arguments: Sequence[str], environment: dict[str, str]) -> str:
    """Runs `fleetgraph` with some arguments; its output is shown and returned.

    Raises:
        CalledProcessError: it failed.
    """
    print(f"\n$ fleetgraph {shlex.join(arguments)}", flush=True)
    done = subprocess.run([str(program()), *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    print(done.stdout.rstrip(), flush=True)
    return done.stdout.strip()
