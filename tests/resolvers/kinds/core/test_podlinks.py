"""Links of pods over a real API server, compared with a reading of the raw objects, and their requests."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from resolvers.kinds.core.podlinks import POD_LINKS
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.graph.fleets import FAR, Asking, fleet_of
from tests.graph.senders import ObjectsSender
from tests.resolvers.podpicture import HERE, THERE, Json, Lists, expected, objects

_MANY: Final = (
    "services",
    "endpointSlices",
    "endpoints",
    "networkPolicies",
    "podDisruptionBudgets",
    "horizontalPodAutoscalers",
)
_SOME: Final = ("persistentVolumeClaims", "configMaps", "secrets", "resourceClaims", "csiDrivers")
_ONE: Final = (
    "replicaSet",
    "deployment",
    "statefulSet",
    "daemonSet",
    "job",
    "cronJob",
    "replicationController",
    "serviceAccount",
    "priorityClass",
    "runtimeClass",
)
_TWO_LISTS: Final = {"deployment": 2, "cronJob": 2, "horizontalPodAutoscalers": 2}
_LINKS: Final = "\n".join(
    [*(f"{name} {{ nodes {{ name }} }}" for name in _MANY), *(f"{name} {{ name }}" for name in (*_SOME, *_ONE))]
)


@pytest.fixture(scope="module")
async def lists(alpha: Cluster) -> Lists:
    """Returns all objects of the namespaces and of the whole cluster, by plural."""
    kinds = {(one["apiVersion"], one["kind"]) for one in objects()}
    read = [kind for kind in BUILT_IN if (kind.api_version, kind.name) in kinds]
    await create_objects(alpha, objects())
    async with connect(alpha) as session:

        async def of(kind: Kind) -> Sequence[Json]:
            async with session.get(f"/api{'s' if kind.group else ''}/{kind.api_version}/{kind.plural}") as response:
                return list((await response.json())["items"])

        found = await asyncio.gather(*map(of, read))
    return {kind.plural: items for kind, items in zip(read, found, strict=True)}


@pytest.mark.controlplane
@pytest.mark.parametrize("namespaces", [(HERE, THERE), (THERE,)], ids=str)
async def test_links(real_fleet: TestFleet, lists: Lists, namespaces: Sequence[str]) -> None:
    chosen = ", ".join(f'"{name}"' for name in namespaces)
    query = f"""{{ pods(clusters: {{names: ["alpha"]}}, namespaces: [{chosen}]) {{ nodes {{
        name namespace {_LINKS} }} }} }}"""

    reply = await real_fleet.ask(query)

    assert reply.errors == ()
    found = {(pod["namespace"], pod["name"]): _names(pod) for pod in reply.data["pods"]["nodes"]}
    raw = [pod for pod in lists["pods"] if pod["metadata"]["namespace"] in namespaces]
    assert found == {(pod["metadata"]["namespace"], pod["metadata"]["name"]): dict(expected(pod, lists)) for pod in raw}


@pytest.mark.controlplane
async def test_a_pod_that_names_objects_in_every_way(real_fleet: TestFleet, lists: Lists) -> None:
    query = f"""{{ pod(cluster: "alpha", namespace: "{HERE}", name: "everything") {{ {_LINKS} }} }}"""

    reply = await real_fleet.ask(query)

    pod = _names(reply.data["pod"])
    assert pod["serviceAccount"] == "robot"
    assert pod["configMaps"] == ["all", "init", "one", "projected", "volume"]
    assert pod["secrets"] == ["all", "init", "one", "projected", "pull", "volume"]
    assert pod["persistentVolumeClaims"] == ["data", "everything-scratch"]
    assert pod["resourceClaims"] == ["gpu", "made-for-it"]
    assert pod["networkPolicies"] == pod["podDisruptionBudgets"] == ["absent", "empty", "not-in"]


def _names(pod: Json) -> dict[str, object]:
    many = {name: sorted(one["name"] for one in pod[name]["nodes"]) for name in _MANY}
    some = {name: sorted(one["name"] for one in pod[name]) for name in _SOME}
    return {**many, **some, **{name: pod[name] and pod[name]["name"] for name in _ONE}}


@pytest.mark.parametrize("link", POD_LINKS.members)
async def test_a_link_of_many_pods_is_one_request_for_each_kind(engine: Engine, link: str) -> None:
    sender = ObjectsSender("alpha", _many)
    fields = "nodes { name }" if link in _MANY else "name"

    answer = await Asking(engine, fleet_of([sender]))(f"{{ pods {{ nodes {{ {link} {{ {fields} }} }} }} }}", limits=FAR)

    assert not answer.errors
    calls = Counter(str(call.path) for call in sender.calls if call.path.count("/") > 2)
    assert calls.pop("/api/v1/pods") == 1
    assert (len(calls), {*calls.values()}) == (_TWO_LISTS.get(link, 1), {1})


def test_all_links_are_tested() -> None:
    assert {*POD_LINKS.members} == {*_MANY, *_SOME, *_ONE}


def _many(kind: Kind) -> Sequence[JsonObject]:
    """Returns pods that name many objects of each kind, and have controllers of each kind."""
    if kind.name != "Pod":
        return []
    return [_pod(index) for index in range(60)]


_OWNERS: Final = (
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("v1", "ReplicationController"),
)


def _pod(index: int) -> JsonObject:
    name = f"n-{index}"
    api_version, kind = _OWNERS[index % len(_OWNERS)]
    metadata: Any = {
        "name": name,
        "namespace": f"home-{index % 7}",
        "uid": name,
        "labels": {"app": name},
        "ownerReferences": [{"apiVersion": api_version, "kind": kind, "name": name, "uid": name, "controller": True}],
    }
    volumes: Any = [
        {"name": "a", "configMap": {"name": name}},
        {"name": "b", "secret": {"secretName": name}},
        {"name": "c", "persistentVolumeClaim": {"claimName": name}},
        {"name": "d", "csi": {"driver": name}},
    ]
    spec: Any = {
        "containers": [],
        "volumes": volumes,
        "serviceAccountName": name,
        "priorityClassName": name,
        "runtimeClassName": name,
        "resourceClaims": [{"name": "a", "resourceClaimName": name}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
