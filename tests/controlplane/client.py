"""A plain HTTP session to a cluster, for tests that talk to the API server themselves."""

from __future__ import annotations

import aiohttp

from tests.controlplane.cluster import Cluster
from tests.controlplane.users import HARNESS

CONNECTIONS = 64


def connect(cluster: Cluster, user: str = HARNESS) -> aiohttp.ClientSession:
    """Open a session with base URL, TLS and the token of `user`; use it as an async context manager.

    What the user `harness` asks is not audited; take another user where the request shall be counted.
    """
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=cluster.ssl_context())
    headers = {"Authorization": f"Bearer {cluster.token(user)}", "User-Agent": "fleetgraph-harness"}
    return aiohttp.ClientSession(cluster.server, connector=connector, headers=headers)
