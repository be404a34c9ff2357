"""Links to kinds that the caller may not list, or whose lists fail: null and one error for a cluster."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import ObjectsSender

MAPS = by_paths(kinds.POD, kinds.CONFIG_MAP, "spec.volumes.configMap.name")
ACCOUNT = by_paths(kinds.POD, kinds.SERVICE_ACCOUNT, "spec.serviceAccountName")
CLAIM = by_paths(
    kinds.PERSISTENT_VOLUME,
    kinds.PERSISTENT_VOLUME_CLAIM,
    "spec.claimRef.name",
    namespace="spec.claimRef.namespace",
)
NAMESPACES = ("dark", "shop", "spare")
REFUSED = "cluster 'one': its RBAC does not allow to list"
Json = Any


def objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns in each namespace the pods `a` and `b`, which use the config map `m`, and `c`, which uses nothing."""
    if kind == kinds.NAMESPACE:
        return [{"metadata": {"name": name}} for name in NAMESPACES]
    if kind == kinds.PERSISTENT_VOLUME:
        return [
            {"metadata": {"name": f"v-{name}"}, "spec": {"claimRef": {"name": "m", "namespace": name}}}
            for name in NAMESPACES
        ]
    if kind == kinds.POD:
        return [_pod(namespace, name) for namespace in NAMESPACES for name in "abc"]
    if kind in {kinds.CONFIG_MAP, kinds.SERVICE_ACCOUNT, kinds.PERSISTENT_VOLUME_CLAIM}:
        return [{"metadata": {"namespace": name, "name": "m"}} for name in NAMESPACES]
    return []


def _pod(namespace: str, name: str) -> JsonObject:
    metadata: JsonObject = {"namespace": namespace, "name": name}
    if name == "c":
        return {"metadata": metadata, "spec": {}}
    volumes: JsonObject = {"serviceAccountName": "m", "volumes": [{"name": "v", "configMap": {"name": "m"}}]}
    return {"metadata": metadata, "spec": volumes}


@pytest.fixture(scope="module")
def asking(ask_with: Callable[..., Callable[..., Asking]]) -> Callable[..., Asking]:
    pods, maps, volumes = Family(kinds.POD), Family(kinds.CONFIG_MAP), Family(kinds.PERSISTENT_VOLUME)
    claims = Family(kinds.PERSISTENT_VOLUME_CLAIM)
    add_named(pods, MAPS, description="Its maps.", name="maps")
    add_named(pods, ACCOUNT, description="Its account.", name="account", shape=Shape.ONE)
    add_naming(maps, MAPS, description="Its pods.", name="users")
    add_named(volumes, CLAIM, description="Its claim.", name="theClaim", shape=Shape.ONE)
    add_named(volumes, CLAIM, description="Its claims.", name="theClaims")
    add_naming(claims, CLAIM, description="Its volumes.", name="theVolumes")
    return ask_with(pods, maps, volumes, claims)


def limited(kind: Kind, namespaces: Collection[str] = ()) -> LimitedSender:
    return LimitedSender(ObjectsSender("one", objects), {kind: namespaces})


def nodes(answer: Any, name: str = "pods") -> list[Json]:
    data: list[Json] = answer.to_builtins()["data"][name]["nodes"]
    return data


LINKS: Sequence[tuple[str, str, Kind, Json, Json]] = [
    ("pods", "maps { name }", kinds.CONFIG_MAP, [{"name": "m"}], []),
    ("pods", "account { name }", kinds.SERVICE_ACCOUNT, {"name": "m"}, None),
    ("configMaps", "users { nodes { name } }", kinds.POD, {"nodes": [{"name": "a"}, {"name": "b"}]}, None),
    ("configMaps", "users { totalCount }", kinds.POD, {"totalCount": 2}, None),
]
"""A list, a link, the kind to which it leads, its value, and that for a parent that names nothing."""


@pytest.mark.parametrize(("root", "link", "kind", "value", "nothing"), LINKS)
async def test_a_kind_that_may_be_listed_nowhere_is_null_and_one_error(
    asking: Callable[..., Asking], root: str, link: str, kind: Kind, value: Json, nothing: Json
) -> None:
    answer = await asking(limited(kind), ObjectsSender("two", objects))(
        f"{{ {root} {{ nodes {{ name cluster {{ name }} link: {link} }} }} }}"
    )

    assert [(error["path"][0], error["extensions"]["code"]) for error in answer.to_builtins()["errors"]] == [
        (root, "FORBIDDEN")
    ]
    assert str(answer.errors[0]["message"]).startswith(f"{REFUSED} {kind.plural}")
    for node in nodes(answer, root):
        if node["cluster"]["name"] == "two":
            assert node["link"] == (nothing if node["name"] == "c" else value)
        else:
            assert node["link"] in (None, nothing if node["name"] == "c" else None)


@pytest.mark.parametrize(("root", "link", "kind", "value", "nothing"), LINKS)
async def test_with_rights_in_one_namespace_its_parents_have_their_objects(
    asking: Callable[..., Asking], root: str, link: str, kind: Kind, value: Json, nothing: Json
) -> None:
    answer = await asking(limited(kind, ["shop"]))(f"{{ {root} {{ nodes {{ name namespace link: {link} }} }} }}")

    message = f"{REFUSED} {kind.plural} in 2 namespaces, such as dark."
    assert [error["message"] for error in answer.errors] == [message]
    for node in nodes(answer, root):
        is_seen = node["namespace"] == "shop"
        assert node["link"] == (nothing if node["name"] == "c" else value if is_seen else None)


@pytest.mark.parametrize(("root", "link", "kind", "value", "nothing"), LINKS)
@pytest.mark.parametrize("namespace", ["shop", "dark"])
async def test_few_parents_have_the_same_as_many(
    asking: Callable[..., Asking], root: str, link: str, kind: Kind, value: Json, nothing: Json, namespace: str
) -> None:
    answer = await asking(limited(kind, ["shop"]))(
        f'{{ {root}(namespaces: ["{namespace}"], first: 1) {{ nodes {{ link: {link} }} }} }}'
    )

    assert nothing in ([], None)
    assert nodes(answer, root) == [{"link": value if namespace == "shop" else None}]
    assert len(answer.errors) == (0 if namespace == "shop" else 1)


@pytest.mark.parametrize(("root", "link", "kind", "value", "nothing"), LINKS)
async def test_a_list_that_fails_is_null_and_one_error(
    asking: Callable[..., Asking], root: str, link: str, kind: Kind, value: Json, nothing: Json
) -> None:
    answer = await asking(ObjectsSender("one", objects, broken=[kind]), ObjectsSender("two", objects))(
        f"{{ {root} {{ nodes {{ name cluster {{ name }} link: {link} }} }} }}"
    )

    assert [error["extensions"]["code"] for error in answer.to_builtins()["errors"]] == ["CLUSTER_UNREACHABLE"]
    for node in nodes(answer, root):
        expected = nothing if node["name"] == "c" else value
        assert node["link"] == (expected if node["cluster"]["name"] == "two" else None)


async def test_objects_of_hidden_namespaces_that_are_named_are_one_error(asking: Callable[..., Asking]) -> None:
    sender = limited(kinds.PERSISTENT_VOLUME_CLAIM, ["shop"])

    answer = await asking(sender)("{ persistentVolumes { nodes { name theClaim { name } theClaims { name } } } }")

    assert nodes(answer, "persistentVolumes") == [
        {"name": "v-dark", "theClaim": None, "theClaims": None},
        {"name": "v-shop", "theClaim": {"name": "m"}, "theClaims": [{"name": "m"}]},
        {"name": "v-spare", "theClaim": None, "theClaims": None},
    ]
    message = f"{REFUSED} persistentvolumeclaims in 2 namespaces, such as dark."
    assert [error["message"] for error in answer.errors] == [message] * 2
    assert [error["path"][-1] for error in answer.to_builtins()["errors"]] == ["theClaim", "theClaims"]


async def test_a_parent_of_a_namespace_may_have_objects_of_the_whole_cluster(asking: Callable[..., Asking]) -> None:
    sender = limited(kinds.PERSISTENT_VOLUME_CLAIM, ["shop"])

    answer = await asking(sender)(
        "{ persistentVolumeClaims { nodes { namespace theVolumes { nodes { name } clusters { status } } } } }"
    )

    assert answer.errors == []
    volumes = {"nodes": [{"name": "v-shop"}], "clusters": [{"status": "OK"}]}
    assert nodes(answer, "persistentVolumeClaims") == [{"namespace": "shop", "theVolumes": volumes}]


async def test_a_condition_on_a_hidden_link_is_one_error(asking: Callable[..., Asking]) -> None:
    answer = await asking(limited(kinds.CONFIG_MAP, ["shop"]))(
        '{ pods(where: [{path: "maps.metadata.name", op: EQ, value: "m"}]) { nodes { namespace name } } }'
    )

    assert [(node["namespace"], node["name"]) for node in nodes(answer)] == [("shop", "a"), ("shop", "b")]
    message = f"{REFUSED} configmaps in 2 namespaces, such as dark."
    assert [(error["path"], error["message"]) for error in answer.errors] == [(["pods"], message)]


async def test_a_cluster_s_own_list_keeps_its_envelope(asking: Callable[..., Asking]) -> None:
    answer = await asking(limited(kinds.CONFIG_MAP))(
        "{ clusters { configMaps { totalCount clusters { status error { code } } } } }"
    )

    envelope = [{"status": "FORBIDDEN", "error": {"code": "FORBIDDEN"}}]
    assert answer.to_builtins()["data"] == {"clusters": [{"configMaps": {"totalCount": 0, "clusters": envelope}}]}
    assert [error["path"] for error in answer.errors] == [["clusters", 0, "configMaps"]]
