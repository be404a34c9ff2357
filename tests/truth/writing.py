"""Writes of manifests to an API server."""

from urllib.parse import quote

import aiohttp
import msgspec

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject
from tests.truth.manifests import Manifest

_KINDS = {(kind.api_version, kind.name): kind for kind in BUILT_IN}
_MERGE_PATCH = "application/merge-patch+json"


async def write(session: aiohttp.ClientSession, manifest: Manifest) -> None:
    """Creates an object, then writes the fields that only its subresources accept.

    Raises:
        AssertionError: the API server refused it.
    """
    kind = kind_of(manifest.item)
    where = list_path(kind, manifest.item)
    await _send(session, "POST", where, body=manifest.item)
    path = f"{where}/{quote(str(_metadata(manifest.item)['name']))}"
    for subresource, patch in manifest.patches.items():
        await _send(session, "PATCH", f"{path}/{subresource}", body=patch)
    if manifest.is_deleted:
        await _send(session, "DELETE", path)


def kind_of(item: JsonObject) -> Kind:
    """Returns the built-in kind of an object."""
    return _KINDS[str(item["apiVersion"]), str(item["kind"])]


def list_path(kind: Kind, item: JsonObject) -> str:
    """Returns the path of the list of such objects."""
    namespace = f"/namespaces/{_metadata(item)['namespace']}" if kind.namespaced else ""
    return f"/api{'s' if kind.group else ''}/{kind.api_version}{namespace}/{kind.plural}"


def _metadata(item: JsonObject) -> JsonObject:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return metadata


async def _send(session: aiohttp.ClientSession, method: str, path: str, *, body: object = None) -> None:
    headers = {"Content-Type": _MERGE_PATCH if method == "PATCH" else "application/json"}
    async with session.request(method, path, data=msgspec.json.encode(body), headers=headers) as response:
        answer = await response.read()
        assert response.ok, f"{method} {path}: {answer[-1000:].decode(errors='replace')}"
