"""Kubeconfigs for the test clusters, with everything inline."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.controlplane.cluster import Cluster
from tests.controlplane.users import ADMIN


def write_kubeconfig(path: Path, clusters: Sequence[Cluster], user: str = ADMIN) -> Path:
    """Writes a kubeconfig with a context for each cluster, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(kubeconfig_text(clusters, user))
    return path


def kubeconfig_text(clusters: Sequence[Cluster], user: str = ADMIN) -> str:
    """Returns a kubeconfig whose context, cluster and user have the cluster's name."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": c.name, "cluster": _cluster(c)} for c in clusters],
        "users": [{"name": c.name, "user": {"token": c.token(user)}} for c in clusters],
        "contexts": [{"name": c.name, "context": {"cluster": c.name, "user": c.name}} for c in clusters],
        "current-context": clusters[0].name if clusters else "",
    }
    return yaml.safe_dump(document, sort_keys=False)


def _cluster(cluster: Cluster) -> dict[str, str]:
    return {"server": cluster.server, "certificate-authority-data": b64encode(cluster.ca_pem).decode()}
