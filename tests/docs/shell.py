"""The commands of a document, run in order in one shell, like by a reader."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

PORT: Final = "8000"
"""The port in the documents, which is replaced here, because it may be in use."""

ELSEWHERE: Final[Mapping[str, str]] = {
    r"make \w+": "test_targets_exist; CI runs `make test`, and tests/server `fleetgraph demo`",
    r"git clone ": "CI runs in a fresh clone",
    r"podman build ": "needs base images from a registry",
    r"(fleetgraph authentication check --token-file|curl -s https://fleetgraph\.example\.com/)": (
        "needs an identity provider: tests/server/auth/oidc has one, and tries both"
    ),
    r"kubectl -n fleetgraph exec ": "needs the image in a cluster; the commands behind -- stand in cli.md",
}
"""Commands in documents that no test runs as they are: pattern and cause."""

_SERVES: Final = re.compile(r"fleetgraph (serve|demo)\b")
_WATCHES: Final = re.compile(r"(--watch|\s-w)\b")
_TIMEOUT_S: Final = 300

_PRELUDE: Final = """set -euo pipefail
served=""
trap 'test -z "$served" || kill $served' EXIT
ready() {
  for _ in $(seq 300); do
    curl -sf "http://127.0.0.1:$1/healthz" > /dev/null && return
    sleep 0.1
  done
  echo "nothing listens on port $1" >&2
  exit 1
}
"""


def commands(text: str) -> list[str]:
    """Returns the commands of a block: one a line, continued after a backslash, without comments."""
    joined = re.sub(r"\\\n\s*", "", text)
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def is_tried_elsewhere(command: str) -> bool:
    """Returns whether the table above has a command."""
    return any(re.match(pattern, command) for pattern in ELSEWHERE)


def script(commands: Iterable[str], port: int) -> str:
    """Returns a script that runs commands, with servers in the background."""
    return _PRELUDE + "\n".join(_step(command.replace(PORT, str(port)), port) for command in commands) + "\n"


def run(text: str, folder: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs a script in a folder."""
    return subprocess.run(
        ["/bin/bash", "-c", text],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
        stdin=subprocess.DEVNULL,
    )


def _step(command: str, port: int) -> str:
    shown = f"echo {_quoted('$ ' + command)} >&2"
    if _SERVES.search(command):
        options = "" if "--port" in command else f" --port {port}"
        return f'{shown}\n{command}{options} & served="$served $!"; ready {port}'
    if _WATCHES.search(command):
        return f"{shown}\n{{ timeout --signal=INT 4 {command}; }} || test $? = 124 -o $? = 130"
    return f"{shown}\n{command}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
