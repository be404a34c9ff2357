"""A row longer than any real one: no other rows are lost, nor the row itself."""

from collections.abc import Callable
from typing import Any

import pytest

from k8s.kinds.builtin import CONFIG_MAP, DEPLOYMENT, NODE, POD
from k8s.kinds.kind import Kind
from resolvers.kinds.longlists import MAX_ITEMS
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
LONG = MAX_ITEMS + 1


def _object(name: str, **parts: Any) -> JsonObject:
    return {"metadata": {"name": name, "namespace": "shop", **parts.pop("metadata", {})}, **parts}


def _of_lists(kind: Kind, name: str, items: int) -> list[JsonObject]:
    conditions: list[Any] = [{"type": "Ready", "status": "True"}, *[{"type": "x", "status": "True"}] * (items - 1)]
    containers: list[Any] = [{"name": "app", "restartCount": 1}] * items
    addresses: list[Any] = [{"type": "InternalIP", "address": "192.0.2.1"}] * items
    match kind:
        case _ if kind == POD:
            status = {"phase": "Running", "conditions": conditions, "containerStatuses": containers}
            return [_object(name, spec={"initContainers": containers}, status=status)]
        case _ if kind == NODE:
            return [_object(name, status={"conditions": conditions, "addresses": addresses})]
        case _ if kind == DEPLOYMENT:
            return [_object(name, spec={"replicas": 0}, status={"conditions": conditions})]
        case _:
            return []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ found: pods { nodes { name restarts reason } } }", [("a", 1, "Running"), ("b", MAX_ITEMS, "Running")]),
        ("{ found: nodes { nodes { name ready internalIP } } }", [(letter, True, "192.0.2.1") for letter in "ab"]),
        (
            "{ found: deployments { nodes { name rollout { complete } } } }",
            [(letter, {"complete": True}) for letter in "ab"],
        ),
        ('{ found: pods(orderBy: [{path: "restarts"}]) { nodes { name } } }', [("a",), ("b",)]),
    ],
)
async def test_an_object_of_long_lists_leaves_all_rows(ask: Ask, query: str, expected: list[Any]) -> None:
    one = ObjectsSender("one", lambda kind: _of_lists(kind, "a", 1))
    two = ObjectsSender("two", lambda kind: _of_lists(kind, "b", LONG))

    answer = (await ask(one, two)(query)).to_builtins()

    assert "errors" not in answer
    assert [tuple(node.values()) for node in answer["data"]["found"]["nodes"]] == expected


def _free(*keys: int) -> dict[str, Any]:
    return {"metadata": {"managedFields": [{"manager": "m", "fieldsV1": {f"f:{number}": {} for number in keys}}]}}


LARGE = range(25_000)
FIELDS = "metadata.managedFields.fieldsV1"


def _config_maps(*objects: JsonObject) -> Callable[[Kind], list[JsonObject]]:
    return lambda kind: [*objects] * (kind == CONFIG_MAP)


@pytest.mark.parametrize(
    ("path", "long"),
    [
        ("data.k", {"data": {"k": "M" * 150_000}}),
        ("metadata.annotations.k", {"metadata": {"annotations": {"k": "M" * 200_000}}}),
    ],
)
async def test_a_long_text_is_ordered_without_case(ask: Ask, path: str, long: dict[str, Any]) -> None:
    def short(text: str) -> dict[str, Any]:
        return {"data": {"k": text}, "metadata": {"annotations": {"k": text}}}

    one = ObjectsSender("one", _config_maps(_object("a", **short("Z")), _object("b", **short("a"))))
    two = ObjectsSender("two", _config_maps(_object("c", **long)))

    asking = ask(one, two)
    query = f'{{ configMaps(orderBy: [{{path: "{path}", ignoreCase: true}}]) {{ nodes {{ name }} }} }}'
    answer = (await asking(query)).to_builtins()

    assert answer == {"data": {"configMaps": {"nodes": [{"name": "b"}, {"name": "c"}, {"name": "a"}]}}}


async def test_large_json_equals_no_value_of_a_query(ask: Ask) -> None:
    one = ObjectsSender("one", _config_maps(_object("a", **_free(1))))
    two = ObjectsSender("two", _config_maps(_object("b", **_free(*LARGE))))
    where = f'{{path: "{FIELDS}", op: NE, value: "x"}}'

    answer = (await ask(one, two)(f"{{ configMaps(where: [{where}]) {{ nodes {{ name }} }} }}")).to_builtins()

    assert answer == {"data": {"configMaps": {"nodes": [{"name": "a"}, {"name": "b"}]}}}


async def test_large_json_is_in_groups_of_equal_values(ask: Ask) -> None:
    one = ObjectsSender("one", _config_maps(_object("a", **_free(1)), _object("b", **_free(*LARGE))))
    others = [_object("c", **_free(*reversed(LARGE))), _object("d", **_free(*LARGE[1:]))]
    two = ObjectsSender("two", _config_maps(*others))

    query = f'{{ configMaps {{ groups(by: ["{FIELDS}"]) {{ key count nodes {{ name }} }} }} }}'
    answer = (await ask(one, two)(query)).to_builtins()

    assert "errors" not in answer
    groups = answer["data"]["configMaps"]["groups"]
    found = sorted(([node["name"] for node in group["nodes"]], len(group["key"][0])) for group in groups)
    assert found == [(["a"], 1), (["b", "c"], len(LARGE)), (["d"], len(LARGE) - 1)]
