"""Snapshots of a real API server with the CRDs of nine operators: discovery and OpenAPI documents as it has them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from snapshots.serving.api import SnapshotApi
from snapshots.serving.static import StaticContent
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.snapshots.serving.asking import ask

pytestmark = pytest.mark.controlplane

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"


@dataclass(frozen=True)
class Documents:
    """The same documents of a snapshot and of the API server, by path."""

    found: dict[str, Any]
    real: dict[str, Any]


@pytest.fixture(scope="module")
async def documents(operated: Cluster) -> Documents:
    """Reads discovery and all documents of custom groups."""
    found, real = dict[str, Any](), dict[str, Any]()
    async with connect(operated) as session:

        async def read(path: str, accept: str = "application/json") -> Any:
            async with session.get(path, headers={"Accept": accept}) as response:
                assert response.status == 200, path
                return json.loads(await response.read())

        definitions = (await read(_CRDS))["items"]
        typed = [
            {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", **one} for one in definitions
        ]
        api = SnapshotApi(StaticContent(typed))
        found["/apis"] = (await ask(api, "/apis", accept=_DISCOVERY)).document
        real["/apis"] = await read("/apis", _DISCOVERY)
        for path in (await ask(api, "/openapi/v3")).document["paths"]:
            found[path] = (await ask(api, f"/openapi/v3/{path}")).document
            real[path] = await read(f"/openapi/v3/{path}")
    return Documents(found, real)


def _custom(document: Any) -> dict[str, Any]:
    """Returns the schemas of kinds and lists, without descriptions, of which the API server has some of its own."""
    schemas = document["components"]["schemas"]
    return {
        name: _bare(schema)
        for name, schema in schemas.items()
        if _GROUP_VERSION_KIND in schema and "k8s.io.api" not in name
    }


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if key != "description"}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if key not in one or key not in other:
                yield f"{path}/{key}: {'missing' if key not in one else 'unexpected'}"
            else:
                yield from _differences(one[key], other[key], f"{path}/{key}")
    elif one != other:
        yield f"{path}: {one!r:.80} instead of {other!r:.80}"


async def test_every_document_is_the_real_one(documents: Documents) -> None:
    paths = [path for path in documents.found if path != "/apis"]
    differences = [
        f"{path} {name} {difference}"
        for path in paths
        for name, schema in _custom(documents.found[path]).items()
        for difference in _differences(schema, _bare(documents.real[path]["components"]["schemas"].get(name)))
    ]

    assert differences == []
    assert len(paths) >= 20
    kinds = [name for path in paths for name in _custom(documents.found[path]) if not name.endswith("List")]
    assert len(kinds) >= 75


async def test_every_kind_is_discovered_with_its_names(documents: Documents) -> None:
    keys = ("responseKind", "scope", "singularResource", "shortNames", "categories")

    def resources(document: Any) -> dict[tuple[str, str, str], Any]:
        return {
            (group["metadata"]["name"], version["version"], resource["resource"]): {
                key: resource.get(key) for key in keys
            }
            for group in document["items"]
            for version in group["versions"]
            for resource in version["resources"]
        }

    found, real = resources(documents.found["/apis"]), resources(documents.real["/apis"])
    custom = {path.removeprefix("apis/") for path in documents.found if path != "/apis"}
    expected = {key: names for key, names in real.items() if f"{key[0]}/{key[1]}" in custom}

    assert {key: names for key, names in found.items() if f"{key[0]}/{key[1]}" in custom} == expected
    assert len(expected) >= 75
