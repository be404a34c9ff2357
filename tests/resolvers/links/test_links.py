"""Links and lists over real clusters, compared with a join of the API servers' own objects."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.linked import LABELS, NAMESPACE, PREFIX, ClusterObjects, Json, fill, place, read_objects

pytestmark = pytest.mark.controlplane

TWO = '{names: ["alpha", "beta"]}'
NAMESPACES = [f"{PREFIX}-00{index}" for index in range(3)]


@pytest.fixture(scope="module")
async def clusters(alpha: Cluster, beta: Cluster) -> Sequence[ClusterObjects]:
    """Alpha and beta, with different objects."""
    await asyncio.gather(fill(alpha, 1), fill(beta, 2))
    return [await read_objects(cluster) for cluster in (alpha, beta)]


def _name(item: Json) -> Json:
    return None if item is None else {"name": item["metadata"]["name"]}


def _names(items: Sequence[Json]) -> list[str]:
    return [item["metadata"]["name"] for item in items]


@pytest.mark.parametrize("where", ["", f', namespaces: ["{NAMESPACE}"]', ', namespaces: ["links-000", "links-002"]'])
async def test_links_of_pods(real_fleet: TestFleet, clusters: Sequence[ClusterObjects], where: str) -> None:
    query = f"""{{ pods(clusters: {TWO}{where}) {{ nodes {{
      cluster {{ name }} metadata {{ namespace name }}
      node {{ name }} replicaSet {{ name }} deployment {{ name }}
    }} }} }}"""

    reply = await real_fleet.ask(query)

    expected = [
        {
            "cluster": {"name": item.cluster},
            "metadata": {"namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"]},
            "node": _name(item.named("nodes", pod["spec"].get("nodeName"))),
            "replicaSet": _name(owner := item.owner(pod, "replicasets")),
            "deployment": _name(item.owner(owner, "deployments") if owner else None),
        }
        for item in clusters
        for pod in item.of("pods")
        if not where or pod["metadata"]["namespace"] in where
    ]
    assert reply.errors == ()
    assert reply.data["pods"]["nodes"] == expected
    assert sum(row["deployment"] is not None for row in expected) >= 20


async def test_owners(real_fleet: TestFleet, clusters: Sequence[ClusterObjects]) -> None:
    query = f"""{{ pods(clusters: {TWO}, namespaces: ["{NAMESPACE}"], labelSelector: "app=owned") {{ nodes {{
      name owner {{ __typename kind name }}
    }} }} }}"""

    reply = await real_fleet.ask(query)

    expected = {
        "agent-1": ("DaemonSet", "agent"),
        "alone-1": None,
        "bare-1": ("ReplicaSet", "bare"),
        "canary-1": None,
        "db-0": ("StatefulSet", "db"),
        "mirror-1": None,
        "once-1": ("Job", "once"),
        "orphan-1": None,
        "uncontrolled-1": None,
    }
    found = [
        (pod["name"], (pod["owner"]["__typename"], pod["owner"]["name"]) if pod["owner"] else None)
        for pod in reply.data["pods"]["nodes"]
    ]
    assert reply.errors == ()
    assert found == list(expected.items()) * 2
    assert all(
        pod["owner"]["kind"] == pod["owner"]["__typename"] for pod in reply.data["pods"]["nodes"] if pod["owner"]
    )


async def test_a_mirror_pod_is_owned_by_its_node(
    real_fleet: TestFleet, clusters: Sequence[ClusterObjects], alpha: Cluster
) -> None:
    node = clusters[0].named("nodes", f"{PREFIX}-node-000")
    assert node is not None
    await fill_mirror(alpha, node["metadata"]["uid"])

    reply = await real_fleet.ask(
        f'{{ pod(cluster: "alpha", namespace: "{NAMESPACE}", name: "mirror-2") {{ owner {{ __typename name }} }} }}'
    )

    assert reply.data["pod"]["owner"] == {"__typename": "Node", "name": f"{PREFIX}-node-000"}


async def test_links_of_nodes_and_deployments(real_fleet: TestFleet, alpha: Cluster, beta: Cluster) -> None:
    clusters = [await read_objects(cluster) for cluster in (alpha, beta)]
    query = f"""{{
      nodes(clusters: {TWO}) {{ nodes {{ name pods {{ totalCount nodes {{ name }} }} }} }}
      deployments(clusters: {TWO}) {{ nodes {{
        name replicaSets {{ nodes {{ name }} }} pods {{ totalCount nodes {{ name replicaSet {{ name }} }} }}
      }} }}
    }}"""

    reply = await real_fleet.ask(query)

    nodes, deployments = [], []
    for item in clusters:
        for node in item.of("nodes"):
            pods = [pod for pod in item.of("pods") if pod["spec"].get("nodeName") == node["metadata"]["name"]]
            nodes.append({**_name(node), "pods": {"totalCount": len(pods), "nodes": [_name(pod) for pod in pods]}})
        for deployment in item.of("deployments"):
            sets = [rs for rs in item.of("replicasets") if item.owner(rs, "deployments") is deployment]
            owned = [(pod, owner) for pod in item.of("pods") if (owner := item.owner(pod, "replicasets")) in sets]
            rows = [{**_name(pod), "replicaSet": _name(owner)} for pod, owner in owned if owner]
            deployments.append(
                {
                    **_name(deployment),
                    "replicaSets": {"nodes": [_name(rs) for rs in sets]},
                    "pods": {"totalCount": len(rows), "nodes": rows},
                }
            )
    assert reply.errors == ()
    assert reply.data["nodes"]["nodes"] == nodes
    assert reply.data["deployments"]["nodes"] == deployments


async def test_lists_of_namespaces_and_counts_of_clusters(real_fleet: TestFleet, alpha: Cluster, beta: Cluster) -> None:
    clusters = [await read_objects(cluster) for cluster in (alpha, beta)]
    query = f"""{{ clusters(names: ["alpha", "beta"]) {{
      counts {{ pods nodes deployments jobs volumeAttachments }}
      namespaces {{ nodes {{ name pods {{ totalCount nodes {{ name }} }} deployments {{ totalCount }} }} }}
      pods(namespaces: ["{NAMESPACE}"], first: 2) {{ totalCount nodes {{ name }} }}
    }} }}"""

    reply = await real_fleet.ask(query)

    assert reply.errors == ()
    for item, shown in zip(clusters, reply.data["clusters"], strict=True):
        kinds = ("pods", "nodes", "deployments", "jobs")
        assert shown["counts"] == {kind: len(item.of(kind)) for kind in kinds} | {"volumeAttachments": 0}
        rows = []
        for namespace in item.of("namespaces"):
            inside = {
                kind: [x for x in item.of(kind) if place(x)[0] == namespace["metadata"]["name"]] for kind in kinds
            }
            pods = {"totalCount": len(inside["pods"]), "nodes": [_name(pod) for pod in inside["pods"]]}
            rows.append({**_name(namespace), "pods": pods, "deployments": {"totalCount": len(inside["deployments"])}})
        assert shown["namespaces"]["nodes"] == rows
        first = [pod for pod in item.of("pods") if place(pod)[0] == NAMESPACE]
        assert shown["pods"] == {"totalCount": len(first), "nodes": [_name(pod) for pod in first[:2]]}


@pytest.mark.parametrize("first", [19, 70])
async def test_page_by_page_every_object_comes_once_and_in_order(
    real_fleet: TestFleet, alpha: Cluster, beta: Cluster, first: int
) -> None:
    clusters = [await read_objects(cluster) for cluster in (alpha, beta)]
    query = f"""query ($first: Int, $after: String) {{ pods(clusters: {TWO}, first: $first, after: $after) {{
      totalCount nodes {{ cluster {{ name }} metadata {{ namespace name }} }}
      edges {{ cursor node {{ name }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    }} }}"""
    found: list[tuple[str, str, str]] = []
    after: str | None = None
    for _ in range(sum(len(item.of("pods")) for item in clusters) // first + 1):
        page = (await real_fleet.ask(query, {"first": first, "after": after})).data["pods"]
        info, edges = page["pageInfo"], page["edges"]
        assert info["hasPreviousPage"] is bool(found)
        assert (edges[0]["cursor"], edges[-1]["cursor"]) == (info["startCursor"], info["endCursor"])
        assert [edge["node"]["name"] for edge in edges] == [node["metadata"]["name"] for node in page["nodes"]]
        found += [(node["cluster"]["name"], *node["metadata"].values()) for node in page["nodes"]]
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break

    assert found == [(item.cluster, *place(pod)) for item in clusters for pod in item.of("pods")]
    assert page["totalCount"] == len(found)


@pytest.mark.parametrize(
    ("arguments", "means"),
    [
        ('labelSelector: "app=owned"', lambda pod: pod["metadata"]["labels"] == LABELS),
        ('labelSelector: "tier in (frontend, batch)"', lambda pod: _label(pod, "tier") in {"frontend", "batch"}),
        ('labelSelector: "tier notin (frontend),app!=owned"', lambda pod: _label(pod, "tier") in {"backend", "batch"}),
        ('labelSelector: "!tier"', lambda pod: _label(pod, "tier") is None),
        ('fieldSelector: "status.phase != Running"', lambda pod: pod["status"]["phase"] != "Running"),
        ('fieldSelector: "spec.nodeName=links-node-001"', lambda pod: pod["spec"].get("nodeName") == "links-node-001"),
        (
            'fieldSelector: "status.phase=Running", labelSelector: "tier=batch"',
            lambda pod: pod["status"]["phase"] == "Running" and _label(pod, "tier") == "batch",
        ),
    ],
)
async def test_selectors(
    real_fleet: TestFleet, clusters: Sequence[ClusterObjects], arguments: str, means: Json
) -> None:
    where = f'clusters: {TWO}, namespaces: ["links-000", "links-001", "links-002"], {arguments}'

    reply = await real_fleet.ask(
        f"{{ pods({where}) {{ totalCount nodes {{ name }} }} only: pods({where}) {{ totalCount }} }}"
    )

    inside = [pod for item in clusters for pod in item.of("pods") if place(pod)[0] in NAMESPACES]
    expected = [pod for pod in inside if means(pod)]
    found = [row["name"] for row in reply.data["pods"]["nodes"] if row["name"] != "mirror-2"]
    assert reply.errors == ()
    assert found == _names(expected)
    assert 0 < len(expected) < len(inside)
    assert reply.data["only"]["totalCount"] == reply.data["pods"]["totalCount"]


async def test_a_list_without_objects(real_fleet: TestFleet) -> None:
    reply = await real_fleet.ask(
        f"{{ volumeAttachments(clusters: {TWO}) {{ totalCount nodes {{ name }} clusters {{ status }} }} }}"
    )

    assert reply.errors == ()
    assert reply.data["volumeAttachments"] == {"totalCount": 0, "nodes": [], "clusters": [{"status": "OK"}] * 2}


def _label(pod: Json, key: str) -> str | None:
    label: str | None = pod["metadata"].get("labels", {}).get(key)
    return label


async def fill_mirror(cluster: Cluster, node_uid: str) -> None:
    """Writes a mirror pod, as a kubelet does for a static pod."""
    owner: JsonObject = {
        "apiVersion": "v1",
        "kind": "Node",
        "name": f"{PREFIX}-node-000",
        "uid": node_uid,
        "controller": True,
    }
    spec: JsonObject = {"containers": [{"name": "app", "image": "example.com/app:1"}]}
    spec["automountServiceAccountToken"] = False
    metadata: JsonObject = {"name": "mirror-2", "namespace": NAMESPACE, "ownerReferences": [owner], "labels": LABELS}
    await create_objects(cluster, [{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}])
