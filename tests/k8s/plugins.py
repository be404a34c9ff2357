"""Exec credential plugins as shell scripts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

V1 = "client.authentication.k8s.io/v1"


def exec_credential(token: str | None = None, *, life_s: float = 3600, **status: object) -> str:
    """Returns the output of a plugin."""
    expires_at = (datetime.now(UTC) + timedelta(seconds=life_s)).isoformat()
    status_fields = {"token": "plugin-token" if token is None else token, "expirationTimestamp": expires_at, **status}
    return json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": status_fields})


def write_plugin(path: Path, script: str = "", *, prints: str | None = None) -> Path:
    """Writes a program that records each run in a file beside it, runs a script, and prints a text."""
    output = path.with_suffix(".out")
    output.write_text(exec_credential() if prints is None else prints)
    path.write_text(f"#!/bin/sh\necho run >> '{path}.runs'\n{script}\ncat '{output}'\n")
    path.chmod(0o700)
    return path


def runs(path: Path) -> int:
    """Returns the number of runs."""
    noted = Path(f"{path}.runs")
    return len(noted.read_text().splitlines()) if noted.exists() else 0
