"""The objects of the manifests on an API server, and all objects that it has then."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import aiohttp
import msgspec

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.links.manifests import BUILT_IN_KINDS, NAMESPACES, ServedKind, custom_kinds, definitions, kind_of, manifests
from tests.links.relation import Json, World, name, space
from tests.operators.installing import install

_AS: Final = "as"


async def write(cluster: Cluster) -> None:
    """Installs the custom kinds, and creates all objects."""
    async with connect(cluster) as session:
        for namespace in NAMESPACES:
            space_of_tests = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            await _sent(session, "POST", "/api/v1/namespaces", space_of_tests)
        await install(cluster, definitions())
        uids: dict[tuple[str, str], str] = {}
        for _, group in groupby(manifests(), key=lambda item: (item["apiVersion"], item["kind"])):
            created = await asyncio.gather(*(_create(session, _with_uids(item, uids)) for item in group))
            uids |= {(space(one), f"{one['kind']} {name(one)}"): one["metadata"]["uid"] for one in created}


async def read(cluster: Cluster) -> World:
    """Returns all objects of all kinds, as the API server sends them."""
    kinds = (*BUILT_IN_KINDS, *custom_kinds())
    async with connect(cluster) as session:
        lists = await asyncio.gather(*(_listed(session, kind) for kind in kinds))
    return World({kind.name: items for kind, items in zip(kinds, lists, strict=True)})


async def _listed(session: aiohttp.ClientSession, kind: ServedKind) -> Sequence[Json]:
    async with session.get(kind.path()) as response:
        assert response.ok, await response.text()
        items = msgspec.json.decode(await response.read())["items"] or []
    return [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in items]


async def _create(session: aiohttp.ClientSession, item: Json) -> Json:
    """Creates an object, perhaps as another user, and then its status."""
    user = item.pop(_AS, None)
    headers = {"Impersonate-User": user, "Impersonate-Group": "system:masters"} if user else {}
    path = kind_of(item).path(space(item))
    created = await _sent(session, "POST", path, item, headers)
    if "status" in item:
        created = await _sent(session, "PUT", f"{path}/{name(item)}/status", {**created, "status": item["status"]})
    return created


async def _sent(
    session: aiohttp.ClientSession, method: str, path: str, item: Json, headers: dict[str, str] | None = None
) -> Json:
    async with session.request(method, path, json=item, headers=headers) as response:
        assert response.ok, f"{method} {path}: {await response.text()}"
        return await response.json()


def _with_uids(value: Json, uids: dict[tuple[str, str], str], namespace: str = "") -> Json:
    """Returns a copy: owner references get their uids, and texts such as `Pod web` become the uid of that object."""
    if isinstance(value, list):
        return [_with_uids(item, uids, namespace) for item in value]
    if isinstance(value, dict):
        where = space(value) if "metadata" in value and not namespace else namespace
        filled = {key: _with_uids(item, uids, where) for key, item in value.items()}
        if {"controller", "kind"} <= value.keys():
            owner = f"{value['kind']} {value['name']}"
            filled["uid"] = uids.get((where, owner)) or uids["", owner]
        return filled
    return uids.get((namespace, value), uids.get(("", value), value)) if isinstance(value, str) else value
