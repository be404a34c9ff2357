"""Invalid input of every argument: refused with its code, without a request to a cluster."""

import pytest

from tests.controlplane.cluster import Cluster
from tests.faults.fleets import TestFleet
from tests.k8s.transport.test_path import HOSTILE

pytestmark = pytest.mark.controlplane

BAD = "BAD_USER_INPUT"
CASES = [
    ("pods(first: -1)", BAD),
    ("pods(first: 1000000)", "LIMIT_EXCEEDED"),
    ('pods(after: "")', BAD),
    ('pods(after: "nonsense")', BAD),
    ("pods(namespaces: [])", BAD),
    ('pods(namespaces: [""])', BAD),
    ('pods(namespaces: ["shop", "../kube-system"])', BAD),
    ('pods(labelSelector: "a=b&watch=1")', BAD),
    ('pods(labelSelector: "a in (b")', BAD),
    ('pods(fieldSelector: "a")', BAD),
    ('pods(clusters: {names: ["nowhere"]})', "NOT_FOUND"),
    ('pods(clusters: {names: ["id-alpha"]})', "NOT_FOUND"),
    ('pods(clusters: {ids: ["alpha"]})', "NOT_FOUND"),
    ('pods(clusters: {labels: "a"})', BAD),
    ('nodes(labelSelector: "(")', BAD),
]
NESTED = [
    ("nodes { nodes { pods(first: -1) { totalCount } } }", BAD),
    ('nodes { nodes { pods(labelSelector: "&") { totalCount } } }', BAD),
    ('clusters { pods(namespaces: ["A"]) { totalCount } }', BAD),
    ("clusters { pods(first: 1000000) { totalCount } }", "LIMIT_EXCEEDED"),
    ('clusters(names: ["nowhere"]) { name }', "NOT_FOUND"),
    ('clusters(labels: "a in (b)") { name }', BAD),
    ('cluster(name: "nowhere") { name }', "NOT_FOUND"),
    ('pod(cluster: "nowhere", namespace: "shop", name: "web") { name }', "NOT_FOUND"),
    ('object(id: "nonsense") { name }', BAD),
]


async def _refused(fleet: TestFleet, clusters: tuple[Cluster, ...], query: str, code: str) -> None:
    marks = [cluster.audit.mark() for cluster in clusters]

    reply = await fleet.ask(query)

    assert [error["extensions"]["code"] for error in reply.errors] == [code]
    sent = [cluster.audit.requests_since(mark, user="admin") for cluster, mark in zip(clusters, marks, strict=True)]
    assert sent == [[], [], []]


@pytest.mark.parametrize(("field", "code"), CASES)
async def test_lists(
    real_fleet: TestFleet, alpha: Cluster, beta: Cluster, living: Cluster, field: str, code: str
) -> None:
    await _refused(real_fleet, (alpha, beta, living), f"{{ {field} {{ totalCount nodes {{ name }} }} }}", code)


@pytest.mark.parametrize(("query", "code"), NESTED)
async def test_others(
    real_fleet: TestFleet, alpha: Cluster, beta: Cluster, living: Cluster, query: str, code: str
) -> None:
    await _refused(real_fleet, (alpha, beta, living), f"{{ {query} }}", code)


@pytest.mark.parametrize("text", HOSTILE)
async def test_pt_1_names_and_namespaces(
    real_fleet: TestFleet, alpha: Cluster, beta: Cluster, living: Cluster, text: str
) -> None:
    clusters = (alpha, beta, living)
    marks = [cluster.audit.mark() for cluster in clusters]
    queries = (
        '($text: String!) { pod(cluster: "alpha", namespace: "shop", name: $text) { name } }',
        '($text: String!) { pod(cluster: "alpha", namespace: $text, name: "web") { name } }',
        '($text: String!) { clusterRole(cluster: "alpha", name: $text) { name } }',
        "($text: String!) { pods(namespaces: [$text]) { totalCount } }",
    )

    for query in queries:
        reply = await real_fleet.ask(f"query {query}", {"text": text})
        assert [error["extensions"]["code"] for error in reply.errors] == [BAD]

    sent = [cluster.audit.requests_since(mark, user="admin") for cluster, mark in zip(clusters, marks, strict=True)]
    assert sent == [[], [], []]


async def test_pt_4_a_cursor_of_another_list(
    real_fleet: TestFleet, alpha: Cluster, beta: Cluster, living: Cluster
) -> None:
    reply = await real_fleet.ask("{ clusterRoles(first: 1) { pageInfo { endCursor } } }")
    cursor = reply.data["clusterRoles"]["pageInfo"]["endCursor"]

    query = f'{{ pods(first: 1, after: "{cursor}") {{ totalCount }} }}'
    await _refused(real_fleet, (alpha, beta, living), query, BAD)


async def test_pt_3_a_field_that_cannot_be_selected_by(real_fleet: TestFleet) -> None:
    reply = await real_fleet.ask('{ pods(fieldSelector: "spec.hostname=x") { totalCount } }')

    assert [error["extensions"]["code"] for error in reply.errors] == [BAD] * 3
    assert all("use only fields that the kind supports" in item["message"] for item in reply.errors)


async def test_every_object_is_found_by_its_id(real_fleet: TestFleet) -> None:
    listed = await real_fleet.ask('{ apiServices(clusters: {names: ["alpha"]}) { nodes { id name } } }')
    (core,) = (node for node in listed.data["apiServices"]["nodes"] if node["name"] == "v1.")

    reply = await real_fleet.ask(f'{{ object(id: "{core["id"]}") {{ id name }} }}')

    assert reply.errors == ()
    assert reply.data["object"] == core
