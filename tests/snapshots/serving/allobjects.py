"""Objects of a real API server, in the form of a dump."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import aiohttp

from k8s.kinds.kind import Kind
from k8s.transport.path import list_path
from tests.controlplane.json_object import JsonObject


@dataclass(frozen=True)
class AllObjects:
    """All objects of some kinds, each with its type, and the version of the last list."""

    objects: list[JsonObject]
    resource_version: str


async def read_all(session: aiohttp.ClientSession, kinds: Iterable[Kind]) -> AllObjects:
    """Reads all objects of the kinds that the server serves."""
    objects: list[JsonObject] = []
    version = "1"
    for kind in kinds:
        async with session.get(list_path(kind)) as response:
            if response.status == 404:
                continue
            document = json.loads(await response.read())
        version = document["metadata"].get("resourceVersion") or version
        objects += [{"apiVersion": kind.api_version, "kind": kind.name, **item} for item in document["items"]]
    return AllObjects(objects, version)
