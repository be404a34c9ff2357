"""`owner` and `owners` of kinds of any group."""

from __future__ import annotations

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from tests.resolvers.links.owning import (
    PLATFORM,
    ROLLOUT,
    Json,
    RecordingSender,
    answered,
    cluster_with,
    object_of,
    reference,
)

OWNERS = "{ nodes { name owner { __typename kind apiVersion name } owners { kind name } } }"


def _pods(number: int) -> list[object]:
    return [object_of(kinds.POD, f"x{place}") for place in range(number)]


@pytest.mark.parametrize("others", [0, 9], ids=["few", "many"])
async def test_an_owner_may_be_of_a_custom_kind(engine: Engine, others: int) -> None:
    cluster = cluster_with(
        [
            object_of(ROLLOUT, "canary"),
            object_of(PLATFORM, "base"),
            object_of(kinds.POD, "p", reference(ROLLOUT, "canary"), reference(PLATFORM, "base", controller=False)),
            *_pods(others),
        ]
    )

    answer = await answered(engine, f"{{ pods {OWNERS} }}", cluster)

    assert "errors" not in answer
    assert answer["data"]["pods"]["nodes"][0] == {
        "name": "p",
        "owner": {
            "__typename": "GenericObject",
            "kind": "Rollout",
            "apiVersion": "argoproj.io/v1alpha1",
            "name": "canary",
        },
        "owners": [{"kind": "Rollout", "name": "canary"}, {"kind": "Platform", "name": "base"}],
    }


async def test_any_number_of_objects_costs_one_request_for_each_kind_of_owner(engine: Engine) -> None:
    cluster = cluster_with(
        [
            *(object_of(ROLLOUT, f"r{place}") for place in range(40)),
            *(object_of(kinds.REPLICA_SET, f"s{place}") for place in range(40)),
            *(
                object_of(
                    kinds.POD, f"p{place}", reference(kinds.REPLICA_SET, f"s{place}"), reference(ROLLOUT, f"r{place}")
                )
                for place in range(40)
            ),
        ]
    )

    answer = await answered(engine, "{ pods { nodes { owners { kind name metadata { uid } } } } }", cluster)

    assert [len(pod["owners"]) for pod in answer["data"]["pods"]["nodes"]] == [2] * 40
    assert (cluster.counts["replicasets"], cluster.counts["rollouts"], cluster.counts["pods"]) == (1, 1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": "another"},
        {"name": "another"},
        {"kind": "Another"},
        {"apiVersion": "another.io/v1"},
        {"kind": None},
        {"apiVersion": None},
    ],
)
async def test_an_owner_that_is_gone_is_null_without_an_error(engine: Engine, changes: dict[str, object]) -> None:
    owner = reference(ROLLOUT, "canary") | changes
    cluster = cluster_with([object_of(ROLLOUT, "canary"), object_of(kinds.POD, "p", owner)])

    answer = await answered(engine, f"{{ pods {OWNERS} }}", cluster)

    assert answer == {"data": {"pods": {"nodes": [{"name": "p", "owner": None, "owners": []}]}}}


async def test_the_version_of_a_reference_does_not_matter(engine: Engine) -> None:
    owner = reference(ROLLOUT, "canary", apiVersion="argoproj.io/v1")
    cluster = cluster_with([object_of(ROLLOUT, "canary"), object_of(kinds.POD, "p", owner)])

    answer = await answered(engine, "{ pods { nodes { owner { apiVersion } } } }", cluster)

    assert answer["data"]["pods"]["nodes"] == [{"owner": {"apiVersion": "argoproj.io/v1alpha1"}}]


async def test_an_owner_in_another_namespace_is_none(engine: Engine) -> None:
    cluster = cluster_with(
        [object_of(ROLLOUT, "canary", namespace="elsewhere"), object_of(kinds.POD, "p", reference(ROLLOUT, "canary"))]
    )

    answer = await answered(engine, "{ pods { nodes { owner { name } owners { name } } } }", cluster)

    assert answer == {"data": {"pods": {"nodes": [{"owner": None, "owners": []}]}}}


async def test_a_kind_that_may_not_be_read_costs_no_other(engine: Engine) -> None:
    owners = (reference(kinds.REPLICA_SET, "s"), reference(ROLLOUT, "canary", controller=False))
    objects = [object_of(ROLLOUT, "canary"), object_of(kinds.REPLICA_SET, "s"), object_of(kinds.POD, "p", *owners)]
    cluster = cluster_with([*objects, object_of(kinds.POD, "q", owners[0])], forbidden=["rollouts"])

    answer = await answered(engine, "{ pods { nodes { owners { name } } } }", cluster)

    assert answer["data"]["pods"]["nodes"] == [{"owners": None}, {"owners": [{"name": "s"}]}]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_custom_kind_that_was_removed_is_no_error(engine: Engine) -> None:
    owners = (reference(kinds.REPLICA_SET, "s"), reference(ROLLOUT, "canary", controller=False))
    objects = [object_of(ROLLOUT, "canary"), object_of(kinds.REPLICA_SET, "s"), object_of(kinds.POD, "p", *owners)]
    cluster = cluster_with(objects, missing=["rollouts"])

    answer = await answered(engine, "{ pods { nodes { owners { name } } } }", cluster)

    assert answer == {"data": {"pods": {"nodes": [{"owners": [{"name": "s"}]}]}}}


async def test_a_cluster_that_does_not_say_what_it_serves_has_owners_of_known_kinds(engine: Engine) -> None:
    owners = (reference(kinds.REPLICA_SET, "s"), reference(ROLLOUT, "canary", controller=False))
    objects = [object_of(ROLLOUT, "canary"), object_of(kinds.REPLICA_SET, "s"), object_of(kinds.POD, "p", *owners)]
    cluster = cluster_with(objects, forbidden=["api", "apis"])

    answer = await answered(engine, "{ pods { nodes { owner { name } owners { name } } } }", cluster)

    assert answer["data"]["pods"]["nodes"] == [{"owner": {"name": "s"}, "owners": None}]
    assert [error["path"] for error in answer["errors"]] == [["pods", "nodes", 0, "owners"]]


async def test_the_same_owner_of_several_objects_is_completed_once(engine: Engine) -> None:
    cluster = cluster_with(
        [
            object_of(ROLLOUT, "canary"),
            *(object_of(kinds.POD, f"p{place}", reference(ROLLOUT, "canary")) for place in range(5)),
            object_of(kinds.REPLICA_SET, "s", reference(ROLLOUT, "canary")),
        ]
    )

    answer = await answered(
        engine,
        """{
          pods(where: [{path: "owners.name", value: "canary"}, {path: "owner.kind", value: "Rollout"}]) {
            nodes { owners { name owned(kinds: ["rs"]) { name } } }
            groups(by: ["owner.kind"]) { key count }
          }
        }""",
        cluster,
    )

    assert "errors" not in answer
    assert answer["data"]["pods"] == {
        "nodes": [{"owners": [{"name": "canary", "owned": [{"name": "s"}]}]}] * 5,
        "groups": [{"key": ["Rollout"], "count": 5}],
    }


async def test_clusters_have_kinds_of_their_own(engine: Engine) -> None:
    def cluster(name: str) -> RecordingSender:
        return cluster_with([object_of(ROLLOUT, name), object_of(kinds.POD, "p", reference(ROLLOUT, "one"))], name=name)

    answer = await answered(engine, "{ pods { nodes { owner { name } } } }", cluster("one"), cluster("two"))

    assert answer == {"data": {"pods": {"nodes": [{"owner": {"name": "one"}}, {"owner": None}]}}}


async def test_events_are_those_of_the_kind_in_its_group(engine: Engine) -> None:
    def event(name: str, **subject: object) -> Json:
        about = {"kind": "Rollout", "namespace": "shop", "name": "canary"} | subject
        return object_of(kinds.EVENT, name) | {"involvedObject": about}

    uid = "rollouts-canary"
    cluster = cluster_with(
        [
            object_of(ROLLOUT, "canary"),
            event("by-uid", uid=uid, apiVersion="other.io/v1"),
            event("by-group", apiVersion="argoproj.io/v1"),
            event("by-name"),
            event("of-another-group", apiVersion="other.io/v1"),
            event("of-another-uid", apiVersion="argoproj.io/v1alpha1", uid="another"),
            object_of(kinds.POD, "p", reference(ROLLOUT, "canary")),
        ]
    )

    few = await answered(engine, "{ pods { nodes { owner { events { nodes { name } } } } } }", cluster)

    assert "errors" not in few
    assert few["data"]["pods"]["nodes"] == [
        {"owner": {"events": {"nodes": [{"name": "by-group"}, {"name": "by-name"}, {"name": "by-uid"}]}}}
    ]
