"""The installation of CRDs on a test cluster, until their kinds can be used."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
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
_METADATA_ONLY = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
_TIMEOUT_S = 1200.0
_POLL_INTERVAL_S = 0.1


class CrdNotServed(RuntimeError):
    """A CRD that the API server refused, or did not serve or remove in time."""


async def install(cluster: Cluster, crds: Iterable[JsonObject]) -> None:
    """Creates CRDs, and waits until all of their kinds are discovered, are in `/openapi/v3`, and can be listed.

    CRDs that the cluster already has stay as they are.

    Raises:
        CrdNotServed: The API server refuses one, or does not serve all of them in time.
    """
    created = tuple(crds)
    async with connect(cluster) as session:
        client = _Client(session)
        slots = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(client.create(crd, slots) for crd in created))
        lists = {path for crd in created for path in msgspec.convert(crd, _Crd).lists}
        for aim, missing in (
            ("in /apis", client.undiscovered),
            ("in /openapi/v3", client.unpublished),
            ("listed", client.unlisted),
        ):
            await client.wait_until(aim, missing, lists)


async def uninstall(cluster: Cluster, names: Iterable[str]) -> None:
    """Deletes CRDs by name, with all objects of their kinds, and waits until they are neither there nor discovered.

    Raises:
        CrdNotServed: They are not gone in time.
    """
    async with connect(cluster) as session:
        client = _Client(session)
        deleted = set(names)
        lists = {path for name in deleted for path in await client.lists(name)}
        for name in deleted:
            async with session.delete(f"{_CRDS}/{name}") as response:
                await response.read()
        await client.wait_until("gone", client.remaining, deleted)
        await client.wait_until("gone from /apis", client.discovered, lists)


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

    async def lists(self, name: str) -> set[str]:
        """Returns the paths of lists of a CRD's kind; none without the CRD."""
        async with self._session.get(f"{_CRDS}/{name}") as response:
            body = await response.read()
            return msgspec.json.decode(body, type=_Crd).lists if response.ok else set()

    async def remaining(self, names: Set[str]) -> set[str]:
        """Returns the names of CRDs that the server has."""
        found = msgspec.json.decode(await self._get(_CRDS, _METADATA_ONLY), type=_Listed).items or ()
        return {item.metadata.name for item in found} & names

    async def undiscovered(self, lists: Set[str]) -> set[str]:
        """Returns the paths of lists that discovery does not have yet, since their CRDs are not established."""
        return set(lists) - await self.discovered(lists)

    async def discovered(self, lists: Set[str]) -> set[str]:
        """Returns the paths of lists that the server's discovery has."""
        groups = msgspec.json.decode(await self._get("/apis", _DISCOVERY), type=_Discovery).items
        return set(lists) & {
            f"/apis/{group.metadata.name}/{version.version}/{one.resource}"
            for group in groups
            for version in group.versions
            for one in version.resources
        }

    async def unpublished(self, lists: Set[str]) -> set[str]:
        """Returns the paths of lists that the server's OpenAPI documents do not have yet."""
        index = msgspec.json.decode(await self._get("/openapi/v3"), type=_Document).paths
        roots = {path.rpartition("/")[0].lstrip("/") for path in lists} & set(index)
        documents = [msgspec.json.decode(await self._get(f"/openapi/v3/{root}"), type=_Document) for root in roots]
        return set(lists) - {path for document in documents for path in document.paths}

    async def unlisted(self, lists: Set[str]) -> set[str]:
        """Returns the paths of lists that the server refuses: for a moment, the storage of a new kind initialises."""
        refused = set()
        for path in lists:
            async with self._session.get(path, params={"limit": "1"}) as response:
                await response.read()
                if not response.ok:
                    refused.add(path)
        return refused

    async def wait_until(self, aim: str, missing: Callable[[Set[str]], Awaitable[set[str]]], names: Set[str]) -> None:
        """Waits until nothing is missing; asks for what was still missing the last time.

        Raises:
            CrdNotServed: The time is over.
        """
        while names := await missing(names):
            await self.pause(aim, names)

    async def pause(self, aim: str, waiting: Set[str]) -> None:
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


class _Metadata(msgspec.Struct):
    name: str


class _Crd(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec

    @property
    def lists(self) -> set[str]:
        """Returns the paths of the lists of all objects, one for each served version."""
        served = (version.name for version in self.spec.versions if version.served)
        return {f"/apis/{self.spec.group}/{version}/{self.spec.names.plural}" for version in served}


class _Item(msgspec.Struct):
    metadata: _Metadata


class _Listed(msgspec.Struct):
    items: list[_Item] | None  # null for none


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
