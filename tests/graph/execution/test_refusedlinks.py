"""Links through or to several kinds, of which the caller may not list one: null and one error, never a short list."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import ObjectsSender

NAMESPACES = ("dark", "shop")
LABELS: JsonObject = {"app": "web"}
ROLLOUT, CANARY = Kind("example.com", "v1", "Rollout", "rollouts"), Kind("example.com", "v1", "Canary", "canaries")
BIG_TEAM = 8
"""Autoscalers of a namespace whose targets are read by list, not by name."""
Json = Any
Ask = Callable[..., Asking]

SPECS: dict[Kind, JsonObject] = {
    kinds.SERVICE: {"selector": LABELS},
    kinds.NETWORK_POLICY: {"podSelector": {"matchLabels": LABELS}},
    kinds.POD_DISRUPTION_BUDGET: {"selector": {"matchLabels": LABELS}},
    kinds.DEPLOYMENT: {"selector": {"matchLabels": LABELS}, "template": {"metadata": {"labels": LABELS}}},
    kinds.STATEFUL_SET: {"selector": {"matchLabels": LABELS}, "template": {"metadata": {"labels": LABELS}}},
    kinds.INGRESS: {"defaultBackend": {"resource": {"kind": "ConfigMap", "name": "web"}}},
    kinds.HORIZONTAL_POD_AUTOSCALER: {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "maxReplicas": 3,
    },
    kinds.CONFIG_MAP: {},
    kinds.POD: {},
    ROLLOUT: {},
    CANARY: {},
}


def objects(kind: Kind) -> Sequence[JsonObject]:
    """Returns an object `web` of each kind in each namespace, and an ingress that sends requests to nothing."""
    if kind == kinds.NAMESPACE:
        return [{"metadata": {"name": name}} for name in NAMESPACES]
    if kind == kinds.CUSTOM_RESOURCE_DEFINITION:
        return [_definition(CANARY), _definition(ROLLOUT)]
    if kind not in SPECS:
        return []
    made = [_object(namespace, "web", SPECS[kind]) for namespace in NAMESPACES]
    return [*made, _object("shop", "idle", {})] if kind == kinds.INGRESS else made


def many(kind: Kind) -> Sequence[JsonObject]:
    """Returns many autoscalers in each namespace, each of a deployment of its own."""
    if kind == kinds.DEPLOYMENT:
        return [_object(namespace, name, SPECS[kind]) for namespace in NAMESPACES for name in _names()]
    if kind == kinds.HORIZONTAL_POD_AUTOSCALER:
        return [
            _object(
                namespace,
                name,
                {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}},
            )
            for namespace in NAMESPACES
            for name in _names()
        ]
    return objects(kind)


def _names() -> Sequence[str]:
    return [f"web-{number}" for number in range(BIG_TEAM)]


def _object(namespace: str, name: str, spec: JsonObject, **metadata: JsonValue) -> JsonObject:
    return {"metadata": {"namespace": namespace, "name": name, "labels": LABELS, **metadata}, "spec": spec}


def _definition(kind: Kind) -> JsonObject:
    versions: list[JsonValue] = [{"name": kind.version, "served": True, "storage": True}]
    names: JsonObject = {"kind": kind.name, "plural": kind.plural}
    spec: JsonObject = {"group": kind.group, "scope": "Namespaced", "names": names, "versions": versions}
    return {"metadata": {"name": f"{kind.plural}.{kind.group}"}, "spec": spec}


def limited(kind: Kind, *namespaces: str, made: Callable[[Kind], Sequence[JsonObject]] = objects) -> LimitedSender:
    return LimitedSender(ObjectsSender("one", made, custom=[ROLLOUT, CANARY]), {kind: namespaces})


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(error["extensions"]["code"], error["path"][-1]) for error in answer.to_builtins().get("errors", ())]


def values(answer: Any, root: str) -> Json:
    """Returns the link of each object, by cluster, namespace and name."""
    return {
        (node["cluster"]["name"], node["namespace"], node["name"]): node["link"]
        for node in answer.to_builtins()["data"][root]["nodes"]
    }


WEB = [{"name": "web"}]
LINKS: Sequence[tuple[str, str, Kind, Json]] = [
    ("services", "workloads { name }", kinds.DEPLOYMENT, WEB * 2),
    ("networkPolicies", "workloads { name }", kinds.STATEFUL_SET, WEB * 2),
    ("podDisruptionBudgets", "workloads { name }", kinds.DEPLOYMENT, WEB * 2),
    ("ingresses", "resourceBackends { name }", kinds.CONFIG_MAP, WEB),
    (
        "horizontalPodAutoscalers",
        "pods { totalCount nodes { name } }",
        kinds.DEPLOYMENT,
        {"totalCount": 1, "nodes": WEB},
    ),
]
"""A list, a link, a kind that it reads, and its value."""


@pytest.mark.parametrize(("root", "link", "kind", "value"), LINKS)
@pytest.mark.parametrize("namespaces", [(), ("shop",)], ids=["nowhere", "shop"])
async def test_objects_that_may_not_be_listed_are_null_and_one_error(
    ask: Ask, root: str, link: str, kind: Kind, value: Json, namespaces: Collection[str]
) -> None:
    answer = await ask(limited(kind, *namespaces), ObjectsSender("two", objects))(
        f"{{ {root} {{ nodes {{ namespace name cluster {{ name }} link: {link} }} }} }}"
    )

    assert errors(answer) == [("FORBIDDEN", "link")]
    for (cluster, namespace, name), found in values(answer, root).items():
        if name == "idle":
            assert found == []
        else:
            assert found == (value if cluster == "two" or namespace in namespaces else None)


@pytest.mark.parametrize(("root", "link", "kind", "value"), LINKS)
async def test_a_list_that_fails_is_null_and_one_error(ask: Ask, root: str, link: str, kind: Kind, value: Json) -> None:
    answer = await ask(ObjectsSender("one", objects, broken=[kind]), ObjectsSender("two", objects))(
        f"{{ {root} {{ nodes {{ namespace name cluster {{ name }} link: {link} }} }} }}"
    )

    assert errors(answer) == [("CLUSTER_UNREACHABLE", "link")]
    for (cluster, _namespace, name), found in values(answer, root).items():
        if name == "idle":
            assert found == []
        else:
            assert found == (value if cluster == "two" else None)


async def test_the_pods_of_many_autoscalers_with_hidden_targets_are_null(ask: Ask) -> None:
    answer = await ask(limited(kinds.DEPLOYMENT, "shop", made=many))(
        "{ horizontalPodAutoscalers { nodes { namespace name cluster { name } link: pods { totalCount } } } }"
    )

    assert errors(answer) == [("FORBIDDEN", "link")]
    found = values(answer, "horizontalPodAutoscalers")
    assert len(found) == 2 * BIG_TEAM
    for (_cluster, namespace, _name), pods in found.items():
        assert pods == ({"totalCount": 1} if namespace == "shop" else None)


async def test_objects_of_a_custom_kind_that_may_be_listed_in_some_namespaces_are_null_and_one_error(ask: Ask) -> None:
    sender = LimitedSender(ObjectsSender("one", objects, custom=[ROLLOUT, CANARY]), {ROLLOUT: ["shop"]})

    answer = await ask(sender)("{ customResourceDefinitions { nodes { name objects(first: 5) { name } } } }")

    assert answer.to_builtins()["data"]["customResourceDefinitions"]["nodes"] == [
        {"name": "canaries.example.com", "objects": WEB * 2},
        {"name": "rollouts.example.com", "objects": None},
    ]
    assert errors(answer) == [("FORBIDDEN", "objects")]
    assert str(answer.errors[0]["message"]).startswith("cluster 'one': its RBAC does not allow to list rollouts")


async def test_each_custom_kind_that_may_be_listed_in_some_namespaces_is_an_error(ask: Ask) -> None:
    limits = {ROLLOUT: NAMESPACES, CANARY: NAMESPACES}

    answer = await ask(LimitedSender(ObjectsSender("one", objects, custom=[ROLLOUT, CANARY]), limits))(
        "{ customResourceDefinitions { nodes { objects(first: 5) { name } } } }"
    )

    assert answer.to_builtins()["data"]["customResourceDefinitions"]["nodes"] == [{"objects": None}] * 2
    assert errors(answer) == [("FORBIDDEN", "objects")] * 2


async def test_the_first_objects_of_a_custom_kind_are_one_page(ask: Ask) -> None:
    sender = ObjectsSender("one", objects, custom=[ROLLOUT, CANARY])

    answer = await ask(sender)("{ customResourceDefinitions { nodes { objects(first: 1) { name } } } }")

    assert answer.to_builtins()["data"]["customResourceDefinitions"]["nodes"] == [{"objects": WEB}] * 2
    calls = [call for call in sender.calls if call.path.endswith("/rollouts")]
    assert [dict(call.query)["limit"] for call in calls] == ["1"]


@pytest.mark.parametrize("member", ["objectCount", "objects(first: 1) { name }"])
@pytest.mark.parametrize(("requests", "is_sent"), [(2, False), (3, True)])
async def test_a_request_for_each_definition_counts_towards_the_limit(
    ask: Ask, member: str, requests: int, is_sent: bool
) -> None:
    sender = ObjectsSender("one", objects, custom=[ROLLOUT, CANARY])

    answer = await ask(sender)(
        f"{{ customResourceDefinitions {{ nodes {{ member: {member} }} }} }}", limits=OperationLimits(requests=requests)
    )

    sent = [call.path for call in sender.calls if call.path.endswith(("/rollouts", "/canaries"))]
    assert bool(sent) is is_sent
    if not is_sent:
        assert {code for code, _name in errors(answer)} == {"LIMIT_EXCEEDED"}
        assert answer.to_builtins()["data"] == {"customResourceDefinitions": {"nodes": [{"member": None}] * 2}}


OWNERS: Sequence[JsonValue] = [
    {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "s", "controller": True},
    {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": True},
]


def referring(kind: Kind) -> Sequence[JsonObject]:
    """Returns pods, each with an owner of another kind, and ingresses with backends of two kinds."""
    if kind == kinds.POD:
        return [_object("shop", f"p{place}", {}, ownerReferences=[owner]) for place, owner in enumerate(OWNERS)]
    if kind == kinds.INGRESS:
        backends: list[JsonObject] = [{"resource": {"kind": name, "name": "web"}} for name in ("ConfigMap", "Secret")]
        return [_object("shop", f"i{place}", {"defaultBackend": one}) for place, one in enumerate(backends)]
    return []


@pytest.mark.parametrize(
    ("root", "link", "plurals"),
    [
        ("pods", "owner { name uid: metadata { uid } }", ("/statefulsets", "/deployments")),
        ("ingresses", "resourceBackends { name }", ("/configmaps", "/secrets")),
    ],
)
@pytest.mark.parametrize(("requests", "is_sent"), [(2, False), (3, True)])
async def test_a_list_for_each_kind_that_objects_name_counts_towards_the_limit(
    ask: Ask, root: str, link: str, plurals: tuple[str, ...], requests: int, is_sent: bool
) -> None:
    sender = ObjectsSender("one", referring)

    answer = await ask(sender)(
        f"{{ {root} {{ nodes {{ link: {link} }} }} }}", limits=OperationLimits(requests=requests)
    )

    assert any(call.path.endswith(plurals) for call in sender.calls) is is_sent
    if not is_sent:
        assert errors(answer) == [("LIMIT_EXCEEDED", "link")]
        assert answer.to_builtins()["data"] == {root: {"nodes": [{"link": None}] * 2}}
