"""Pages without `where` and `orderBy`: their objects and requests."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.engine import Engine
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from tests.controlplane.cluster import Cluster
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.graph.senders import ObjectsSender

NAMES = ("a", "a-b", "a-b-c", "b", "c")
QUERY = """query Page($first: Int, $after: String, $namespaces: [String!], $selector: String) {
  pods(first: $first, after: $after, namespaces: $namespaces, labelSelector: $selector) {
    %s nodes { cluster { name } namespace name } pageInfo { hasNextPage hasPreviousPage endCursor }
    clusters { cluster { name } status }
  }
}"""
COUNTED, UNCOUNTED = QUERY % "totalCount", QUERY % ""
Identity = tuple[str, str, str]


@pytest.fixture(scope="module")
async def real(engine: Engine, alpha: Cluster, beta: Cluster) -> AsyncIterator[Asking]:
    for cluster in (alpha, beta):
        await populate(cluster, FleetSize(namespaces=2, nodes=2, deployments=4, pods=60), prefix="pages")
    connections = [connection_to(cluster) for cluster in (alpha, beta)]
    yield Asking(engine, fleet_of(connections))
    for connection in connections:
        await connection.close()


async def paged(asking: Asking, query: str, variables: Mapping[str, object]) -> list[dict[str, Any]]:
    """Returns all pages of a list."""
    pages: list[dict[str, Any]] = []
    after = None
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        answer = json.loads((await asking(query, {**variables, "after": after})).to_json())
        assert "errors" not in answer, answer["errors"]
        pages.append(answer["data"]["pods"])
        after = pages[-1]["pageInfo"]["endCursor"]
    return pages


def identities(pages: list[dict[str, Any]]) -> list[Identity]:
    return [(node["cluster"]["name"], node["namespace"], node["name"]) for page in pages for node in page["nodes"]]


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    places=st.lists(st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))), min_size=1, max_size=3),
    first=st.integers(1, 5),
    namespaces=st.none() | st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    query=st.sampled_from((COUNTED, UNCOUNTED)),
)
async def test_pages_of_any_size_are_the_whole_list(
    engine: Engine, places: list[set[tuple[str, str]]], first: int, namespaces: list[str] | None, query: str
) -> None:
    asking = Asking(engine, fleet_of([_sender(f"c-{index}", of) for index, of in enumerate(places)]))
    whole = await paged(asking, COUNTED, {"namespaces": namespaces})

    pages = await paged(asking, query, {"first": first, "namespaces": namespaces})

    assert identities(pages) == identities(whole)
    assert all(len(page["nodes"]) == first for page in pages[:-1])
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False] + [True] * (len(pages) - 1)
    assert {page.get("totalCount", len(identities(whole))) for page in pages} == {len(identities(whole))}


async def test_a_cluster_that_fails_in_the_middle_of_paging_costs_its_own_rows(engine: Engine) -> None:
    senders = [_sender(f"c-{index}", {("a", name) for name in NAMES}) for index in range(3)]
    asking = Asking(engine, fleet_of(senders))
    answer = json.loads((await asking(UNCOUNTED, {"first": 2})).to_json())
    pages = [answer["data"]["pods"]]

    senders[0].broken = [POD]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["pageInfo"]["endCursor"]
        answer = json.loads((await asking(UNCOUNTED, {"first": 2, "after": after})).to_json())
        pages.append(answer["data"]["pods"])
        failed = {cluster["cluster"]["name"] for cluster in pages[-1]["clusters"] if cluster["status"] != "OK"}
        assert failed == {error["extensions"]["cluster"] for error in answer.get("errors", ())} <= {"c-0"}

    assert {cluster["status"] for cluster in pages[1]["clusters"]} == {"OK", "UNREACHABLE"}
    assert identities(pages) == [
        ("c-0", "a", "a"),
        ("c-0", "a", "a-b"),
        *((f"c-{index}", "a", name) for index in (1, 2) for name in NAMES),
    ]


@pytest.mark.controlplane
@pytest.mark.parametrize("variables", [{}, {"selector": "tier=backend"}, {"namespaces": ["pages-000", "pages-001"]}])
@pytest.mark.parametrize("query", [COUNTED, UNCOUNTED])
async def test_paging_real_clusters_gives_every_object_once(
    real: Asking, variables: Mapping[str, object], query: str
) -> None:
    whole = await paged(real, COUNTED, variables)

    pages = await paged(real, query, {"first": 17, **variables})

    assert identities(pages) == identities(whole)
    assert len(set(identities(pages))) == len(identities(pages)) > 20
    assert {page.get("totalCount", len(identities(whole))) for page in pages} == {len(identities(whole))}


@pytest.mark.controlplane
async def test_a_first_page_reads_that_many_of_each_cluster(real: Asking, alpha: Cluster, beta: Cluster) -> None:
    marks = [cluster.audit.mark() for cluster in (alpha, beta)]

    await real(COUNTED, {"first": 5})

    for cluster, mark in zip((alpha, beta), marks, strict=True):
        assert [request.uri for request in cluster.audit.requests_since(mark, user_agent="fleetgraph")] == [
            "/api/v1/pods?limit=5"
        ]


@pytest.mark.controlplane
async def test_the_next_page_continues_where_the_api_server_stopped(
    real: Asking, alpha: Cluster, beta: Cluster
) -> None:
    (page, *_) = await paged(real, UNCOUNTED, {"first": 5})
    mark = alpha.audit.mark()

    await real(UNCOUNTED, {"first": 5, "after": page["pageInfo"]["endCursor"]})

    (request,) = alpha.audit.requests_since(mark, user_agent="fleetgraph")
    assert request.uri.startswith("/api/v1/pods?limit=5&continue=")


@pytest.mark.controlplane
async def test_what_is_read_for_a_whole_list_does_not_grow_with_its_pages(real: Asking, alpha: Cluster) -> None:
    mark = alpha.audit.mark()

    pages = await paged(real, UNCOUNTED, {"first": 10, "namespaces": ["pages-000"]})

    assert len(alpha.audit.requests_since(mark, user_agent="fleetgraph")) == len(pages)


def _sender(name: str, places: set[tuple[str, str]]) -> ObjectsSender:
    def objects(_kind: Kind) -> list[Any]:
        return [{"metadata": {"namespace": namespace, "name": place}} for namespace, place in places]

    return ObjectsSender(name, objects)
