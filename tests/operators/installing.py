"""The installation of CRDs on a test cluster, until their kinds can be used."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus

import aiohttp
import msgspec

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_DISCOVERY = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
_AT_ONCE = 4
_OVERLOADED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
_TIMEOUT_S = 300.0
_POLL_INTERVAL_S = 0.1


class CrdNotServed(RuntimeError):
    """A CRD that the API server refused, or did not serve or remove in time."""


async def install(cluster: Cluster, crds: Iterable[JsonObject]) -> None:
    """Creates CRDs, and waits until all are established, and their kinds are discovered, published and can be listed.

    CRDs that the cluster already has stay as they are.

    Raises:
        CrdNotServed: The API server refuses one, or does not serve all of them in time.
    """
    async with connect(cluster) as session:
        client = _Client(session)
        slots = asyncio.Semaphore(_AT_ONCE)
        names = set(await asyncio.gather(*(client.create(crd, slots) for crd in crds)))
        while waiting := names - {crd.metadata.name for crd in await client.crds() if crd.is_established}:
            await client.pause("established", waiting)
        served = [crd for crd in await client.crds() if crd.metadata.name in names]
        while waiting := await client.unpublished(served):
            await client.pause("in /openapi/v3", waiting)
        while waiting := await client.undiscovered(served):
            await client.pause("in /apis", waiting)
        while waiting := await client.unlisted(served):
            await client.pause("listed", waiting)


async def uninstall(cluster: Cluster, names: Iterable[str]) -> None:
    """Deletes CRDs by name, with all objects of their kinds, and waits until they are neither served nor discovered.

    Raises:
        CrdNotServed: They are not gone in time.
    """
    async with connect(cluster) as session:
        client = _Client(session)
        deleted = set(names)
        gone = [crd for crd in await client.crds() if crd.metadata.name in deleted]
        for name in deleted:
            async with session.delete(f"{_CRDS}/{name}") as response:
                await response.read()
        while waiting := deleted & {crd.metadata.name for crd in await client.crds()}:
            await client.pause("gone", waiting)
        lists = {path for crd in gone for path in crd.lists}
        while waiting := lists & await client.discovered():
            await client.pause("gone from /apis", waiting)


class _Client:
    """Requests of one installation, with its deadline."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._until_s = time.monotonic() + _TIMEOUT_S

    async def create(self, crd: JsonObject, slots: asyncio.Semaphore) -> str:
        """Creates a CRD and returns its name; tries again while the server has no time for it."""
        body, headers = msgspec.json.encode(crd), {"Content-Type": "application/json"}
        name = msgspec.convert(crd, _Crd).metadata.name
        async with slots:
            while True:
                async with self._session.post(_CRDS, data=body, headers=headers) as response:
                    answer = await response.text()
                    if response.status in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}:
                        return name
                    if response.status not in _OVERLOADED:
                        raise CrdNotServed(f"{response.status} to POST {_CRDS}: {answer[:500]}")
                await self.pause("created", {name})

    async def crds(self) -> list[_Crd]:
        """Returns all CRDs of the server."""
        return msgspec.json.decode(await self._get(_CRDS), type=_Crds).items

    async def unpublished(self, crds: Iterable[_Crd]) -> set[str]:
        """Returns the paths of lists of those kinds that the server's OpenAPI documents do not have yet."""
        lists = {path for crd in crds for path in crd.lists}
        index = msgspec.json.decode(await self._get("/openapi/v3"), type=_Document).paths
        roots = {path.rpartition("/")[0].lstrip("/") for path in lists} & set(index)
        documents = [msgspec.json.decode(await self._get(f"/openapi/v3/{root}"), type=_Document) for root in roots]
        return lists - {path for document in documents for path in document.paths}

    async def undiscovered(self, crds: Iterable[_Crd]) -> set[str]:
        """Returns the paths of lists of those kinds that discovery, which follows by itself, does not have yet."""
        return {path for crd in crds for path in crd.lists} - await self.discovered()

    async def discovered(self) -> set[str]:
        """Returns the paths of lists of all kinds that the server's discovery has."""
        groups = msgspec.json.decode(await self._get("/apis", _DISCOVERY), type=_Discovery).items
        return {
            f"/apis/{group.metadata.name}/{version.version}/{one.resource}"
            for group in groups
            for version in group.versions
            for one in version.resources
        }

    async def unlisted(self, crds: Iterable[_Crd]) -> set[str]:
        """Returns the paths of lists that the server refuses: for a moment, the storage of a new kind initialises."""
        refused = set()
        for path in {path for crd in crds for path in crd.lists}:
            async with self._session.get(path, params={"limit": "1"}) as response:
                await response.read()
                if not response.ok:
                    refused.add(path)
        return refused

    async def pause(self, aim: str, waiting: set[str]) -> None:
        """Waits for a moment.

        Raises:
            CrdNotServed: The time is over.
        """
        if time.monotonic() > self._until_s:
            raise CrdNotServed(f"not {aim} within {_TIMEOUT_S:.0f} s: {', '.join(sorted(waiting))}")
        await asyncio.sleep(_POLL_INTERVAL_S)

    async def _get(self, path: str, headers: Mapping[str, str] | None = None) -> bytes:
        async with self._session.get(path, headers=headers) as response:
            body = await response.read()
            if not response.ok:
                raise CrdNotServed(f"{response.status} to GET {path}: {body[:500].decode(errors='replace')}")
            return body


class _Names(msgspec.Struct):
    plural: str


class _Version(msgspec.Struct):
    name: str
    served: bool


class _Spec(msgspec.Struct):
    group: str
    names: _Names
    versions: list[_Version]


class _Condition(msgspec.Struct):
    type: str
    status: str


class _Status(msgspec.Struct):
    conditions: list[_Condition] | None = None


class _Metadata(msgspec.Struct):
    name: str


class _Crd(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec
    status: _Status = msgspec.field(default_factory=_Status)

    @property
    def is_established(self) -> bool:
        """Returns whether the server serves its kinds."""
        return any(one.type == "Established" and one.status == "True" for one in self.status.conditions or ())

    @property
    def lists(self) -> set[str]:
        """Returns the paths of the lists of all objects, one for each served version."""
        served = (version.name for version in self.spec.versions if version.served)
        return {f"/apis/{self.spec.group}/{version}/{self.spec.names.plural}" for version in served}


class _Crds(msgspec.Struct):
    items: list[_Crd]


class _Resource(msgspec.Struct):
    resource: str


class _DiscoveredVersion(msgspec.Struct):
    version: str
    resources: list[_Resource] = []


class _Group(msgspec.Struct):
    metadata: _Metadata
    versions: list[_DiscoveredVersion] = []


class _Discovery(msgspec.Struct):
    items: list[_Group]


class _Document(msgspec.Struct):
    paths: dict[str, msgspec.Raw]
