"""Lists with objects that were decoded in two ways: their rows have the same fields in the answer."""

from collections.abc import Callable

import pytest

from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject
from tests.graph.comparison import assert_same
from tests.graph.fleets import Asking
from tests.graph.senders import Objects, ObjectsSender

Ask = Callable[..., Asking]
ODD: JsonObject = {"metadata": {"name": "a", "namespace": "shop"}, "spec": {"nodeName": "n"}, "status": {"phase": 1.5}}
"""Its phase has no place in the class of both fields and open paths, so its page is decoded object by object."""
USUAL: JsonObject = {
    "metadata": {"name": "b", "namespace": "shop", "labels": {"app": "x"}},
    "spec": {"nodeName": "n", "more": {"a": 1}},
    "status": {"phase": "Running"},
}
FIELDS = "name metadata { namespace } spec { nodeName }"
PATHS = (
    'app: fields(path: "metadata.labels.app") more: fields(path: "spec.more.a") phase: fields(path: "status.phase.x")'
)


def _of(*pods: JsonObject) -> Objects:
    def objects(kind: Kind) -> list[JsonObject]:
        return [*pods] if kind == POD else []

    return objects


@pytest.mark.parametrize("lists", [[(ODD, USUAL)], [(USUAL, ODD)], [(ODD,), (USUAL,)]], ids=repr)
@pytest.mark.parametrize(
    "selected", [f"{FIELDS} {PATHS}", f"{PATHS} {FIELDS}", f"{FIELDS} {PATHS} health {{ status }}"]
)
async def test_paths_beside_fields_are_in_no_field(
    ask: Ask, lists: list[tuple[JsonObject, ...]], selected: str
) -> None:
    asking = ask(*(ObjectsSender(name, _of(*pods)) for name, pods in zip(("one", "two"), lists, strict=False)))
    query = f"{{ pods {{ nodes {{ {selected} }} }} }}"

    answer = await asking(query)

    assert_same(answer, await asking.ordinary(query))
    nodes = {node["name"]: node for node in answer.to_builtins()["data"]["pods"]["nodes"]}
    assert [*map(nodes["b"].get, ("metadata", "spec"))] == [{"namespace": "shop"}, {"nodeName": "n"}]
    assert [*map(nodes["b"].get, ("app", "more", "phase"))] == ["x", 1, None]
    assert [*map(nodes["a"].get, ("metadata", "spec"))] == [{"namespace": "shop"}, {"nodeName": "n"}]
