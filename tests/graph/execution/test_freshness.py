"""The freshness of a list, its timeout, and the number of clusters that it needs."""

from collections.abc import Callable
from typing import cast

import pytest

from graph.answer import Answer
from graph.engine import Engine
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.graph.bodies import MadeObjects
from tests.graph.execution.test_cancellation import HangingSender
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.graph.senders import DownSender, ObjectsSender

Ask = Callable[..., Asking]


def one_and_two() -> tuple[ObjectsSender, ObjectsSender]:
    return ObjectsSender("one", MadeObjects(1)), ObjectsSender("two", MadeObjects(2))


def codes(answer: Answer) -> list[object]:
    return [cast(dict[str, object], error["extensions"])["code"] for error in answer.errors]


async def test_the_envelope_has_each_lists_version(ask: Ask) -> None:
    answer = await ask(*one_and_two(), DownSender("dead"))(
        "{ pods { nodes { name } clusters { cluster { name } resourceVersion } } }"
    )

    assert answer.to_builtins()["data"]["pods"]["clusters"] == [
        {"cluster": {"name": "dead"}, "resourceVersion": None},
        {"cluster": {"name": "one"}, "resourceVersion": "1"},
        {"cluster": {"name": "two"}, "resourceVersion": "1"},
    ]


async def test_a_count_has_no_version(ask: Ask) -> None:
    answer = await ask(one_and_two()[0])("{ pods { totalCount clusters { resourceVersion } } }")

    assert answer.to_builtins()["data"]["pods"]["clusters"] == [{"resourceVersion": None}]


async def test_a_list_leaves_out_who_is_late(ask: Ask) -> None:
    answer = await ask(one_and_two()[0], HangingSender("slow"))(
        '{ pods(timeoutMs: 1500) { clusters { cluster { name } status } } clusters(names: "one") { name } }'
    )

    assert answer.to_builtins()["data"]["pods"]["clusters"] == [
        {"cluster": {"name": "one"}, "status": "OK"},
        {"cluster": {"name": "slow"}, "status": "TIMEOUT"},
    ]
    assert codes(answer) == ["CLUSTER_TIMEOUT"]


async def test_a_clusters_own_list_leaves_out_who_is_late(ask: Ask) -> None:
    answer = await ask(HangingSender("slow"))("{ clusters { name pods(timeoutMs: 50) { totalCount } } }")

    assert answer.to_builtins()["data"]["clusters"] == [{"name": "slow", "pods": {"totalCount": 0}}]
    assert codes(answer) == ["CLUSTER_TIMEOUT"]


async def test_enough_answers_are_a_partial_list(ask: Ask) -> None:
    answer = await ask(*one_and_two(), DownSender("dead"))("{ pods(minClusters: 2) { pageInfo { hasNextPage } } }")

    assert answer.to_builtins()["data"]["pods"] is not None
    assert codes(answer) == ["CLUSTER_UNREACHABLE"]


async def test_too_few_answers_are_an_error_beside_their_causes(ask: Ask) -> None:
    answer = await ask(one_and_two()[0], DownSender("dead"))("{ pods(minClusters: 2) { totalCount } }")

    assert answer.to_builtins()["data"] == {"pods": None}
    cause, lost = answer.errors
    assert cause["extensions"] == {
        "code": "CLUSTER_UNREACHABLE",
        "cluster": "dead",
        "retryable": True,
        "reason": "Unreachable",
    }
    assert lost["message"] == "minClusters is 2, and 1 of 2 answered; dead did not."
    assert lost["extensions"] == {"code": "CLUSTER_UNREACHABLE", "retryable": True}
    assert lost["path"] == cause["path"] == ["pods"]


@pytest.mark.parametrize("narrowed", ["", 'clusters: {names: ["one", "two"]}'])
async def test_a_quorum_that_cannot_be_met_asks_nobody(ask: Ask, narrowed: str) -> None:
    senders = one_and_two()

    answer = await ask(*senders)(f"{{ pods(minClusters: 3 {narrowed}) {{ totalCount }} }}")

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert [sender.calls for sender in senders] == [[], []]


@pytest.mark.controlplane
async def test_a_version_is_the_api_servers_own(engine: Engine, alpha: Cluster) -> None:
    connection = connection_to(alpha)
    asking = Asking(engine, fleet_of([connection]))
    query = "{ configMaps(first: 1) { nodes { name } clusters { resourceVersion } } }"
    async with connect(alpha) as session:
        before = await asking(query)
        body = {"metadata": {"generateName": "freshness-"}}
        async with session.post("/api/v1/namespaces/default/configmaps", json=body) as response:
            created = int((await response.json())["metadata"]["resourceVersion"])
        after = await asking(query)
    await connection.close()

    (older,) = before.to_builtins()["data"]["configMaps"]["clusters"]
    (newer,) = after.to_builtins()["data"]["configMaps"]["clusters"]
    assert int(older["resourceVersion"]) < created <= int(newer["resourceVersion"])
