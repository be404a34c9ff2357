"""Generated objects on a real API server, unchanged."""

import json

import pytest

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize, generate
from tests.controlplane.writer import ObjectRefused, create_objects, populate

SIZE = FleetSize(namespaces=2, nodes=3, deployments=4, pods=21)


def test_equal_seeds_give_equal_objects() -> None:
    assert json.dumps(generate(SIZE, 7)) == json.dumps(generate(SIZE, 7))
    assert json.dumps(generate(SIZE, 7)) != json.dumps(generate(SIZE, 8))


def test_as_many_objects_as_asked_for_in_the_order_of_ownership() -> None:
    kinds = [str(item["kind"]) for item in generate(SIZE)]

    assert kinds == ["Namespace"] * 2 + ["Node"] * 3 + ["Deployment"] * 4 + ["ReplicaSet"] * 4 + ["Pod"] * 21


@pytest.mark.controlplane
async def test_status_and_owners_arrive(alpha: Cluster) -> None:
    objects = generate(SIZE, prefix="writer")

    created = await create_objects(alpha, objects)

    uids = {(c.kind, c.namespace, c.name): c.uid for c in created}
    written = [item for item in objects if item["kind"] == "Pod"]
    for name in ("writer-000", "writer-001"):
        async with connect(alpha) as session, session.get(f"/api/v1/namespaces/{name}/pods") as response:
            pods = (await response.json())["items"]
        assert [pod["status"]["phase"] for pod in pods] == phases(written, name)
        for pod in pods:
            [owner] = pod["metadata"]["ownerReferences"]
            assert owner["uid"] == uids["ReplicaSet", name, owner["name"]]


@pytest.mark.controlplane
async def test_on_the_living_cluster_controllers_make_the_pods(living: Cluster) -> None:
    await populate(living, FleetSize(namespaces=1, nodes=1, deployments=1, pods=2), prefix="grown")

    async with connect(living) as session, session.get("/apis/apps/v1/namespaces/grown-000/deployments") as response:
        [deployment] = (await response.json())["items"]

    assert deployment["spec"]["replicas"] == 2


@pytest.mark.controlplane
async def test_a_refused_object_says_why(alpha: Cluster) -> None:
    unnamed: JsonObject = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "default"}}

    with pytest.raises(ObjectRefused, match="422 to POST /api/v1/namespaces/default/configmaps"):
        await create_objects(alpha, [unnamed])


@pytest.mark.controlplane
async def test_an_unknown_kind_is_refused_before_anything_is_written(alpha: Cluster) -> None:
    with pytest.raises(ObjectRefused, match="the server has no Nothing in v1"):
        await create_objects(alpha, [{"apiVersion": "v1", "kind": "Nothing", "metadata": {"name": "x"}}])


def phases(pods: list[JsonObject], namespace: str) -> list[str]:
    """Returns phases of the generated pods of a namespace in the server's order, by name."""
    own = [p for p in pods if isinstance(p["metadata"], dict) and p["metadata"]["namespace"] == namespace]
    own.sort(key=lambda p: str(p["metadata"]["name"]) if isinstance(p["metadata"], dict) else "")
    return [str(p["status"]["phase"]) for p in own if isinstance(p["status"], dict)]
