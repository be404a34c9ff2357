"""Values that are not of the types of their fields: the row is there, the field is null, and an error names it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import NODE, POD
from k8s.kinds.kind import Kind
from resolvers.arguments.globalids import object_id
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

POD_ERROR = "cluster '{}': the value at spec.priority of pods shop/bad is not of the field's type; the field is null."
NODE_ERROR = "cluster '{}': the value at spec.podCIDR of nodes n is not of the field's type; the field is null."

BAD = object_id("id-one", POD, "shop", "bad")


def _objects(kind: Kind) -> Sequence[JsonObject]:
    if kind == NODE:
        return [{"kind": "Node", "metadata": {"name": "n"}, "spec": {"podCIDR": 5}}]
    if kind != POD:
        return []
    pods: dict[str, JsonValue] = {"bad": "high", "good": 5}
    return [
        {
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "shop", "uid": name},
            "spec": {"priority": priority, "nodeName": "n"},
        }
        for name, priority in pods.items()
    ]


@pytest.fixture
def asking(engine: Engine) -> Asking:
    return Asking(engine, fleet_of([ObjectsSender("one", _objects), ObjectsSender("two", _objects)]))


async def _answer(asking: Asking, query: str) -> Any:
    return (await asking(query)).to_builtins()


def _errors(answer: Any) -> list[tuple[list[object], str, str, str, str]]:
    return [
        (
            error["path"],
            error["message"],
            error["extensions"]["code"],
            error["extensions"]["reason"],
            error["extensions"]["cluster"],
        )
        for error in answer["errors"]
    ]


async def test_a_list_has_every_row(asking: Asking) -> None:
    query = "{ pods { nodes { name spec { priority } } clusters { status error { code } } totalCount } }"

    answer = await _answer(asking, query)

    rows = [("bad", None), ("good", 5)] * 2
    assert [(node["name"], node["spec"]["priority"]) for node in answer["data"]["pods"]["nodes"]] == rows
    assert answer["data"]["pods"]["clusters"] == [{"status": "OK", "error": None}] * 2
    assert answer["data"]["pods"]["totalCount"] == 4
    assert _errors(answer) == [
        (["pods"], POD_ERROR.format(name), "INVALID", "ValueDenied", name) for name in ("one", "two")
    ]


async def test_only_selected_values_matter(asking: Asking) -> None:
    answer = await _answer(asking, "{ pods { nodes { name spec { nodeName } } } }")

    assert "errors" not in answer


async def test_where_and_order_see_null(asking: Asking) -> None:
    query = """{ pods(where: [{path: "spec.priority", op: NOT_EXISTS}], orderBy: [{path: "spec.priority"}]) {
        nodes { name } } }"""

    answer = await _answer(asking, query)

    assert [node["name"] for node in answer["data"]["pods"]["nodes"]] == ["bad", "bad"]


@pytest.mark.parametrize(
    "query",
    [
        '{ found: pod(cluster: "one", namespace: "shop", name: "bad") { name spec { priority } } }',
        f'{{ found: object(id: "{BAD}") {{ name ... on Pod {{ spec {{ priority }} }} }} }}',
    ],
)
async def test_a_single_object_is_there(asking: Asking, query: str) -> None:
    answer = await _answer(asking, query)

    assert answer["data"]["found"] == {"name": "bad", "spec": {"priority": None}}
    assert _errors(answer) == [(["found"], POD_ERROR.format("one"), "INVALID", "ValueDenied", "one")]


async def test_a_linked_object_is_there(asking: Asking) -> None:
    answer = await _answer(asking, "{ pods { nodes { name node { name spec { podCIDR } } } } }")

    assert {node["node"]["name"] for node in answer["data"]["pods"]["nodes"]} == {"n"}
    assert [(path, message) for path, message, *_ in _errors(answer)] == [
        (["pods"], NODE_ERROR.format(name)) for name in ("one", "two")
    ]


async def _payloads(asking: Asking, query: str) -> AsyncIterator[Any]:
    async with aclosing(asking.deliver(query)) as payloads:
        async for payload in payloads:
            yield payload


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("{ pods { nodes @stream(initialCount: 0) { name spec { priority } } } }", POD_ERROR),
        ("{ clusters { name ... @defer { pods { nodes { name spec { priority } } } } } }", POD_ERROR),
        ("{ pods { nodes { name ... @defer { node { name spec { podCIDR } } } } } }", NODE_ERROR),
        ("{ clusters { name } ... @defer { pods { nodes { name spec { priority } } } } }", POD_ERROR),
    ],
)
async def test_what_is_delivered_later_has_its_errors(asking: Asking, query: str, error: str) -> None:
    text = "".join([str(payload) async for payload in _payloads(asking, query)])

    for name in ("one", "two"):
        assert text.count(error.format(name)) == 1 or text.count(repr(error.format(name))) == 1
