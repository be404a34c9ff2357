"""RBAC as in a living cluster: `view`, `edit` and `admin` have their rules, and `viewer` may view."""

from __future__ import annotations

import msgspec

from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.users import VIEWER

_GROUP = "rbac.authorization.k8s.io"
_API = f"/apis/{_GROUP}/v1"
_AGGREGATED = {"view": ("view",), "edit": ("view", "edit"), "admin": ("view", "edit", "admin")}


def grant_roles(cluster: Cluster) -> None:
    """Binds the viewer to ClusterRole `view`, and does the controller manager's part if there is none.

    The user-facing ClusterRoles are aggregated by a controller: without it they exist and grant nothing.
    """
    if not cluster.has_controllers:
        rules = {part: _rules(cluster, f"system:aggregate-to-{part}") for part in _AGGREGATED}
        for role, parts in _AGGREGATED.items():
            together = [rule for part in parts for rule in rules[part]]
            ask(cluster, "PATCH", f"{_API}/clusterroles/{role}", {"rules": together})
    ask(cluster, "POST", f"{_API}/clusterrolebindings", _viewer_binding())


def _rules(cluster: Cluster, role: str) -> list[JsonValue]:
    rules: list[JsonValue] = msgspec.json.decode(ask(cluster, "GET", f"{_API}/clusterroles/{role}"))["rules"]
    return rules


def _viewer_binding() -> JsonObject:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "fleetgraph-viewer"},
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": _GROUP, "kind": "User", "name": VIEWER}],
    }
