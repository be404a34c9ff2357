"""`owned`: the objects that refer to an object as their owner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds import builtin as kinds
from resolvers.caller import OPERATOR
from resolvers.fleet import servedkinds
from resolvers.kinds.anykind.owned import MOST_KINDS, USUAL
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.graph.fleets import CURSOR_KEY, fleet_of
from tests.resolvers.links.owning import PLATFORM, ROLLOUT, answered, cluster_with, object_of, reference

SET = object_of(kinds.REPLICA_SET, "s", reference(kinds.DEPLOYMENT, "d"))
PODS = [object_of(kinds.POD, name, reference(kinds.REPLICA_SET, "s")) for name in ("a", "b", "c")]


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets kinds that are not served be looked for again at once instead of a second after the last time."""
    monkeypatch.setattr(servedkinds, "_LEAST_S", 0.0)


async def test_it_finds_what_controllers_of_workloads_make(engine: Engine) -> None:
    cluster = cluster_with([object_of(kinds.DEPLOYMENT, "d"), SET, *PODS, object_of(kinds.POD, "alone")])

    answer = await answered(
        engine, "{ deployments { nodes { owned { kind name owned(first: 2) { kind name } } } } }", cluster
    )

    owned = [{"kind": "Pod", "name": "a"}, {"kind": "Pod", "name": "b"}]
    assert answer == {
        "data": {"deployments": {"nodes": [{"owned": [{"kind": "ReplicaSet", "name": "s", "owned": owned}]}]}}
    }


async def test_any_number_of_owners_costs_one_list_for_each_kind(engine: Engine) -> None:
    sets = [object_of(kinds.REPLICA_SET, f"s{place}") for place in range(30)]
    pods = [object_of(kinds.POD, f"p{place}", reference(kinds.REPLICA_SET, f"s{place}")) for place in range(30)]
    cluster = cluster_with([*sets, *pods])

    answer = await answered(engine, '{ replicaSets { nodes { owned(kinds: ["pods", "jobs"]) { name } } } }', cluster)

    assert [len(owner["owned"]) for owner in answer["data"]["replicaSets"]["nodes"]] == [1] * 30
    assert (cluster.counts["pods"], cluster.counts["jobs"], cluster.counts["replicasets"]) == (1, 1, 1)


async def test_an_owner_need_not_be_a_controller_nor_in_a_namespace(engine: Engine) -> None:
    cluster = cluster_with(
        [
            object_of(kinds.NODE, "n"),
            object_of(kinds.POD, "mirror", reference(kinds.NODE, "n", controller=False), namespace="kube-system"),
            object_of(PLATFORM, "base", reference(kinds.NODE, "n")),
        ]
    )

    answer = await answered(
        engine, '{ nodes { nodes { owned(kinds: ["po", "platforms.example.com"]) { kind namespace name } } } }', cluster
    )

    assert answer["data"]["nodes"]["nodes"][0]["owned"] == [
        {"kind": "Pod", "namespace": "kube-system", "name": "mirror"},
        {"kind": "Platform", "namespace": None, "name": "base"},
    ]


async def test_an_object_in_another_namespace_does_not_belong_to_it(engine: Engine) -> None:
    elsewhere = object_of(kinds.POD, "p", reference(kinds.REPLICA_SET, "s"), namespace="elsewhere")

    answer = await answered(engine, "{ replicaSets { nodes { owned { name } } } }", cluster_with([SET, elsewhere]))

    assert answer == {"data": {"replicaSets": {"nodes": [{"owned": []}]}}}


async def test_an_object_without_a_uid_owns_nothing(engine: Engine) -> None:
    owner, child = (
        object_of(kinds.REPLICA_SET, "s"),
        object_of(kinds.POD, "p", reference(kinds.REPLICA_SET, "s", uid="")),
    )
    owner["metadata"]["uid"] = ""

    answer = await answered(engine, "{ replicaSets { nodes { owned { name } } } }", cluster_with([owner, child]))

    assert answer == {"data": {"replicaSets": {"nodes": [{"owned": []}]}}}


async def test_two_names_of_a_kind_are_one_list(engine: Engine) -> None:
    cluster = cluster_with([SET, *PODS])

    answer = await answered(
        engine, '{ replicaSets { nodes { owned(kinds: ["po", "pods", "Pod"]) { name } } } }', cluster
    )

    assert answer["data"]["replicaSets"]["nodes"] == [{"owned": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}]
    assert cluster.counts["pods"] == 1


async def test_a_cluster_without_the_kind_has_no_such_objects(engine: Engine) -> None:
    cluster = cluster_with([object_of(ROLLOUT, "r", reference(kinds.REPLICA_SET, "s")), SET])
    other = cluster_with([SET], name="other", serves=[kinds.REPLICA_SET])

    answer = await answered(engine, '{ replicaSets { nodes { owned(kinds: ["rollouts"]) { name } } } }', cluster, other)

    assert answer == {"data": {"replicaSets": {"nodes": [{"owned": []}, {"owned": [{"name": "r"}]}]}}}


@pytest.mark.parametrize("arguments", ["", '(kinds: ["jobs", "pods"])', '(kinds: ["jobs"])'])
async def test_without_a_kind_that_may_not_be_listed_they_are_unknown(engine: Engine, arguments: str) -> None:
    owners = [SET, object_of(kinds.REPLICA_SET, "other")]
    cluster = cluster_with([*owners, *PODS], forbidden=["jobs"])
    whole = cluster_with([SET, *PODS], name="whole")

    answer = await answered(engine, f"{{ replicaSets {{ nodes {{ owned{arguments} {{ name }} }} }} }}", cluster, whole)

    seen = [] if "pods" not in arguments and arguments else [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    nodes = answer["data"]["replicaSets"]["nodes"]
    assert [owner["owned"] for owner in nodes] == [None, None, seen]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert [error["path"] for error in answer["errors"]] == [["replicaSets", "nodes", 0, "owned"]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('kinds: ["no such"]', "BAD_USER_INPUT"),
        ('kinds: ["pods/exec"]', "BAD_USER_INPUT"),
        ('kinds: [""]', "BAD_USER_INPUT"),
        ("first: -1", "BAD_USER_INPUT"),
        ("first: 0", "BAD_USER_INPUT"),
        (f"kinds: {json.dumps([f'k{place}' for place in range(MOST_KINDS + 1)])}", "LIMIT_EXCEEDED"),
    ],
)
async def test_bad_arguments_are_refused_before_any_request(engine: Engine, arguments: str, code: str) -> None:
    cluster = cluster_with([SET])

    answer = await answered(engine, f"{{ replicaSets {{ nodes {{ owned({arguments}) {{ name }} }} }} }}", cluster)

    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert cluster.paths == []


async def test_a_name_that_no_cluster_knows_is_an_error(engine: Engine) -> None:
    answer = await answered(
        engine, '{ replicaSets { nodes { name owned(kinds: ["widgets"]) { name } } } }', cluster_with([SET])
    )

    assert answer["data"]["replicaSets"]["nodes"] == [{"name": "s", "owned": None}]
    assert answer["errors"][0]["message"] == (
        "No cluster serves a kind named 'widgets'; the field `kinds` lists all that are served."
    )


def test_the_usual_kinds_are_those_of_the_document() -> None:
    text = (Path(__file__).parents[4] / "docs/schema.md").read_text()

    assert ", ".join(f"`{kind}`" for kind in USUAL) in " ".join(text.split())


@pytest.mark.parametrize(
    ("arguments", "lists"), [("", len(USUAL)), ('(kinds: ["po"])', 1), ('(kinds: ["po", "rs", "jobs"])', 3)]
)
async def test_each_kind_counts_as_a_list_in_explain(engine: Engine, arguments: str, lists: int) -> None:
    cluster = cluster_with([SET, *PODS])
    fleet = fleet_of([cluster])
    operation = Operation(fleet, caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=Explanation())
    query = f"{{ replicaSets {{ nodes {{ owned{arguments} {{ name }} }} }} }}"

    answer = (await engine.execute(GraphqlRequest(query, None), operation)).to_builtins()

    assert operation.explanation is not None
    assert operation.explanation.estimated_requests == 1 + lists
    requests = [request["path"] for request in answer["extensions"]["explain"]["requests"]]
    assert sum("/namespaces/shop/" in path for path in requests) == lists
