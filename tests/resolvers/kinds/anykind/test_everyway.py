"""The members of one object of a custom kind with a type, in every way that leads to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.arguments.globalids import object_id
from tests.graph.customtypes import open_source
from tests.graph.fleets import Asking, fleet_of
from tests.resolvers.links.owning import PLATFORM, ROLLOUT, Json, cluster_with, object_of, reference

ID: Final = object_id("id-snap", ROLLOUT, "shop", "canary")
MEMBERS: Final = """
    kind name apiVersion owner { kind name } owners { kind name } owned(kinds: ["po", "rs"]) { kind name }
    events { nodes { name } } condition(type: "ready") { status reason message since } health { status message }
    columns { name value } managedBy { tool name namespace } deletion { since finalizers }
    size: fields(path: "spec.size") manifest text: manifest(format: YAML)
"""
CONDITION: Final = {"type": "Ready", "status": "False", "reason": "Waiting", "message": "It waits."}
WAYS: Final[dict[str, tuple[str, Callable[[Json], Json]]]] = {
    "list": (f"{{ argoprojRollouts {{ nodes {{ {MEMBERS} }} }} }}", lambda data: data["argoprojRollouts"]["nodes"][0]),
    "single": (
        f'{{ argoprojRollout(cluster: "snap", namespace: "shop", name: "canary") {{ {MEMBERS} }} }}',
        lambda data: data["argoprojRollout"],
    ),
    "objects": (
        f'{{ objects(resource: "rollouts") {{ nodes {{ {MEMBERS} }} }} }}',
        lambda data: data["objects"]["nodes"][0],
    ),
    "cluster": (
        f"{{ clusters {{ argoprojRollouts {{ nodes {{ {MEMBERS} }} }} }} }}",
        lambda data: data["clusters"][0]["argoprojRollouts"]["nodes"][0],
    ),
    "object": (f'{{ object(id: "{ID}") {{ {MEMBERS} }} }}', lambda data: data["object"]),
    "owner": (f"{{ pods {{ nodes {{ owner {{ {MEMBERS} }} }} }} }}", lambda data: data["pods"]["nodes"][0]["owner"]),
    "owned": (
        f'{{ objects(resource: "platforms") {{ nodes {{ owned(kinds: ["rollouts"]) {{ {MEMBERS} }} }} }} }}',
        lambda data: data["objects"]["nodes"][0]["owned"][0],
    ),
    "entity": (
        f'{{ _entities(representations: [{{__typename: "ArgoprojRollout", id: "{ID}"}}]) {{ '
        f"... on ArgoprojRollout {{ {MEMBERS} }} }} }}",
        lambda data: data["_entities"][0],
    ),
    "interface": (
        f'{{ _entities(representations: [{{__typename: "KubernetesObject", id: "{ID}"}}]) {{ '
        f"... on KubernetesObject {{ {MEMBERS} }} }} }}",
        lambda data: data["_entities"][0],
    ),
}


def _rollout() -> Json:
    rollout = object_of(ROLLOUT, "canary", reference(PLATFORM, "base"), reference(PLATFORM, "gone", controller=False))
    rollout["metadata"] |= {
        "generation": 2,
        "deletionTimestamp": "2026-11-30T08:00:30Z",
        "deletionGracePeriodSeconds": 30,
        "finalizers": ["example.com/wait"],
        "managedFields": [{"manager": "kubectl-create"}],
    }
    return rollout | {"spec": {"size": 3}, "status": {"conditions": [CONDITION]}}


EXPECTED: Final[Json] = {
    "kind": "Rollout",
    "name": "canary",
    "apiVersion": "argoproj.io/v1alpha1",
    "owner": {"kind": "Platform", "name": "base"},
    "owners": [{"kind": "Platform", "name": "base"}],
    "owned": [{"kind": "Pod", "name": "p"}],
    "events": {"nodes": [{"name": "e"}]},
    "condition": {"status": "False", "reason": "Waiting", "message": "It waits.", "since": None},
    "health": {"status": "Terminating", "message": "Resource scheduled for deletion"},
    "columns": [{"name": "Name", "value": "canary"}, {"name": "Age", "value": None}],
    "managedBy": None,
    "deletion": {"since": "2026-11-30T08:00:00Z", "finalizers": ["example.com/wait"]},
    "size": 3,
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Returns an engine whose custom kinds have types."""
    return Engine(types=open_source({"snap": (ROLLOUT, PLATFORM)}))


@pytest.fixture
def asking(engine: Engine) -> Asking:
    """Returns a fleet of one cluster."""
    subject = {"apiVersion": ROLLOUT.api_version, "kind": "Rollout", "namespace": "shop", "name": "canary"}
    cluster = cluster_with(
        [
            _rollout(),
            object_of(PLATFORM, "base"),
            object_of(kinds.EVENT, "e") | {"involvedObject": subject},
            object_of(kinds.POD, "p", reference(ROLLOUT, "canary")),
        ]
    )
    return Asking(engine, fleet_of([cluster]))


@pytest.mark.parametrize("way", WAYS)
async def test_an_object_has_the_same_members_in_every_way(asking: Asking, way: str) -> None:
    query, of_data = WAYS[way]

    answer = (await asking(query)).to_builtins()

    assert "errors" not in answer
    found = of_data(answer["data"])
    manifest, text = found.pop("manifest"), found.pop("text")
    rollout = _rollout()
    del rollout["metadata"]["managedFields"]
    assert manifest == rollout
    assert text.startswith(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  deletionGracePeriodSeconds: 30\n"
    )
    assert found == EXPECTED


@pytest.mark.parametrize("field", ["argoprojRollouts", 'objects(resource: "rollouts")'])
async def test_members_are_paths_of_where_order_and_groups(asking: Asking, field: str) -> None:
    arguments = """where: [
        {path: "health.status", value: "Terminating"}, {path: "deletion.finalizers", value: "example.com/wait"},
        {path: "owner.name", value: "base"}, {path: "owners.kind", value: "Platform"}, {path: "owned.name", value: "p"},
        {path: "columns[name=Name].value", value: "canary"}, {path: "managedBy.tool", op: NOT_EXISTS}
      ], orderBy: [{path: "health.message"}, {path: "deletion.since", direction: DESC}]"""
    field = field.replace(")", f", {arguments})") if field.endswith(")") else f"{field}({arguments})"

    answer = (
        await asking(
            f'{{ found: {field} {{ nodes {{ name }} groups(by: ["kind", "health.status"]) {{ key count }} }} }}'
        )
    ).to_builtins()

    assert answer == {
        "data": {"found": {"nodes": [{"name": "canary"}], "groups": [{"key": ["Rollout", "Terminating"], "count": 1}]}}
    }
