"""Owners by one rule, and the same links for few parents as for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.engine import Engine
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of

Json = Any

API_VERSIONS = ("apps/v1", "apps/v1beta2", "extensions/v1beta1", "v1", "argoproj.io/v1alpha1", "apps/v1/x", "", None)
NAMESPACES = ("a", "b")
NAMES = ("d", "e")
UIDS = ("u1", "u2", "u3", "", None)
LINKS = {
    "pods": "owner { __typename name namespace metadata { uid } } replicaSet { name metadata { uid } } "
    "deployment { name metadata { uid } } node { name metadata { uid } } events { nodes { name namespace } }",
    "replicaSets": "owner { __typename name namespace } events { nodes { name namespace } }",
    "deployments": "owner { name } replicaSets { nodes { name namespace } } pods { nodes { name namespace } }",
    "nodes": "owner { name } pods { nodes { name namespace } } events { nodes { name namespace } }",
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Returns the engine, ready to execute."""
    return Engine()


@pytest.mark.slow
@settings(max_examples=20)
@given(st.integers(0, 2**32))
async def test_few_parents_have_the_links_that_many_have(engine: Engine, seed: int) -> None:
    random = Random(seed)  # noqa: S311  not for cryptography
    asking = _asking(engine, _objects(random))

    lists = (f"{kind} {{ nodes {{ namespace name {links} }} }}" for kind, links in LINKS.items())
    many = await _nodes(asking, f"{{ {' '.join(lists)} }}")
    few = {f"{kind}{place}": row for kind, rows in many.items() for place, row in enumerate(random.sample(rows, 2))}
    lists = (_one(alias, row) for alias, row in few.items())

    assert await _nodes(asking, f"{{ {' '.join(lists)} }}") == {alias: [row] for alias, row in few.items()}


@pytest.mark.parametrize(
    ("reference", "namespace", "is_owned"),
    [
        ({}, "a", True),
        ({"apiVersion": "extensions/v1beta1"}, "a", True),
        ({"apiVersion": "apps/v1beta2"}, "a", True),
        ({"apiVersion": "argoproj.io/v1alpha1"}, "a", False),
        ({"kind": "StatefulSet"}, "a", False),
        ({"name": "another"}, "a", False),
        ({"uid": "another"}, "a", False),
        ({"controller": False}, "a", False),
        ({}, "b", False),
    ],
)
@pytest.mark.parametrize("others", [0, 9], ids=["few", "many"])
async def test_an_owner_agrees_in_kind_namespace_name_and_uid(
    engine: Engine, reference: JsonObject, namespace: str, is_owned: bool, others: int
) -> None:
    to_set = _reference("ReplicaSet", "s", "us") | reference
    asking = _asking(
        engine,
        [
            _object("apps/v1", "Deployment", "d", namespace="a", uid="ud"),
            _object("apps/v1", "ReplicaSet", "s", namespace="a", uid="us", owner=_reference("Deployment", "d", "ud")),
            _object("v1", "Pod", "p", namespace=namespace, uid="up", owner=to_set),
            *(_object("v1", "Pod", f"q{number}", namespace="c", uid=f"uq{number}") for number in range(others)),
        ],
    )

    data = await _nodes(
        asking,
        "{ pods { nodes { name owner { name } replicaSet { name } deployment { name } } } "
        "deployments { nodes { pods { nodes { name } } } } }",
    )

    (pod,) = (pod for pod in data["pods"] if pod["name"] == "p")
    expected = {"name": "s"} if is_owned else None
    assert pod == {"name": "p", "owner": expected, "replicaSet": expected, "deployment": expected and {"name": "d"}}
    assert data["deployments"] == [{"pods": {"nodes": [{"name": "p"}] if is_owned else []}}]


async def test_an_object_of_the_whole_cluster_has_no_owner_in_a_namespace(engine: Engine) -> None:
    owned = _object("v1", "Node", "n", uid="un", owner=_reference("Deployment", "d", "ud"))
    asking = _asking(engine, [owned, _object("apps/v1", "Deployment", "d", namespace="a", uid="ud")])

    assert await _nodes(asking, "{ nodes { nodes { owner { name } } } }") == {"nodes": [{"owner": None}]}


async def test_an_event_is_in_the_namespace_of_its_object(engine: Engine) -> None:
    about: JsonObject = {"involvedObject": {"kind": "Pod", "namespace": "a", "name": "p"}}
    asking = _asking(
        engine,
        [
            *(_object("v1", "Event", "e", namespace=namespace) | about for namespace in NAMESPACES),
            *(_object("v1", "Pod", name, namespace=namespace) for name, namespace in ("pa", "qa", "ra", "sb")),
        ],
    )

    pods = await _nodes(asking, "{ pods { nodes { name events { nodes { namespace } } } } }")

    assert pods["pods"][0] == {"name": "p", "events": {"nodes": [{"namespace": "a"}]}}


def _objects(random: Random) -> list[JsonObject]:
    """Returns objects that refer to each other at random."""
    objects = [_object("v1", "Node", name, uid=random.choice(UIDS)) for name in NAMES]
    for kind in ("Deployment", "ReplicaSet", "StatefulSet"):
        for namespace in NAMESPACES:
            for name in NAMES:
                owner = _random_reference(random)
                uid = random.choice(UIDS)
                objects.append(_object("apps/v1", kind, name, namespace=namespace, uid=uid, owner=owner))
    for number in range(8):
        pod = _object("v1", "Pod", f"p{number}", namespace=random.choice(NAMESPACES), owner=_random_reference(random))
        objects.append(pod | {"spec": {"nodeName": random.choice((*NAMES, "gone"))}})
    for number in range(12):
        event = _object("v1", "Event", f"e{number}", namespace=random.choice(NAMESPACES))
        subject: JsonObject = {
            "kind": random.choice(("Pod", "Node", "ReplicaSet")),
            "namespace": random.choice((*NAMESPACES, "", None)),
            "name": random.choice((*NAMES, "p0", "p1")),
            "uid": random.choice(UIDS),
        }
        objects.append(event | {"involvedObject": subject})
    return objects


def _random_reference(random: Random) -> JsonObject:
    kind, name, uid = (
        random.choice(("ReplicaSet", "Deployment", "Node", "Rollout")),
        random.choice(NAMES),
        random.choice(UIDS),
    )
    group = random.choice(API_VERSIONS)
    return {
        "apiVersion": group,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": random.choice((True, True, False, None)),
    }


def _reference(kind: str, name: str, uid: str) -> JsonObject:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": True}


def _object(
    api_version: str,
    kind: str,
    name: str,
    *,
    namespace: str | None = None,
    uid: str | None = None,
    owner: JsonObject | None = None,
) -> JsonObject:
    metadata: JsonObject = {"name": name, "uid": uid}
    metadata |= {"namespace": namespace} if namespace is not None else {}
    metadata |= {"ownerReferences": [owner]} if owner is not None else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _one(alias: str, row: Json) -> str:
    kind = alias.rstrip("0123456789")
    conditions = [f'{{path: "name", value: "{row["name"]}"}}']
    conditions += [f'{{path: "namespace", value: "{row["namespace"]}"}}'] if row["namespace"] else []
    return f"{alias}: {kind}(where: [{', '.join(conditions)}]) {{ nodes {{ namespace name {LINKS[kind]} }} }}"


def _asking(engine: Engine, objects: Iterable[JsonObject]) -> Asking:
    return Asking(engine, fleet_of([SnapshotSender("alpha", SnapshotApi(StaticContent(objects)))]))


async def _nodes(asking: Asking, query: str) -> dict[str, Sequence[Json]]:
    """Returns the objects of each list of a query."""
    answer = await asking(query)
    assert not answer.errors
    return {name: found["nodes"] for name, found in answer.to_builtins()["data"].items()}
