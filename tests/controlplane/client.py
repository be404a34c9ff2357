"""A plain HTTP session to a cluster, for tests that send requests to the API server themselves."""

from __future__ import annotations

import aiohttp

from tests.controlplane.cluster import Cluster
from tests.controlplane.users import HARNESS

CONNECTIONS = 64


def connect(cluster: Cluster, user: str = HARNESS) -> aiohttp.ClientSession:
    """Opens a session with base URL, TLS and the token of `user`; use it as an async context manager.

    Requests of the user `harness` are not audited; use another user for requests that count.
    """
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=cluster.ssl_context())
    headers = {"Authorization": f"Bearer {cluster.token(user)}", "User-Agent": "fleetgraph-harness"}
    return aiohttp.ClientSession(cluster.server, connector=connector, headers=headers)
