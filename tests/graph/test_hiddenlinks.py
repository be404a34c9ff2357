"""Links whose objects may be in any namespace, of callers who may list some namespaces only."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from k8s.kinds.builtin import (
    NODE,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    PRIORITY_CLASS,
    ROLE_BINDING,
    SERVICE_ACCOUNT,
    STORAGE_CLASS,
)
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
Json = Any

SUBJECT: JsonObject = {"kind": "ServiceAccount", "name": "robot", "namespace": "shop"}
SPECS: dict[Kind, JsonObject] = {
    PERSISTENT_VOLUME_CLAIM: {"spec": {"storageClassName": "a"}},
    POD: {"spec": {"nodeName": "a", "priorityClassName": "a"}},
    ROLE_BINDING: {"subjects": [SUBJECT], "roleRef": {"kind": "Role", "name": "r", "apiGroup": ""}},
    SERVICE_ACCOUNT: {},
}


def _objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns three cluster objects of some kinds, and an object in each of two namespaces of others."""
    if kind in {NODE, STORAGE_CLASS, PRIORITY_CLASS}:
        return [{"metadata": {"name": name, "uid": name}} for name in "abc"]
    if kind == SERVICE_ACCOUNT:
        return [{"metadata": {"namespace": "shop", "name": "robot", "uid": "robot"}}]
    if kind not in SPECS:
        return [{"metadata": {"name": name}} for name in ("dark", "shop")] if kind.name == "Namespace" else []
    return [_object(kind, home) for home in ("dark", "shop")]


def _object(kind: Kind, home: str) -> JsonObject:
    metadata: JsonObject = {"namespace": home, "name": "x", "uid": home}
    return {"metadata": metadata, **SPECS[kind]}


LINKS = {
    "storageClasses": ("persistentVolumeClaims", PERSISTENT_VOLUME_CLAIM),
    "serviceAccounts": ("roleBindings", ROLE_BINDING),
    "nodes": ("pods", POD),
    "priorityClasses": ("pods", POD),
}


@pytest.mark.parametrize("parents", LINKS)
@pytest.mark.parametrize("selected", ["totalCount", "nodes { name }", "totalCount clusters { status }"])
async def test_a_link_to_objects_in_any_namespace_is_null_and_one_error(ask: Ask, parents: str, selected: str) -> None:
    link, kind = LINKS[parents]
    sender = LimitedSender(ObjectsSender("one", _objects), {kind: ["shop"]})

    answer = await ask(sender)(f"{{ {parents} {{ nodes {{ name {link} {{ {selected} }} }} }} }}")

    data: Json = answer.to_builtins()["data"]
    assert [node[link] for node in data[parents]["nodes"]] == [None] * (1 if parents == "serviceAccounts" else 3)
    assert [(error["path"], error["message"]) for error in answer.errors] == [
        ([parents, "nodes", 0, link], f"cluster 'one': its RBAC does not allow to list {kind}.")
    ]


async def test_lists_of_clusters_and_of_namespaces_that_are_seen_stay(ask: Ask) -> None:
    sender = LimitedSender(ObjectsSender("one", _objects), {POD: ["shop"]})

    answer = await ask(sender)("{ clusters { pods { totalCount } } namespaces { nodes { pods { totalCount } } } }")

    data: Json = answer.to_builtins()["data"]
    assert data["clusters"] == [{"pods": {"totalCount": 1}}]
    assert data["namespaces"]["nodes"] == [{"pods": None}, {"pods": {"totalCount": 1}}]
    assert len(answer.errors) == 1


@pytest.mark.parametrize("arguments", ["", '(kinds: ["pods"])'])
async def test_owned_objects_that_may_be_hidden_are_unknown(ask: Ask, arguments: str) -> None:
    sender = LimitedSender(ObjectsSender("one", _objects), {POD: ["shop"]})

    answer = await ask(sender)(
        f"{{ nodes {{ nodes {{ owned{arguments} {{ name }} }} }} "
        f"persistentVolumeClaims {{ nodes {{ namespace owned{arguments} {{ name }} }} }} }}"
    )

    data: Json = answer.to_builtins()["data"]
    assert data["nodes"]["nodes"] == [{"owned": None}] * 3
    assert data["persistentVolumeClaims"]["nodes"] == [
        {"namespace": "dark", "owned": None},
        {"namespace": "shop", "owned": []},
    ]
    assert [error["path"] for error in answer.errors] == [
        ["nodes", "nodes", 0, "owned"],
        ["persistentVolumeClaims", "nodes", 0, "owned"],
    ]
