"""A fast writer of objects to a real API server: thousands a minute, with status and owners."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import aiohttp
import msgspec

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.objects import FleetSize, generate
from tests.controlplane.users import HARNESS

_MADE_BY_CONTROLLERS = ("ReplicaSet", "Pod")
_NEVER_UNCONDITIONAL = frozenset({"CompositePodGroup", "PodDisruptionBudget", "PodGroup", "VolumeAttachment"})
"""Kinds of which updates need a resourceVersion."""


class ObjectRefused(RuntimeError):
    """An object that the API server refused; the message has status, path and the server's words."""


@dataclass(frozen=True)
class Created:
    """The server's identity of one object."""

    kind: str
    namespace: str
    name: str
    uid: str


async def populate(cluster: Cluster, size: FleetSize, seed: int = 0, *, prefix: str = "team") -> None:
    """Fills `cluster` with generated objects; if controllers run, they create replica sets, pods and status."""
    objects = generate(size, seed, prefix=prefix)
    if cluster.has_controllers:
        objects = [_without_status(o) for o in objects if o["kind"] not in _MADE_BY_CONTROLLERS]
    await create_objects(cluster, objects)


async def create_objects(
    cluster: Cluster, objects: Iterable[JsonObject], concurrency: int = 32, *, user: str = HARNESS
) -> list[Created]:
    """Creates objects of any kind and returns their identities in the same order.

    Consecutive objects of one kind are sent together; the next kind waits for them. `status` is written through the
    status subresource if the kind has one. An ownerReference without uid gets that of the owner created in the same
    call.

    Raises:
        ObjectRefused: The API server refused an object.
    """
    created: list[Created] = []
    async with connect(cluster, user) as session:
        writer = _Writer(session, concurrency)
        for api_version, group in groupby(objects, key=lambda o: (o["apiVersion"], o["kind"])):
            resource = await _discover(session, str(api_version[0]), str(api_version[1]))
            created += await asyncio.gather(*(writer.create(resource, item) for item in group))
    return created


@dataclass(frozen=True)
class _Resource:
    base: str
    plural: str
    is_namespaced: bool
    has_status: bool

    def path(self, namespace: str) -> str:
        return (
            f"{self.base}/namespaces/{namespace}/{self.plural}" if self.is_namespaced else f"{self.base}/{self.plural}"
        )


class _Writer:
    def __init__(self, session: aiohttp.ClientSession, concurrency: int) -> None:
        self._session = session
        self._slots = asyncio.Semaphore(concurrency)
        self._uids: dict[tuple[str, str, str], str] = {}

    async def create(self, resource: _Resource, item: JsonObject) -> Created:
        async with self._slots:
            item = self._with_owner_uids(item)
            metadata = msgspec.convert(item["metadata"], _Metadata)
            path = resource.path(metadata.namespace or "default")
            answer = await _send(self._session, "POST", path, item=item)
            identity = msgspec.json.decode(answer, type=_Answer).metadata
            created = Created(str(item["kind"]), identity.namespace, identity.name, identity.uid)
            self._uids[created.kind, created.namespace, created.name] = created.uid
            if resource.has_status and "status" in item:
                # Without a resourceVersion the update is unconditional; a spec would be decoded and ignored.
                status = {key: value for key, value in item.items() if key != "spec"}
                if created.kind in _NEVER_UNCONDITIONAL:
                    status["metadata"] = {"name": created.name, "resourceVersion": identity.resource_version}
                await _send(self._session, "PUT", f"{path}/{created.name}/status", item=status)
            return created

    def _with_owner_uids(self, item: JsonObject) -> JsonObject:
        metadata = item["metadata"]
        owners = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
        if not isinstance(metadata, dict) or not isinstance(owners, list):
            return item
        namespace = str(metadata.get("namespace", ""))
        return {**item, "metadata": {**metadata, "ownerReferences": [self._with_uid(o, namespace) for o in owners]}}

    def _with_uid(self, owner: JsonValue, namespace: str) -> JsonValue:
        if not isinstance(owner, dict) or "uid" in owner:
            return owner
        return {**owner, "uid": self._uids[str(owner["kind"]), namespace, str(owner["name"])]}


class _Metadata(msgspec.Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""


class _Answer(msgspec.Struct):
    metadata: _Metadata


class _ApiResource(msgspec.Struct):
    name: str
    namespaced: bool
    kind: str


class _ApiResourceList(msgspec.Struct):
    resources: list[_ApiResource]


async def _discover(session: aiohttp.ClientSession, api_version: str, kind: str) -> _Resource:
    base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    listed = msgspec.json.decode(await _send(session, "GET", base), type=_ApiResourceList).resources
    names = {resource.name for resource in listed}
    for resource in listed:
        if resource.kind == kind and "/" not in resource.name:
            return _Resource(base, resource.name, resource.namespaced, f"{resource.name}/status" in names)
    raise ObjectRefused(f"the server has no {kind} in {api_version}")


async def _send(session: aiohttp.ClientSession, method: str, path: str, *, item: JsonObject | None = None) -> bytes:
    body = None if item is None else msgspec.json.encode(item)
    async with session.request(method, path, data=body, headers={"Content-Type": "application/json"}) as response:
        answer = await response.read()
        if not response.ok:
            raise ObjectRefused(f"{response.status} to {method} {path}: {answer[:500].decode(errors='replace')}")
        return answer


def _without_status(item: JsonObject) -> JsonObject:
    return {key: value for key, value in item.items() if key != "status"}
