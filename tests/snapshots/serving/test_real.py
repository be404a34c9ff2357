"""A snapshot and its original, a real API server: the same requests, the same responses.

`pytest tests/snapshots/serving --hypothesis-profile=thorough` asks thousands of questions.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.transport.path import list_path
from snapshots.serving.api import SnapshotApi
from snapshots.serving.static import StaticContent
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.writer import create_objects
from tests.snapshots.serving.allobjects import read_all
from tests.snapshots.serving.asking import METADATA, METADATA_LIST, ask
from tests.snapshots.serving.both import Both
from tests.snapshots.serving.questions import KINDS, NAMESPACES, field_selectors, label_selectors, list_queries, objects

pytestmark = pytest.mark.controlplane
property_test = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
async def both(alpha: Cluster) -> AsyncIterator[Both]:
    await create_objects(alpha, objects())
    async with connect(alpha) as session:
        taken = await read_all(session, KINDS)
        yield Both(session, SnapshotApi(StaticContent(taken.objects, resource_version=taken.resource_version)))


@property_test
@given(
    kind=st.sampled_from(KINDS),
    namespace=st.sampled_from((None, None, *NAMESPACES)),
    query=list_queries(),
    accept=st.sampled_from(
        ("application/json", "application/json", METADATA_LIST, f"{METADATA_LIST},application/json")
    ),
)
async def test_lists(both: Both, kind: Kind, namespace: str | None, query: dict[str, str], accept: str) -> None:
    await both.assert_same(_path(kind, namespace), query, accept)


@property_test
@given(selector=label_selectors())
async def test_label_selectors(both: Both, selector: str) -> None:
    await both.assert_same("/api/v1/pods", {"labelSelector": selector, "limit": "9"}, METADATA_LIST)


@property_test
@given(kind=st.sampled_from(KINDS), selector=field_selectors())
async def test_field_selectors(both: Both, kind: Kind, selector: str) -> None:
    await both.assert_same(list_path(kind), {"fieldSelector": selector, "limit": "9"}, METADATA_LIST)


@pytest.mark.parametrize("field", ["metadata.name", "metadata.namespace", "spec.nope"])
async def test_every_kind_is_selected_by_the_same_fields(both: Both, field: str) -> None:
    asked = 0
    for kind in kinds.BUILT_IN:
        target = f"{list_path(kind)}?{urlencode({'fieldSelector': f'{field}=nothing', 'limit': '1'})}"
        real, ours = await both.real(target), await ask(both.api, target)
        if real.status != 404:  # some kinds are not served without feature gates
            asked += 1
            assert (kind, ours.status, ours.document.get("message")) == (
                kind,
                real.status,
                real.document.get("message"),
            )

    assert asked > 50


@pytest.mark.parametrize("accept", ["application/json", METADATA])
@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_objects(both: Both, kind: Kind, accept: str) -> None:
    listed = (await ask(both.api, list_path(kind))).document["items"]
    own = [item["metadata"] for item in listed if "kube-" not in json.dumps(item["metadata"].get("namespace", ""))]

    for metadata in (*own[:3], {"name": "none", "namespace": "none"}):
        await both.assert_same(f"{_path(kind, metadata.get('namespace'))}/{metadata['name']}", {}, accept)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2",
        "/api/v1/nope",
        "/api/v1/pods/x",
        f"/api/v1/namespaces/{NAMESPACES[0]}/nodes",
        f"/api/v1/namespaces/{NAMESPACES[0]}/nodes/x",
        "/api/v1/nodes/x/y",
        "/apis/apps/v9",
        "/apis/apps/v1/nope",
        "/apis/apps/v1/deployments/",
        "/apis/apps",
        "/api/v1/nodes/none?resourceVersion=x",
    ],
)
async def test_paths(both: Both, path: str) -> None:
    await both.assert_same(path, {})


@pytest.mark.parametrize(
    "token", ["x", "e30", "W10", "AAAA", "%00", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0"]
)
async def test_wrong_tokens(both: Both, token: str) -> None:
    target = f"/api/v1/pods?limit=1&continue={token}"

    real, ours = await both.real(target, "application/json"), await ask(both.api, target)

    assert (ours.status, ours.document["reason"]) == (real.status, real.document["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize("path", ["/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/apis/events.k8s.io/v1"])
async def test_kinds_are_discovered_as_there(both: Both, path: str) -> None:
    real, ours = (_resources(answered.document) for answered in (await both.real(path), await ask(both.api, path)))

    common = real.keys() & ours.keys()
    assert {key: real[key] for key in common} == {key: ours[key] for key in common}
    assert ours.keys() == {name for name in real if "/" not in name and name != "bindings"}


@pytest.mark.parametrize("path", ["/api", "/apis"])
async def test_all_kinds_at_once_are_discovered_as_there(both: Both, path: str) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    real, ours = (
        _aggregated(answered.document)
        for answered in (await both.real(path, accept), await ask(both.api, path, accept=accept))
    )

    common = real.keys() & ours.keys()
    assert {key: real[key] for key in common} == {key: ours[key] for key in common}
    assert len(common) >= (16 if path == "/api" else 35)


def _resources(document: Any) -> dict[str, Any]:  # JSON of any shape
    """Returns the resources of discovery, without verbs of writing and storage versions."""
    hidden = {"verbs", "storageVersionHash"}
    return {
        resource["name"]: {key: value for key, value in resource.items() if key not in hidden}
        for resource in document["resources"]
    }


def _aggregated(document: Any) -> dict[tuple[str, str, str], Any]:  # JSON of any shape
    """Returns the resources of aggregated discovery, without verbs of writing."""
    told = ("scope", "singularResource", "shortNames", "categories")
    return {
        (item["metadata"].get("name", ""), version["version"], resource["resource"]): [
            *(resource.get(key) for key in told),
            resource["responseKind"]["kind"],
        ]
        for item in document["items"]
        for version in item["versions"]
        for resource in version["resources"]
    }


def _path(kind: Kind, namespace: str | None) -> str:
    return list_path(kind, namespace if kind.namespaced else None)
