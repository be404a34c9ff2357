"""Objects whose names need escapes in a path: found by name and by id, on a real API server and in a snapshot."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import CLUSTER_ROLE
from k8s.transport.sender import Sender
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, connection_to, fleet_of

pytestmark = pytest.mark.controlplane

_PATH = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
_LABEL = "test=unusual-names"
_NAMES = ["a b", "é", "*", "a,b", "a=b", "a?b#c", "a;b&c", "a\\b", "a|b|c", "...", "..;", " ", "'\"`$(x)", "😀" * 300]


def _role(name: str) -> JsonObject:
    metadata: JsonObject = {"name": name, "labels": {"test": "unusual-names"}}
    return {"apiVersion": CLUSTER_ROLE.api_version, "kind": CLUSTER_ROLE.name, "metadata": metadata, "rules": []}


@pytest.fixture
async def roles(alpha: Cluster) -> AsyncIterator[None]:
    """Creates a ClusterRole of each name."""
    async with connect(alpha) as session:
        for name in _NAMES:
            async with session.post(_PATH, json=_role(name)) as response:
                assert response.ok, name
        yield
        async with session.delete(f"{_PATH}?labelSelector={quote(_LABEL)}") as response:
            assert response.ok


async def _assert_found(engine: Engine, sender: Sender) -> None:
    ask = Asking(engine, fleet_of([sender]))
    listed = await ask(f'{{ clusterRoles(labelSelector: "{_LABEL}") {{ nodes {{ id name }} }} }}')
    ids = {node["name"]: node["id"] for node in listed.to_builtins()["data"]["clusterRoles"]["nodes"]}
    assert sorted(ids) == sorted(_NAMES)

    async def found(name: str) -> object:
        answer = await ask(
            "query ($id: ID!, $cluster: String!, $name: String!) { object(id: $id) { id name } "
            "clusterRole(cluster: $cluster, name: $name) { id name } }",
            {"id": ids[name], "cluster": sender.name, "name": name},
        )
        assert not answer.errors, name
        return answer.to_builtins()["data"]

    expected = [{"id": ids[name], "name": name} for name in _NAMES]
    found_roles = await asyncio.gather(*map(found, _NAMES))
    assert found_roles == [{"object": role, "clusterRole": role} for role in expected]


@pytest.mark.usefixtures("roles")
async def test_a_real_api_server_finds_them(engine: Engine, alpha: Cluster) -> None:
    connection = connection_to(alpha)
    try:
        await _assert_found(engine, connection)
    finally:
        await connection.close()


async def test_a_snapshot_finds_them(engine: Engine) -> None:
    content = StaticContent([_role(name) for name in _NAMES], version="v1.37.2")

    await _assert_found(engine, SnapshotSender("alpha", SnapshotApi(content)))
