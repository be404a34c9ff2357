"""Elements picked in the free JSON of a typed kind, as in the JSON of objects without a type."""

from collections.abc import Callable
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from tests.controlplane.json_object import JsonObject
from tests.graph.comparison import assert_same
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
REVISION = next(kind for kind in BUILT_IN if kind.name == "ControllerRevision")
UNTYPED = Kind("acme.example", "v1", "Revision", "revisions")
NAMES = "abcde"
DATA: list[Any] = [
    {"spec": {"containers": [{"name": "main", "image": "x", "port": 80}, {"name": "side", "image": "y"}]}},
    {"spec": {"containers": [{"name": "side", "image": "x"}, {"name": "main", "image": "y", "port": "80"}]}},
    {"spec": {"containers": [{"name": "main", "env": [{"key": "k", "value": 2}]}, None, 7]}},
    {"spec": {"containers": {"name": "main", "image": "x"}}},
    None,
]


def _objects(kind: Kind) -> list[JsonObject]:
    if kind not in (REVISION, UNTYPED):
        return []
    return [
        {"metadata": {"name": name, "namespace": "shop"}, "data": data, "revision": 1}
        for name, data in zip(NAMES, DATA, strict=True)
    ]


@pytest.mark.parametrize("kind", [REVISION, UNTYPED], ids=str)
@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('{path: "data.spec.containers[name=main].image", value: "x"}', "a"),
        ('{path: "data.spec.containers[name=main].image", op: EXISTS}', "ab"),
        ('{path: "data.spec.containers[name=main].env[key=k].value", op: GE, value: 2}', "c"),
        ('{path: "data.spec.containers[port=80].image", op: IN, value: ["x", "y"]}', "ab"),
        ('{path: "data.spec.containers[name=none].image", op: NOT_EXISTS}', NAMES),
        ('{path: "data.spec.containers[name=side]", op: EXISTS}', "ab"),
        ('{path: "data[name=main].spec", op: EXISTS}', ""),
        ('{path: "data.spec.containers[name=main].image", valuePath: "data.spec.containers[name=side].image"}', ""),
    ],
)
async def test_a_condition_picks_the_element(ask: Ask, kind: Kind, where: str, names: str) -> None:
    asking = ask(ObjectsSender("one", _objects, custom=(UNTYPED,)))
    query = f'{{ objects(resource: "{kind.plural}", where: [{where}]) {{ nodes {{ name }} }} }}'

    answer = await asking(query)
    assert_same(answer, await asking.ordinary(query))

    assert answer.errors == []
    assert "".join(node["name"] for node in answer.to_builtins()["data"]["objects"]["nodes"]) == names


@pytest.mark.parametrize("kind", [REVISION, UNTYPED], ids=str)
async def test_orders_and_groups_pick_it(ask: Ask, kind: Kind) -> None:
    asking = ask(ObjectsSender("one", _objects, custom=(UNTYPED,)))
    path = "data.spec.containers[name=main].image"

    answer = await asking(
        f"""{{ objects(resource: "{kind.plural}", orderBy: [{{path: "{path}", direction: DESC}}]) {{
        nodes {{ name }} groups(by: ["{path}"]) {{ key count }} }} }}"""
    )

    listed = answer.to_builtins()["data"]["objects"]
    assert [node["name"] for node in listed["nodes"]][:2] == ["b", "a"]
    assert [(group["key"], group["count"]) for group in listed["groups"]] == [([None], 3), (["x"], 1), (["y"], 1)]


async def test_an_element_is_not_picked_by_a_masked_value(engine: Engine) -> None:
    masking = Masking(masked_paths("apps/ControllerRevision:data.spec.containers.image"))
    asking = Asking(engine, fleet_of([ObjectsSender("one", _objects)], masking=masking), masking=masking)

    for path in ("data.spec.containers[image=x].name", "data.spec.containers[name=main].image"):
        answer = await asking(f'{{ controllerRevisions(where: [{{path: "{path}", op: EXISTS}}]) {{ totalCount }} }}')
        assert "is masked" in str(answer.errors[0]["message"])
