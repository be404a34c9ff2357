"""The users of a test cluster: lines of kube-apiserver's `--token-auth-file`, with new tokens for each run."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Mapping
from pathlib import Path

ADMIN = "admin"
VIEWER = "viewer"
TENANT = "tenant"
RESIDENT = "resident"
GUEST = "guest"
HARNESS = "harness"
CONTROLLERS = "controllers"
_ADMINISTRATORS = "system:masters"

GROUPS: Mapping[str, str] = {
    ADMIN: _ADMINISTRATORS,
    HARNESS: _ADMINISTRATORS,
    CONTROLLERS: _ADMINISTRATORS,
    VIEWER: "viewers",
    TENANT: "tenants",
    RESIDENT: "residents",
    GUEST: "guests",
    "alice": "people",
    "nobody": "people",
}
"""The group of each user. The viewer is bound to the ClusterRole `view`; alice and nobody have no grants. The tenant,
the resident and the guest have the rights in some namespaces that tests of partial visibility grant."""

UNAUDITED = (HARNESS, CONTROLLERS, "system:apiserver")
"""Users of the harness itself, whose requests are never counted."""


def new_tokens() -> dict[str, str]:
    """Returns a fresh token for each user."""
    return {user: secrets.token_urlsafe(24) for user in GROUPS}


def write_token_file(path: Path, tokens: Mapping[str, str]) -> Path:
    """Writes lines of `token,user,uid,group`, readable by the owner only."""
    path.touch(mode=0o600)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows((token, user, f"uid-{user}", GROUPS[user]) for user, token in tokens.items())
    return path
