"""`where` and `orderBy` over real API servers, compared with independent answers from the raw JSON."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import NODE
from k8s.kinds.kind import Kind
from k8s.transport.sender import Sender
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.graph.questions import Question, RawPod, questions
from tests.graph.senders import ObjectsSender, RememberingSender

QUERY = """query Pods($where: [WhereInput!], $orderBy: [OrderInput!], $first: Int, $after: String) {
  pods(
    namespaces: ["where-000", "where-001", "where-002"], where: $where, orderBy: $orderBy, first: $first, after: $after
  ) {
    totalCount
    nodes { cluster { name } namespace name }
    pageInfo { hasNextPage endCursor }
  }
}"""
QUESTIONS = 150


@dataclass(frozen=True)
class RealFleet:
    """Two real clusters, and their pods as raw JSON."""

    asking: Asking
    pods: list[RawPod]

    @property
    def without_pushdown(self) -> "RealFleet":
        """Returns the same, with all filtering in fleetgraph."""
        return replace(self, asking=replace(self.asking, pushes_down=False))


@pytest.fixture(scope="module")
async def fleet(engine: Engine, alpha: Cluster, beta: Cluster) -> AsyncIterator[RealFleet]:
    for seed, cluster in enumerate((alpha, beta)):
        await populate(cluster, FleetSize(namespaces=3, nodes=4, deployments=6, pods=70), seed=seed, prefix="where")
    connections = [connection_to(cluster) for cluster in (alpha, beta)]
    senders: list[Sender] = [RememberingSender(connection) for connection in connections]
    pods = [pod for cluster in (alpha, beta) for pod in await raw_pods(cluster)]
    yield RealFleet(Asking(engine, fleet_of(senders)), pods)
    for connection in connections:
        await connection.close()


@pytest.mark.controlplane
@pytest.mark.parametrize("seed", range(2))
async def test_answers_are_those_found_by_other_means(fleet: RealFleet, seed: int) -> None:
    random = Random(seed)  # noqa: S311  the same questions each time

    for question in islice(questions(random, fleet.pods), QUESTIONS):
        answer = question.answer(fleet.pods)
        assert await pages(fleet, question, size=None) == answer, question
        assert await pages(fleet.without_pushdown, question, size=None) == answer, question


@pytest.mark.controlplane
@pytest.mark.parametrize("size", [1, 7, 50])
async def test_paging_to_the_end_gives_every_object_once_and_in_order(fleet: RealFleet, size: int) -> None:
    random = Random(size)  # noqa: S311  the same questions each time
    for question in islice(questions(random, fleet.pods), 5):
        assert await pages(fleet, question, size=size) == question.answer(fleet.pods), question


@pytest.mark.controlplane
async def test_links_of_a_condition_cost_one_request_a_cluster(
    engine: Engine, fleet: RealFleet, alpha: Cluster
) -> None:
    connection = connection_to(alpha)
    mark = alpha.audit.mark()

    answer = await Asking(engine, fleet_of([connection]))(
        '{ pods(where: [{path: "node.ready", value: true}], orderBy: [{path: "node.name"}]) { totalCount } }'
    )
    await connection.close()

    assert answer.errors == []
    requests = alpha.audit.requests_since(mark, user_agent="fleetgraph")
    assert sorted(request.resource for request in requests) == ["nodes", "pods"]


async def test_a_link_to_many_is_filtered_and_ordered_for_each_parent(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _made)]))

    answer = await asking(
        '{ nodes { nodes { name pods(where: [{path: "status.phase", op: NE, value: "Failed"}],'
        ' orderBy: [{path: "name", direction: DESC}], first: 1) { totalCount nodes { name } } } } }'
    )

    assert json.loads(answer.to_json())["data"]["nodes"]["nodes"] == [
        {"name": "n-1", "pods": {"totalCount": 2, "nodes": [{"name": "c"}]}},
        {"name": "n-2", "pods": {"totalCount": 1, "nodes": [{"name": "d"}]}},
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('where: [{path: "status.podIp", value: "x"}]', "PodStatus has no field podIp; did you mean status.podIP"),
        ('where: [{path: "restarts", op: GT, value: "many"}]', 'where: restarts GT: "many" is not a number.'),
        ('where: [{path: "spec", value: 1}]', "where: spec is no value, so it can only EXIST or not"),
        ('where: [{path: "name", op: MATCHES, value: "("}]', "where: name MATCHES: missing ): ( (RE2 syntax)."),
        ('where: [{path: "name", op: IN, value: "a"}]', "where: name IN: the value must be a list."),
        ('where: [{path: "name"}]', "where: name EQ: the value is missing; to ask for null, use NOT_EXISTS."),
        ("where: [{}]", "where: an entry is either {path, op, value}, or one of {and}, {or}, {not} with a list."),
        ("where: [{and: []}]", "where: and has an empty list"),
        ('orderBy: [{path: "spec.containers.image"}]', "orderBy: spec.containers.image leads through a list"),
        ('orderBy: [{path: "metadata.labels"}]', "orderBy: metadata.labels is no value; name a field of it."),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    engine: Engine, arguments: str, message: str
) -> None:
    sender = ObjectsSender("one", _made)

    answer = await Asking(engine, fleet_of([sender]))(f"{{ pods({arguments}) {{ totalCount }} }}")

    error: Any
    (error,) = answer.errors
    assert message in error["message"]
    assert (error["path"], error["extensions"]["code"]) == (["pods"], "BAD_USER_INPUT")
    assert sender.calls == []


async def raw_pods(cluster: Cluster) -> list[RawPod]:
    """Returns all pods of a cluster with their nodes and deployments, joined by hand."""
    async with connect(cluster) as session:

        async def listed(path: str) -> list[dict[str, Any]]:
            async with session.get(path) as response:
                items: list[dict[str, Any]] = (await response.json())["items"]
                return items

        nodes = {node["metadata"]["name"]: node for node in await listed("/api/v1/nodes")}
        sets = {
            replica_set["metadata"]["uid"]: replica_set for replica_set in await listed("/apis/apps/v1/replicasets")
        }
        deployments = {
            deployment["metadata"]["uid"]: deployment for deployment in await listed("/apis/apps/v1/deployments")
        }
        pods = [pod for pod in await listed("/api/v1/pods") if pod["metadata"]["namespace"].startswith("where-")]
    return [
        RawPod(
            cluster.name,
            pod,
            nodes.get(pod["spec"].get("nodeName", "")),
            deployments.get(_owner(sets.get(_owner(pod), {}))),
        )
        for pod in pods
    ]


async def pages(fleet: RealFleet, question: Question, *, size: int | None) -> list[tuple[str, str, str]]:
    """Returns the answer, page by page."""
    found: list[tuple[str, str, str]] = []
    after = None
    while True:
        variables = {"where": question.where, "orderBy": question.order_by, "first": size, "after": after}
        answer = await fleet.asking(QUERY, json.loads(json.dumps(variables)))
        assert answer.errors == [], (question, answer.errors)
        page = json.loads(answer.to_json())["data"]["pods"]
        found += [(node["cluster"]["name"], node["namespace"], node["name"]) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


def _owner(raw: dict[str, Any]) -> str:
    owners = raw.get("metadata", {}).get("ownerReferences", [])
    return next((owner["uid"] for owner in owners if owner.get("controller")), "")


def _made(kind: Kind) -> list[Any]:
    def pod(name: str, node: str, phase: str) -> dict[str, Any]:
        metadata = {"namespace": "shop", "name": name}
        return {"metadata": metadata, "spec": {"nodeName": node, "containers": []}, "status": {"phase": phase}}

    if kind == NODE:
        return [{"metadata": {"name": name}} for name in ("n-1", "n-2")]
    return [
        pod("a", "n-1", "Running"),
        pod("b", "n-1", "Failed"),
        pod("c", "n-1", "Pending"),
        pod("d", "n-2", "Running"),
    ]
