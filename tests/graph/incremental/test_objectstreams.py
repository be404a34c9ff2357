"""`@stream` on lists of objects of any kinds: the same objects, sent as clusters answer."""

import json
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from graph.incremental.payloads import Payload, PayloadFormat
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.incremental.test_incremental import GatedSender
from tests.graph.merging import Merged
from tests.graph.senders import DownSender, Objects, ObjectsSender

Ask = Callable[..., Asking]
APPLICATION = Kind("argoproj.io", "v1alpha1", "Application", "applications")
SELECTED = 'cluster { name } kind name fields(path: "spec.size") ... on Pod { restarts }'
LATER = '... @defer { totalCount groups(by: ["kind"]) { key count } clusters { cluster { name } status } }'


def _objects(count: int) -> Objects:
    def objects(kind: Kind) -> list[JsonObject]:
        if kind not in (POD, APPLICATION):
            return []
        names = [f"{kind.plural[0]}{number}" for number in range(count)]
        return [{"metadata": {"name": name, "namespace": "shop"}, "spec": {"size": name}} for name in names]

    return objects


class LateLists(GatedSender):
    """A sender whose lists wait for a permit; discovery does not."""

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the answer, a list later."""
        if call.path in {"/api", "/apis"}:
            return await self.sender.send(call, deadline)
        return await super().send(call, deadline, on_prefix=on_prefix)


def _sender(name: str, count: int = 3, **options: Any) -> ObjectsSender:
    return ObjectsSender(name, _objects(count), **{"custom": (APPLICATION,), **options})


def _plain(payload: Payload) -> Any:
    return json.loads(payload.to_json(PayloadFormat.IDS))


async def _merged(asking: Asking, query: str, **options: Any) -> Merged:
    merged = Merged()
    async for payload in asking.deliver(query, **options):
        merged.add(_plain(payload))
    return merged


@pytest.mark.parametrize("root", ['objects(kind: "Application")', 'categories(names: ["all"])'])
async def test_objects_of_fast_clusters_come_first(ask: Ask, root: str) -> None:
    slow, merged = LateLists(_sender("a-slow-one")), Merged()
    query = f"{{ {root} {{ nodes @stream {{ {SELECTED} }} {LATER} }} }}"

    async with aclosing(ask(_sender("fast"), slow).deliver(query)) as payloads:
        for _ in range(2):
            merged.add(_plain(await anext(payloads)))
        field_name = root.partition("(")[0]
        early = [dict(row) for row in merged.data[field_name]["nodes"]]
        slow.gate.set()
        async for payload in payloads:
            merged.add(_plain(payload))

    assert {row["cluster"]["name"] for row in early} == {"fast"}
    whole = (await ask(_sender("fast"), _sender("a-slow-one"))(query)).to_builtins()["data"][field_name]
    nodes = sorted(merged.data[field_name].pop("nodes"), key=lambda node: node["cluster"]["name"])
    assert nodes == whole.pop("nodes")
    assert merged.data[field_name] == whole


@pytest.mark.parametrize(
    "arguments",
    [
        'where: [{path: "name", op: NE, value: "p1"}]',
        'where: [{path: "cluster.name", value: "two"}]',
        'namespaces: ["shop"]',
        'clusters: {names: ["one"]}',
    ],
)
async def test_a_streamed_list_has_the_objects_of_the_whole_one(ask: Ask, arguments: str) -> None:
    asking = ask(_sender("one"), _sender("two", broken=(APPLICATION,)), DownSender("three"), _sender("four", custom=()))
    query = f"""{{ categories(names: ["all"], {arguments}) {{
      edges @stream(initialCount: 1) {{ cursor node {{ {SELECTED} ... @defer {{ owner {{ name }} }} }} }}
      {LATER} }} }}"""

    merged, whole = await _merged(asking, query), (await asking(query)).to_builtins()

    def by_cluster(edge: Any) -> str:
        name: str = edge["node"]["cluster"]["name"]
        return name

    listed = merged.data["categories"]
    listed["edges"].sort(key=by_cluster)
    for edge in (*listed["edges"], *whole["data"]["categories"]["edges"]):
        edge.pop("cursor")  # that of a whole list may have a token
    assert listed == whole["data"]["categories"]
    assert sorted(error["message"] for error in merged.errors) == sorted(
        error["message"] for error in whole.get("errors", [])
    )


async def test_cursors_of_a_streamed_list_continue_the_whole_one(ask: Ask) -> None:
    asking = ask(_sender("one"), _sender("two"))
    merged = await _merged(
        asking, f'{{ categories(names: ["all"]) {{ edges @stream {{ cursor node {{ {SELECTED} }} }} }} }}'
    )
    edges = sorted(merged.data["categories"]["edges"], key=lambda edge: edge["node"]["cluster"]["name"])

    for place, edge in enumerate(edges):
        query = f'query ($after: String) {{ categories(names: ["all"], after: $after) {{ nodes {{ {SELECTED} }} }} }}'
        rest = (await asking(query, {"after": edge["cursor"]})).to_builtins()["data"]["categories"]["nodes"]
        assert rest == [one["node"] for one in edges[place + 1 :]]


@pytest.mark.parametrize(
    "arguments", ['orderBy: [{path: "name"}]', "first: 3", "minClusters: 1", 'resource: "pods", first: 2']
)
async def test_a_list_that_needs_all_clusters_at_once_is_sent_whole(ask: Ask, arguments: str) -> None:
    resource = "" if "resource" in arguments else 'kind: "Pod", '
    query = f"{{ objects({resource}{arguments}) {{ nodes @stream {{ name }} }} }}"
    asking = ask(_sender("one"), _sender("two"))

    (only,) = [_plain(payload) async for payload in asking.deliver(query)]

    assert only == {"data": (await asking(query)).to_builtins()["data"], "hasNext": False}


async def test_an_unknown_kind_is_an_error_of_the_first_payload(ask: Ask) -> None:
    (only,) = [
        _plain(payload)
        async for payload in ask(_sender("one")).deliver('{ objects(kind: "Nope") { nodes @stream { name } } }')
    ]

    assert only["data"] is None or only["data"] == {"objects": None}
    assert "No cluster serves a kind named 'Nope'" in only["errors"][0]["message"]


async def test_a_list_that_is_too_long_ends_its_stream(ask: Ask) -> None:
    merged = await _merged(
        ask(_sender("one", 4), _sender("two", 4)),
        '{ categories(names: ["all"]) { nodes @stream { name } } }',
        limits=OperationLimits(objects=10),
    )

    assert any("more than 10 objects" in error["message"] for error in merged.errors)
