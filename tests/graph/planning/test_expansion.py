"""Paths through links to many: their values are counted during reading, over all lists of a query."""

import json
from collections.abc import Callable, Sequence

import pytest

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
PODS = 100
OVER = "The paths of where, orderBy and groups lead to more than 5000 values through links"


def objects(kind: Kind) -> Sequence[JsonObject]:
    if kind not in {kinds.POD, kinds.CONFIG_MAP}:
        return []
    return [{"metadata": {"name": f"pod-{number:03}", "namespace": "a", "uid": str(number)}} for number in range(PODS)]


@pytest.mark.parametrize(
    "field",
    [
        'pods(where: [{path: "cluster.pods.name", value: "x"}]) { totalCount }',
        'pods(where: [{path: "cluster.pods.spec.containers.image", value: "x"}]) { totalCount }',
        'pods { groups(by: ["cluster.pods.name"]) { count } }',
        'pods { groups(by: ["name"]) { count max(path: "cluster.pods.name") } }',
        'clusters { pods(where: [{path: "cluster.pods.name", value: "x"}]) { totalCount } }',
    ],
)
async def test_over_the_limit_the_list_ends_with_the_figure(ask: Ask, field: str) -> None:
    asking = ask(ObjectsSender("one", objects))
    limits = OperationLimits(expanded_values=5000)

    answer = await asking(f"{{ {field} }}", limits=limits)

    (error,) = answer.errors
    assert str(error["message"]).startswith(OVER)
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"  # type: ignore[index]  # as it is formatted
    assert not (await asking(f"{{ {field} }}")).errors


def few(kind: Kind) -> Sequence[JsonObject]:
    return objects(kind)[:20]


@pytest.mark.parametrize("hostile", ["a", "c"])
@pytest.mark.parametrize("order", ["", ', orderBy: [{path: "name", direction: DESC}]'])
async def test_a_cluster_that_leads_to_most_costs_its_own_rows(ask: Ask, order: str, hostile: str) -> None:
    senders = [ObjectsSender(name, objects if name == hostile else few) for name in "abc"]
    given = f'where: [{{not: [{{path: "cluster.pods.name", value: "x"}}]}}]{order}'
    query = f"{{ pods({given}) {{ totalCount nodes {{ name cluster {{ name }} }} clusters {{ status }} }} }}"
    limits = OperationLimits(expanded_values=5000)

    answer = (await ask(*senders)(query, limits=limits)).to_builtins()
    without = (await ask(*(sender for sender in senders if sender.name != hostile))(query, limits=limits)).to_builtins()

    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]) == (
        ["pods"],
        {"code": "LIMIT_EXCEEDED", "retryable": False, "cluster": hostile, "reason": "TooManyLinked"},
    )
    found = answer["data"]["pods"]
    assert (found["totalCount"], found["nodes"]) == (40, without["data"]["pods"]["nodes"])
    assert sorted(cluster["status"] for cluster in found["clusters"]) == ["FAILED", "OK", "OK"]


async def test_clusters_that_all_lead_to_too_many_are_refused_together(ask: Ask) -> None:
    query = '{ pods(where: [{path: "cluster.pods.name", value: "x"}]) { totalCount } }'
    senders = [ObjectsSender(name, objects) for name in "abc"]

    (error,) = (await ask(*senders)(query, limits=OperationLimits(expanded_values=5000))).errors

    assert str(error["message"]).startswith(OVER)


async def test_a_value_that_decides_ends_the_search(ask: Ask) -> None:
    query = '{ pods(where: [{path: "cluster.pods.name", op: NOT_EXISTS}]) { totalCount } }'

    assert not (await ask(ObjectsSender("one", objects))(query, limits=OperationLimits(expanded_values=1000))).errors


async def test_it_is_counted_over_all_lists_of_a_query(ask: Ask) -> None:
    asking, limits = ask(ObjectsSender("one", objects)), OperationLimits(expanded_values=15_000)
    field = 'pods(where: [{path: "cluster.pods.name", value: "x"}]) { totalCount }'

    assert not (await asking(f"{{ a: {field} }}", limits=limits)).errors
    assert (await asking(f"{{ a: {field} b: {field} }}", limits=limits)).errors


async def test_figures_of_objects_in_several_groups_count_their_values_again(ask: Ask) -> None:
    asking = ask(ObjectsSender("one", objects))
    groups = 'groups(by: ["cluster.pods.name"], first: 1) { count max(path: "cluster.configMaps.metadata.name") }'
    query = f"{{ pods(first: 1) {{ {groups} }} }}"

    assert not (await asking(query, limits=OperationLimits(expanded_values=2_000_000))).errors
    assert (await asking(query, limits=OperationLimits(expanded_values=100_000))).errors


async def test_what_is_not_over_the_limit_is_exact(ask: Ask) -> None:
    groups = 'groups(by: ["cluster.name"]) { count max(path: "cluster.pods.name") }'
    query = f'{{ pods(where: [{{path: "cluster.pods.name", value: "pod-007"}}]) {{ totalCount {groups} }} }}'

    answer = json.loads((await ask(ObjectsSender("one", objects))(query)).to_json())

    assert answer["data"]["pods"] == {"totalCount": PODS, "groups": [{"count": PODS, "max": "pod-099"}]}
