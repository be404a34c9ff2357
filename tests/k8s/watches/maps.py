"""Config maps of a real cluster, which tests of watches change."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from k8s.credentials.credential import BearerToken, Credential, Secret
from k8s.credentials.impersonation import Impersonation
from k8s.credentials.sources import CredentialSources
from k8s.credentials.tokens import RenewedToken
from k8s.endpoint import Endpoint
from k8s.transport.exchange import UNOBSERVED, Observer
from k8s.transport.limits import ConnectionLimits
from k8s.watches.watchconnection import WatchConnection
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster


class Maps:
    """The config maps of a namespace, changed as an administrator."""

    def __init__(self, session: aiohttp.ClientSession, namespace: str) -> None:
        self._session = session
        self._path = f"/api/v1/namespaces/{namespace}/configmaps"
        self._next = 0

    @classmethod
    @asynccontextmanager
    async def opened(cls, cluster: Cluster, namespace: str) -> AsyncIterator["Maps"]:
        """Yields those of a namespace that has none."""
        async with connect(cluster) as session:
            async with session.post("/api/v1/namespaces", json={"metadata": {"name": namespace}}):
                pass
            maps = cls(session, namespace)
            await maps.delete()
            yield maps

    async def put(self, name: str, *, characters: int = 0, labels: Mapping[str, str] | None = None) -> None:
        self._next += 1
        body = {
            "metadata": {"name": name, "labels": labels or {}},
            "data": {"n": str(self._next), "more": "x" * characters},
        }
        async with self._session.put(f"{self._path}/{name}", json=body) as answer:
            if answer.status == 404:
                async with self._session.post(self._path, json=body) as created:
                    created.raise_for_status()

    async def delete(self, name: str = "") -> None:
        async with self._session.delete(f"{self._path}/{name}" if name else self._path) as answer:
            await answer.read()

    async def versions(self) -> dict[str, str]:
        async with self._session.get(self._path) as answer:
            items = (await answer.json())["items"]
        return {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in items}


def connection_to(
    cluster: Cluster,
    *,
    acting_as: str = "",
    credential: Credential | RenewedToken | None = None,
    sources: CredentialSources | None = None,
    observer: Observer = UNOBSERVED,
) -> WatchConnection:
    """Returns a connection for watches: by default as the administrator, or as a user that it impersonates."""
    return WatchConnection(
        cluster.name,
        Endpoint(cluster.server, ca_pem=cluster.ca_pem.decode()),
        credential=credential or BearerToken(Secret(cluster.token())),
        limits=ConnectionLimits(connections=100, connect_timeout_s=30, sources=sources or CredentialSources()),
        observer=observer,
        acting_as=Impersonation(acting_as) if acting_as else None,
        identity=acting_as or "administrator",
    )
