"""Pages of links whose objects are not in the order by identity: no object is left out, and none comes twice."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from k8s.kinds.builtin import DAEMON_SET, DEPLOYMENT, NODE, PERSISTENT_VOLUME_CLAIM, POD, REPLICA_SET, STATEFUL_SET
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

PARENTS: Final = (DAEMON_SET, DEPLOYMENT, STATEFUL_SET)
SELECTOR: Final[JsonObject] = {"matchLabels": {"app": "a"}}
NAMES: Final = ("b", "d", "a", "c")
LINKS: Final = [
    ("daemonSets", "nodes"),
    ("deployments", "oldReplicaSets"),
    ("statefulSets", "persistentVolumeClaims"),
]


def _objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns workloads, and objects whose ages, nodes or templates are in another order than their names."""
    if kind in PARENTS:
        templates: Any = [{"metadata": {"name": name}} for name in ("z", "y", "x", "w")]
        template: JsonObject = {"metadata": {"labels": {"app": "a"}}}
        spec: JsonObject = {"selector": SELECTOR, "template": template, "volumeClaimTemplates": templates}
        return [_object("a", spec, uid=str(kind))]
    if kind == NODE:
        return [{"metadata": {"name": name, "labels": {"odd": name}}} for name in sorted(NAMES)]
    if kind == POD:
        return [_object(f"p{at}", {"nodeName": name}, owner=DAEMON_SET) for at, name in enumerate(NAMES)]
    if kind == REPLICA_SET:
        made = [(name, f"2026-01-0{at + 1}T00:00:00Z") for at, name in enumerate(NAMES)]
        return [_object(name, {}, owner=DEPLOYMENT, creationTimestamp=time) for name, time in sorted(made)]
    if kind == PERSISTENT_VOLUME_CLAIM:
        return [_object(f"{name}-a-{ordinal}", {}) for name in "wxyz" for ordinal in (0, 1)]
    return []


def _object(name: str, spec: JsonObject, owner: Kind | None = None, **metadata: str) -> JsonObject:
    own: JsonObject = {"namespace": "shop", "name": name, "uid": name, "labels": {"app": "a"}, **metadata}
    if owner is not None:
        reference: JsonObject = {"apiVersion": owner.api_version, "kind": owner.name, "name": "a", "controller": True}
        own["ownerReferences"] = [{**reference, "uid": str(owner)}]
    return {"metadata": own, "spec": spec}


@pytest.mark.parametrize(("parents", "link"), LINKS)
@pytest.mark.parametrize("first", [1, 3])
@pytest.mark.parametrize("order", ["", ', orderBy: [{path: "kind"}]'])
async def test_page_by_page_it_is_all_of_it(
    ask: Callable[..., Asking], parents: str, link: str, first: int, order: str
) -> None:
    asking = ask(ObjectsSender("one", _objects))
    query = f"""query ($after: String, $first: Int) {{ {parents} {{ nodes {{
        {link}(first: $first, after: $after{order}) {{ nodes {{ name }} pageInfo {{ hasNextPage endCursor }} }}
        }} }} }}"""
    whole = await asking(f"{{ {parents} {{ nodes {{ {link} {{ nodes {{ name }} }} }} }} }}")
    names, after, has_next = list[str](), None, True

    while has_next:
        page = _link(await asking(query, {"first": first, "after": after}), parents, link)
        assert page["nodes"]
        names += [node["name"] for node in page["nodes"]]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert names == sorted(node["name"] for node in _link(whole, parents, link)["nodes"])
    assert len(names) >= 4


async def test_cursors_of_the_whole_list_are_those_of_its_pages(ask: Callable[..., Asking]) -> None:
    asking = ask(ObjectsSender("one", _objects))
    edges = "edges { cursor node { name } }"
    whole = await asking(f"{{ deployments {{ nodes {{ oldReplicaSets {{ {edges} }} }} }} }}")
    first, *others = _link(whole, "deployments", "oldReplicaSets")["edges"]

    query = f"query ($after: String) {{ deployments {{ nodes {{ oldReplicaSets(after: $after) {{ {edges} }} }} }} }}"
    rest = await asking(query, {"after": first["cursor"]})

    assert [edge["node"] for edge in _link(rest, "deployments", "oldReplicaSets")["edges"]] == [
        edge["node"] for edge in others
    ]


async def test_without_pages_the_oldest_is_first(ask: Callable[..., Asking]) -> None:
    answer = await ask(ObjectsSender("one", _objects))(
        "{ deployments { nodes { oldReplicaSets { nodes { name } } } } }"
    )

    assert [one["name"] for one in _link(answer, "deployments", "oldReplicaSets")["nodes"]] == [*NAMES]


def _link(answer: Any, parents: str, link: str) -> Any:
    assert answer.errors == []
    (parent,) = answer.to_builtins()["data"][parents]["nodes"]
    return parent[link]
