"""Dumps for commands."""

import json
from pathlib import Path
from typing import Any

CANARY = "canary-secret-9d2f"


def pod(name: str, *, namespace: str = "shop", node: str = "n1") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": "web"}, "resourceVersion": "5"},
        "spec": {"nodeName": node, "containers": [{"name": "web", "image": "web:1"}]},
        "status": {"phase": "Running"},
    }


def node(name: str) -> dict[str, Any]:
    info = {"kubeletVersion": "v1.31.2"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"nodeInfo": info}}


def secret(name: str) -> dict[str, Any]:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"stringData": {"password": CANARY}})}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "shop", "annotations": applied},
        "type": "Opaque",
        "data": {"password": CANARY},
    }


def write(path: Path, *items: object) -> Path:
    """Writes a dump of these objects in one file."""
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)}))
    return path
