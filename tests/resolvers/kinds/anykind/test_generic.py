"""The members of objects of kinds without a type, in lists of any kinds."""

from __future__ import annotations

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from tests.resolvers.links.owning import ROLLOUT, Json, answered, cluster_with, object_of, reference

READY = {"type": "Ready", "status": "False", "reason": "Waiting", "message": "It waits."}


def _rollout() -> Json:
    rollout = object_of(ROLLOUT, "canary") | {"status": {"observedGeneration": 2, "conditions": [READY]}}
    rollout["metadata"] |= {
        "generation": 2,
        "labels": {"app.kubernetes.io/managed-by": "Kapp"},
        "finalizers": ["example.com/wait"],
    }
    return rollout


def _event() -> Json:
    subject = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "namespace": "shop", "name": "canary"}
    return object_of(kinds.EVENT, "e") | {"involvedObject": subject}


async def test_an_object_without_a_type_has_all_members(engine: Engine) -> None:
    cluster = cluster_with(
        [_rollout(), _event(), object_of(kinds.REPLICA_SET, "s", reference(ROLLOUT, "canary"))],
    )

    answer = await answered(
        engine,
        """{ objects(resource: "rollouts.argoproj.io") { nodes {
          __typename health { status message } condition(type: "Ready") { reason } deletion { since }
          managedBy { tool } owner { name } owners { name } owned { kind name } columns { name value }
          events { nodes { name } }
        } } }""",
        cluster,
    )

    assert answer == {
        "data": {
            "objects": {
                "nodes": [
                    {
                        "__typename": "GenericObject",
                        "health": {"status": "InProgress", "message": "It waits."},
                        "condition": {"reason": "Waiting"},
                        "deletion": None,
                        "managedBy": {"tool": "Kapp"},
                        "owner": None,
                        "owners": [],
                        "owned": [{"kind": "ReplicaSet", "name": "s"}],
                        "columns": [{"name": "Name", "value": "canary"}, {"name": "Age", "value": None}],
                        "events": {"nodes": [{"name": "e"}]},
                    }
                ]
            }
        }
    }


async def test_health_groups_objects_of_all_kinds(engine: Engine) -> None:
    cluster = cluster_with([_rollout(), object_of(kinds.JOB, "j"), object_of(kinds.POD, "p")])

    answer = await answered(
        engine,
        """{
          objects(resource: "rollouts", where: [{path: "health.status", value: "InProgress"}]) {
            groups(by: ["kind", "health.status"]) { key count }
          }
          categories(names: ["all"]) { groups(by: ["kind", "health.status"]) { key count } }
        }""",
        cluster,
    )

    assert answer["data"]["objects"]["groups"] == [{"key": ["Rollout", "InProgress"], "count": 1}]
    assert answer["data"]["categories"]["groups"] == [
        {"key": ["Job", "InProgress"], "count": 1},
        {"key": ["Pod", "InProgress"], "count": 1},
    ]


async def test_a_list_of_any_kind_may_be_beside_one_with_links(engine: Engine) -> None:
    cluster = cluster_with([_rollout(), object_of(kinds.POD, "p", reference(ROLLOUT, "canary"))])

    answer = await answered(
        engine,
        '{ pods { nodes { owner { name } } } objects(resource: "rollouts") { nodes { name owned { name } } } }',
        cluster,
    )

    assert answer == {
        "data": {
            "pods": {"nodes": [{"owner": {"name": "canary"}}]},
            "objects": {"nodes": [{"name": "canary", "owned": [{"name": "p"}]}]},
        }
    }
