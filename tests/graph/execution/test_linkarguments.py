"""Arguments of links whose objects are named by others: they choose objects as in any list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

import pytest

from k8s.kinds.builtin import DAEMON_SET, ENDPOINT_SLICE, NODE, POD, SERVICE
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

NODES: Final = ("a", "b", "c", "d")
CHOSEN: Final = {"zone in (b,d)": "bd"} | {f"metadata.name={name}": name for name in NODES}


def _objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns a daemon set with pods on three of four nodes, and a service with endpoints there."""
    if kind == NODE:
        return [{"metadata": {"name": name, "labels": {"zone": name}}} for name in NODES]
    if kind in {DAEMON_SET, SERVICE}:
        return [{"metadata": {"namespace": "shop", "name": "x", "uid": "x"}, "spec": {}}]
    if kind == POD:
        reference: JsonObject = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "x", "uid": "x"}
        owner: JsonObject = {"ownerReferences": [{**reference, "controller": True}]}
        return [
            {"metadata": {"namespace": "shop", "name": name, **owner}, "spec": {"nodeName": name}} for name in "abc"
        ]
    if kind == ENDPOINT_SLICE:
        labels: JsonObject = {"kubernetes.io/service-name": "x"}
        endpoints: JsonObject = {"endpoints": [{"addresses": [], "nodeName": name} for name in "abc"]}
        return [{"metadata": {"namespace": "shop", "name": "x", "labels": labels}, **endpoints}]
    return []


@dataclass
class _Selecting(ObjectsSender):
    """An API server that knows the nodes that each selector chooses."""

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        query = dict(call.query)
        selector = query.get("labelSelector") or query.get("fieldSelector")
        if not call.path.endswith("/nodes") or selector is None:
            return await super().send(call, deadline, on_prefix=on_prefix)
        chosen = [node for node in _objects(NODE) if str(_metadata(node)["name"]) in CHOSEN[selector]]
        return await ObjectsSender(self.name, lambda _kind: chosen).send(call, deadline, on_prefix=on_prefix)


def _metadata(item: JsonObject) -> JsonObject:
    return cast(JsonObject, item["metadata"])


@pytest.mark.parametrize("parents", ["daemonSets", "services"])
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ("", ["a", "b", "c"]),
        ('(labelSelector: "zone in (b,d)")', ["b"]),
        ('(fieldSelector: "metadata.name=c")', ["c"]),
        ('(names: ["a", "c", "d"])', ["a", "c"]),
        ('(name: "d")', []),
    ],
)
async def test_arguments_choose_among_the_objects_that_are_named(
    ask: Callable[..., Asking], parents: str, arguments: str, names: Sequence[str]
) -> None:
    answer = await ask(_Selecting("one", _objects))(
        f"{{ {parents} {{ nodes {{ nodes{arguments} {{ totalCount nodes {{ name }} }} }} }} }}"
    )

    assert answer.errors == []
    assert answer.to_builtins()["data"] == {
        parents: {"nodes": [{"nodes": {"totalCount": len(names), "nodes": [{"name": name} for name in names]}}]}
    }
