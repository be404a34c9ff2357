"""The cost of a query upstream, according to real API servers and to the calls themselves."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.pages import METADATA_ONLY
from k8s.transport.call import JSON
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.graph.senders import ObjectsSender

NODES_TO_DEPLOYMENTS = "{ nodes { nodes { pods { nodes { deployment { name replicas { ready } } } } } } }"


@pytest.fixture(scope="module")
async def real(engine: Engine, alpha: Cluster, beta: Cluster, living: Cluster) -> AsyncIterator[Asking]:
    """Returns three real clusters; the first two have pods of deployments on nodes, too many to be read one by one."""
    for cluster in (alpha, beta):
        await populate(cluster, FleetSize(namespaces=2, nodes=4, deployments=3, pods=15), prefix="requests")
    connections = [connection_to(cluster) for cluster in (alpha, beta, living)]
    yield Asking(engine, fleet_of(connections))
    for connection in connections:
        await connection.close()


async def resources_read(cluster: Cluster, asking: Asking, query: str) -> list[str]:
    """Returns the requests to the cluster for one query without errors."""
    mark = cluster.audit.mark()
    answer = await asking(query)
    assert answer.errors == []
    return sorted(request.resource for request in cluster.audit.requests_since(mark, user_agent="fleetgraph"))


@pytest.mark.controlplane
async def test_two_links_cost_four_requests_a_cluster_whatever_the_number_of_objects(
    real: Asking, alpha: Cluster, beta: Cluster
) -> None:
    few = await resources_read(alpha, real, NODES_TO_DEPLOYMENTS)
    await populate(alpha, FleetSize(namespaces=2, nodes=5, deployments=8, pods=60), prefix="more-requests")

    many = await resources_read(alpha, real, NODES_TO_DEPLOYMENTS)

    assert few == ["deployments", "nodes", "pods", "replicasets"]
    assert many == few
    assert await resources_read(beta, real, NODES_TO_DEPLOYMENTS) == few


@pytest.mark.controlplane
async def test_no_cluster_is_asked_more_than_four_times(real: Asking, living: Cluster) -> None:
    assert len(await resources_read(living, real, NODES_TO_DEPLOYMENTS)) <= 4


@pytest.mark.controlplane
async def test_a_link_to_one_costs_one_more_request(real: Asking, alpha: Cluster) -> None:
    assert await resources_read(alpha, real, "{ pods { nodes { name node { ready } } } }") == ["nodes", "pods"]


@pytest.mark.controlplane
async def test_of_a_node_whose_name_alone_is_asked_nothing_is_fetched(real: Asking, alpha: Cluster) -> None:
    query = "{ pods { nodes { node { __typename id name kind cluster { name } metadata { name } } } } }"

    assert await resources_read(alpha, real, query) == ["pods"]


@pytest.mark.controlplane
async def test_links_of_few_are_followed_by_name(real: Asking, alpha: Cluster) -> None:
    mark = alpha.audit.mark()

    answer = await real(
        '{ pods(clusters: {names: ["alpha"]}, namespaces: ["requests-000"], first: 2) { nodes {'
        " node { name ready } replicaSet { name } deployment { name replicas { ready } } events { totalCount } } } }"
    )

    assert answer.errors == []
    asked = [request.uri for request in alpha.audit.requests_since(mark, user_agent="fleetgraph")]
    assert all("fieldSelector=" in uri for uri in asked if "/pods" not in uri)
    nodes = answer.to_builtins()["data"]["pods"]["nodes"]
    assert all(pod["node"]["name"] and pod["replicaSet"] and pod["deployment"] for pod in nodes)
    assert len(asked) <= 1 + 2 * 4


@pytest.mark.controlplane
async def test_a_count_is_one_small_request(real: Asking, alpha: Cluster) -> None:
    mark = alpha.audit.mark()

    await real("{ pods { totalCount } }")

    (request,) = alpha.audit.requests_since(mark, user_agent="fleetgraph")
    assert request.uri == "/api/v1/pods?limit=1"


@pytest.mark.controlplane
async def test_equal_lists_of_one_query_are_read_once(real: Asking, alpha: Cluster) -> None:
    query = "{ a: pods { nodes { name } } b: pods { nodes { name } } clusters { pods { nodes { name } } } }"

    assert await resources_read(alpha, real, query) == ["pods"]


def three_pods(kind: Kind) -> Sequence[JsonObject]:
    """Returns three pods and nothing else."""
    names = (f"p-{number}" for number in range(3))
    pods: list[JsonObject] = [{"metadata": {"name": name, "namespace": "x"}} for name in names]
    return pods if kind == kinds.POD else []


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("{ pods { nodes { id name namespace metadata { labels } cluster { name } } } }", METADATA_ONLY),
        ("{ pods { edges { cursor } pageInfo { endCursor } } }", METADATA_ONLY),
        ("{ pods { nodes { owner { name } } } }", METADATA_ONLY),
        ("{ pods { nodes { metadata { name } spec { nodeName } } } }", JSON),
        ("{ pods { nodes { ready } } }", JSON),
    ],
)
async def test_only_metadata_is_asked_for_where_it_answers_the_query(
    ask: Callable[..., Asking], query: str, accept: str
) -> None:
    sender = ObjectsSender("one", three_pods)

    await ask(sender)(query)

    assert [(call.path, call.accept) for call in sender.calls] == [("/api/v1/pods", accept)]


async def test_a_skipped_link_is_not_followed(ask: Callable[..., Asking]) -> None:
    sender = ObjectsSender("one", three_pods)

    await ask(sender)(
        "query Q($no: Boolean!) { pods { nodes { name node @include(if: $no) { name } } } }", {"no": False}
    )

    assert [call.path for call in sender.calls] == ["/api/v1/pods"]
