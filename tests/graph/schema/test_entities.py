"""Entities of a federated gateway: their objects and their cost."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from graphql import build_ast_schema, parse
from graphql.language import InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN, DEPLOYMENT, NAMESPACE, POD
from k8s.kinds.kind import Kind
from resolvers.arguments.globalids import object_id
from resolvers.limits import OperationLimits
from resolvers.names import type_name
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.graph.senders import DownSender, ObjectsSender
from tests.otherturns import turns_during

QUERY = """query Entities($of: [_Any!]!) { _entities(representations: $of) {
  __typename
  ... on Pod { name cluster { name } node { name ready } }
  ... on Deployment { name namespace }
  ... on Cluster { name labels }
} }"""
Representation = dict[str, object]


def pod(cluster: str, name: str, typename: str = "Pod") -> Representation:
    return {"__typename": typename, "id": object_id(f"id-{cluster}", POD, "shop", name)}


def deployment(cluster: str, name: str, namespace: str = "shop") -> Representation:
    return {"__typename": "Deployment", "id": object_id(f"id-{cluster}", DEPLOYMENT, namespace, name)}


async def entities(asking: Asking, of: Sequence[object], **options: Any) -> tuple[Any, list[Any]]:
    answer = json.loads((await asking(QUERY, {"of": of}, **options)).to_json())
    data = answer.get("data")
    return data and data["_entities"], answer.get("errors", [])


async def test_they_come_in_the_order_in_which_they_were_asked_for(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects), ObjectsSender("two", _objects)]))
    by_name = {"__typename": "Cluster", "name": "two"}
    by_id = {"__typename": "Cluster", "id": "id-one"}

    found, errors = await entities(
        asking, [pod("two", "p-3"), deployment("one", "d-1"), by_name, pod("one", "p-0"), pod("one", "gone"), by_id]
    )

    assert errors == []
    assert [(item["__typename"], item["name"]) if item else None for item in found] == [
        ("Pod", "p-3"),
        ("Deployment", "d-1"),
        ("Cluster", "two"),
        ("Pod", "p-0"),
        None,
        ("Cluster", "one"),
    ]
    assert found[0]["cluster"] == {"name": "two"}


async def test_a_thousand_cost_one_request_for_each_cluster_and_kind(engine: Engine) -> None:
    senders = [ObjectsSender(name, _objects) for name in ("one", "two", "three")]
    of = [pod(sender.name, f"p-{index}") for sender in senders for index in range(200)]
    of += [deployment(sender.name, f"d-{index}") for sender in senders for index in range(134)]

    found, errors = await entities(Asking(engine, fleet_of(senders)), of)

    assert (errors, len(found)) == ([], 1002)
    assert None not in found
    for sender in senders:
        assert sorted(call.path for call in sender.calls) == [
            "/api/v1/namespaces/shop/pods",
            "/apis/apps/v1/namespaces/shop/deployments",
        ]


async def test_one_is_read_by_its_name_and_of_several_namespaces_everything(engine: Engine) -> None:
    sender = ObjectsSender("one", _objects)
    asking = Asking(engine, fleet_of([sender]))

    await entities(asking, [deployment("one", "d-1")] * 3)
    await entities(asking, [deployment("one", "d-1"), deployment("one", "d-1", "cart")])

    assert [call.path for call in sender.calls] == [
        "/apis/apps/v1/namespaces/shop/deployments/d-1",
        "/apis/apps/v1/deployments",
    ]


async def test_a_dead_cluster_costs_its_own_and_says_so_at_the_first(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects), DownSender("dead")]))

    found, errors = await entities(
        asking, [pod("one", "p-0"), pod("dead", "p-1"), pod("one", "p-2"), pod("dead", "p-3")]
    )

    assert [item and item["name"] for item in found] == ["p-0", None, "p-2", None]
    assert [(error["path"], error["extensions"]["code"], error["extensions"]["cluster"]) for error in errors] == [
        (["_entities", 1], "CLUSTER_UNREACHABLE", "dead")
    ]


async def test_the_interface_finds_objects_of_any_kind(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects)]))

    found, _ = await entities(asking, [pod("one", "p-0", "KubernetesObject")])

    assert found[0]["__typename"] == "Pod"


async def test_an_object_whose_kind_has_no_type_is_null_with_the_cause(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects)]))
    untyped = Kind("acme.com", "v1", "Widget", "widgets")
    of = [{"__typename": "KubernetesObject", "id": object_id("id-one", untyped, "shop", name)} for name in ("a", "b")]

    found, errors = await entities(asking, [*of, pod("one", "p-0")])

    assert [item and item["name"] for item in found] == [None, None, "p-0"]
    assert [(error["path"], error["extensions"]["code"]) for error in errors] == [
        (["_entities", 0], "KIND_UNAVAILABLE")
    ]
    assert "Widget.acme.com has no type of its own, so its objects are no entities." in errors[0]["message"]


@pytest.mark.parametrize(
    ("representation", "message"),
    [
        ({}, "_entities: representation 1 has no __typename."),
        ("Pod", "_entities: representation 1 has no __typename."),
        ({"__typename": "PodSpec", "id": "x"}, "'PodSpec' is no entity of this graph."),
        ({"__typename": "Pod"}, "has no id, the key of Pod."),
        ({"__typename": "Pod", "id": "nonsense"}, "id: this is no object id"),
        ({"__typename": "Pod", "id": "x" * 5000}, "id: this is no object id"),
        (deployment("one", "d") | {"__typename": "Pod"}, "the id is that of a Deployment, and not of a Pod."),
        ({"__typename": "Pod", "id": object_id("id-one", POD, "a/../b", "x")}, "namespace"),
        ({"__typename": "Cluster"}, "has neither the id nor the name of a cluster."),
        ({"__typename": "Cluster", "name": 1}, "has neither the id nor the name of a cluster."),
    ],
)
async def test_what_no_gateway_sends_is_refused_and_nothing_is_sent(
    engine: Engine, representation: object, message: str
) -> None:
    sender = ObjectsSender("one", _objects)

    found, errors = await entities(Asking(engine, fleet_of([sender])), [pod("one", "p-0"), representation])

    assert found is None
    assert message in errors[0]["message"]
    assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert sender.calls == []


async def test_too_many_are_refused(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects)]))

    _, errors = await entities(asking, [pod("one", "p-0")] * 11, limits=OperationLimits(page_objects=10))

    assert errors[0]["message"] == "_entities: 11 representations; the limit of a query is 10."
    assert errors[0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_they_are_counted_over_the_whole_query(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects)]))
    query = """query($of: [_Any!]!) {
      one: _entities(representations: $of) { __typename } two: _entities(representations: $of) { __typename }
    }"""

    allowed = await asking(query, {"of": [pod("one", "p-0")] * 5}, limits=OperationLimits(page_objects=10))
    refused = await asking(query, {"of": [pod("one", "p-0")] * 6}, limits=OperationLimits(page_objects=10))

    assert not allowed.errors
    assert [error["message"] for error in refused.errors] == [
        "_entities: 12 representations; the limit of a query is 10."
    ]


async def test_others_have_a_turn_after_each(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects)]))
    of = [pod("one", f"gone-{number}") for number in range(2000)]

    async def turns(query: str) -> int:
        return await turns_during(lambda: asking(query, {"of": of}), monkeypatch)

    assert await turns("query($of: [_Any!]!) { _entities(representations: $of) { __typename } }") > 2000


@pytest.mark.controlplane
async def test_real_clusters_are_asked_once_for_each_kind(engine: Engine, alpha: Cluster, beta: Cluster) -> None:
    for cluster in (alpha, beta):
        await populate(cluster, FleetSize(namespaces=2, nodes=2, deployments=4, pods=40), prefix="entities")
    connections = [connection_to(cluster) for cluster in (alpha, beta)]
    asking = Asking(engine, fleet_of(connections))
    listed = json.loads(
        (await asking('{ pods(namespaces: ["entities-000", "entities-001"]) { nodes { id name } } }')).to_json()
    )["data"]["pods"]["nodes"]
    mark = alpha.audit.mark()

    found, errors = await entities(asking, [{"__typename": "Pod", "id": item["id"]} for item in reversed(listed)])
    for connection in connections:
        await connection.close()

    assert errors == []
    assert [item["name"] for item in found] == [item["name"] for item in reversed(listed)]
    requests = alpha.audit.requests_since(mark, user_agent="fleetgraph")
    assert sorted(request.resource for request in requests) == ["nodes", "pods"]


async def test_the_subgraph_has_its_keys(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([]))
    answer = json.loads((await asking("{ _service { sdl } }")).to_json())

    document = parse(answer["data"]["_service"]["sdl"])

    typed = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
    directives = {
        node.name.value: [item.name.value for item in node.directives or ()]
        for node in document.definitions
        if isinstance(node, typed)
    }
    assert {name for name, used in directives.items() if used == ["key"]} == {
        "KubernetesObject",
        "GenericObject",
        *(type_name(kind) for kind in BUILT_IN),
    }
    assert directives["Cluster"] == ["key", "key"]
    assert directives["PageInfo"] == ["shareable"]
    assert "_entities" not in answer["data"]["_service"]["sdl"]
    assert build_ast_schema(document, assume_valid_sdl=True).query_type is not None


def _objects(kind: Kind) -> list[JsonObject]:
    if kind == NAMESPACE:
        return []
    initial = "p" if kind == POD else "d"
    return [{"metadata": {"namespace": "shop", "name": f"{initial}-{index}"}} for index in range(200)]
