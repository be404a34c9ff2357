"""Kubeconfigs that need no cluster: nothing listens at their server."""

import json
from pathlib import Path

NOWHERE = "https://127.0.0.1:1"
CANARY = "canary-token-9f1c"


def write(path: Path, *contexts: str, current: str | None = None, server: str = NOWHERE, **user: object) -> Path:
    """Writes a file with a context, cluster and user for each name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server}} for name in contexts],
        "users": [{"name": name, "user": user or {"token": CANARY}} for name in contexts],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts],
    } | ({"current-context": current} if current else {})
    path.write_text(json.dumps(content))
    return path
