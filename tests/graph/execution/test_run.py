"""The completion of levels: values, numbers of calls, and the cost of a failure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import pytest
from structlog.testing import capture_logs

from graph.schema.catalogue import catalogue
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.links.fetching import Fetch
from resolvers.links.members import Derived, Link, Member
from resolvers.lists.rows import Rows
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]


def two_nodes_with_pods(kind: Kind) -> Sequence[JsonObject]:
    """Returns nodes n-1 and n-2, the pods p-1 and p-2 on the first and p-3 on the second."""
    if kind == kinds.NODE:
        return [{"metadata": {"name": name}} for name in ("n-1", "n-2")]
    if kind == kinds.POD:
        places = (("p-1", "n-1"), ("p-2", "n-1"), ("p-3", "n-2"))
        return [{"metadata": {"name": pod, "namespace": "x"}, "spec": {"nodeName": node}} for pod, node in places]
    if kind == kinds.DEPLOYMENT:
        return [{"metadata": {"name": name, "namespace": "x"}, "spec": {"replicas": 2}} for name in ("d-1", "d-2")]
    return []


@pytest.fixture
def one(ask: Ask) -> Asking:
    return ask(ObjectsSender("one", two_nodes_with_pods))


@pytest.fixture
def two(ask: Ask) -> Asking:
    return ask(ObjectsSender("one", two_nodes_with_pods), ObjectsSender("two", two_nodes_with_pods))


async def test_rows_are_sent_as_they_were_decoded(one: Asking, decoded: list[Row]) -> None:
    answer = await one("{ pods { nodes { metadata { name namespace } spec { nodeName } } } }")

    sent = answer.data["pods"].value0  # type: ignore[index]  # a response is a mapping of objects made at run time
    assert [id(row) for row in sent] == [id(row) for row in decoded]


async def test_a_structure_below_an_alias_is_sent_as_it_was_decoded(one: Asking, decoded: list[Row]) -> None:
    answer = await one("{ pods { nodes { where: spec { nodeName } metadata { name namespace } } } }")

    sent = answer.data["pods"].value0  # type: ignore[index]  # a response is a mapping of objects made at run time
    assert [id(row.value0) for row in sent] == [id(row.spec) for row in decoded]


async def test_a_link_is_called_once_for_all_parents_of_a_level(
    two: Asking, link_calls: Callable[[str, str], list[int]]
) -> None:
    calls = link_calls("Pod", "node")

    await two("{ nodes { nodes { pods { nodes { node { name } } } } } }")

    assert calls == [6]


async def test_a_child_of_many_parents_is_completed_once(
    one: Asking, derived_calls: Callable[[str, str], list[str]]
) -> None:
    calls = derived_calls("Node", "ready")

    answer = await one("{ pods { nodes { node { ready name } } } }")

    assert calls == ["n-1", "n-2"]
    first, second, third = answer.data["pods"].value0  # type: ignore[index]  # as above
    assert first.value0 is second.value0
    assert third.value0 is not first.value0


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("{ nodes { nodes { name @skip(if: true) } } }", {"nodes": {"nodes": [{}, {}]}}),
        ("{ nodes { edges { cursor @skip(if: true) } } }", {"nodes": {"edges": [{}, {}]}}),
        ("{ nodes { pageInfo { hasNextPage @skip(if: true) } } }", {"nodes": {"pageInfo": {}}}),
        ("{ nodes { clusters { status @skip(if: true) } } }", {"nodes": {"clusters": [{}]}}),
        ("{ nodes { totalCount @skip(if: true) } }", {"nodes": {}}),
        ("{ clusters { name @skip(if: true) } }", {"clusters": [{}]}),
        ('{ cluster(name: "one") { name @skip(if: true) } }', {"cluster": {}}),
        (
            "{ pods(first: 1) { nodes { spec { hostname @skip(if: true) } node { name } } } }",
            {"pods": {"nodes": [{"spec": {}, "node": {"name": "n-1"}}]}},
        ),
        (
            "{ deployments(first: 1) { nodes { replicas { ready @skip(if: true) } } } }",
            {"deployments": {"nodes": [{"replicas": {}}]}},
        ),
    ],
)
async def test_what_is_left_of_a_selection_may_be_nothing(one: Asking, query: str, data: object) -> None:
    answer = await one(query)

    assert answer.to_builtins() == {"data": data}


async def test_a_composite_of_one_row_that_fails_leaves_the_others_in_shape(
    one: Asking, member: Callable[[str, str, Callable[..., object]], None]
) -> None:
    replicas = cast(Derived, catalogue()["Deployment"].members["replicas"]).function

    async def to_deployments(pods: Rows, fetch: Fetch) -> Sequence[Row]:
        first, second = (await fetch.children(kinds.DEPLOYMENT)).rows
        return [first, first, second]

    def fail_for_d_1(row: Row) -> object:
        if row.metadata.name == "d-1":
            raise RuntimeError("secret")
        return replicas(row)

    member("Pod", "deployment", to_deployments)
    member("Deployment", "replicas", fail_for_d_1)

    with capture_logs():
        answer = await one("{ pods { nodes { deployment { replicas { desired } } } } }")

    nodes = [{"deployment": None}, {"deployment": None}, {"deployment": {"replicas": {"desired": 2}}}]
    assert answer.to_builtins()["data"] == {"pods": {"nodes": nodes}}
    assert [error["path"] for error in answer.errors] == [["pods", "nodes", 0, "deployment", "replicas"]]


async def test_errors_of_many_pages_have_the_place_in_their_own_page(
    two: Asking, member: Callable[[str, str, Callable[..., object]], None]
) -> None:
    def fail_for_n_2(row: Row) -> str:
        if row.metadata.name == "n-2":
            raise RuntimeError("secret")
        return "1.2.3.4"

    member("Node", "internalIP", fail_for_n_2)

    with capture_logs():
        answer = await two("{ clusters { nodes { nodes { internalIP } } } }")

    assert [error["path"] for error in answer.errors] == [
        ["clusters", 0, "nodes", "nodes", 1, "internalIP"],
        ["clusters", 1, "nodes", "nodes", 1, "internalIP"],
    ]


async def test_a_cursor_of_one_parent_costs_the_others_their_page_only(one: Asking) -> None:
    page = (await one("{ nodes { nodes { pods(first: 1) { pageInfo { endCursor } } } } }")).to_builtins()
    cursor = page["data"]["nodes"]["nodes"][0]["pods"]["pageInfo"]["endCursor"]

    answer = await one("query Q($c: String) { nodes { nodes { pods(after: $c) { nodes { name } } } } }", {"c": cursor})

    pods = [{"pods": {"nodes": [{"name": "p-2"}]}}, {"pods": None}]
    assert answer.to_builtins()["data"] == {"nodes": {"nodes": pods}}
    assert [error["path"] for error in answer.errors] == [["nodes", "nodes", 1, "pods"]]


async def test_a_cluster_that_fails_is_told_once_for_a_link(ask: Ask) -> None:
    asking = ask(
        ObjectsSender("one", two_nodes_with_pods), ObjectsSender("two", two_nodes_with_pods, broken=[kinds.NODE])
    )

    answer = await asking("{ pods { nodes { name node { name ready } } } }")

    assert [error["path"] for error in answer.errors] == [["pods", "nodes", 3, "node"]]
    nodes = answer.to_builtins()["data"]["pods"]["nodes"]
    assert [node["node"] and node["node"]["name"] for node in nodes] == ["n-1", "n-1", "n-2", None, None, None]


async def test_owners_of_one_kind_that_cannot_be_read_cost_no_others(ask: Ask) -> None:
    def pods_of_a_set_and_of_a_job(kind: Kind) -> Sequence[JsonObject]:
        if kind == kinds.REPLICA_SET:
            return [{"metadata": {"name": "owner", "namespace": "x", "uid": "1"}}]
        owners = (("a", "apps/v1", "ReplicaSet", "1"), ("b", "batch/v1", "Job", "2"))
        return [
            {"metadata": {"name": name, "namespace": "x", "ownerReferences": [_controller(version, owner, uid)]}}
            for name, version, owner, uid in owners
        ]

    answer = await ask(ObjectsSender("one", pods_of_a_set_and_of_a_job, broken=[kinds.JOB]))(
        "{ pods { nodes { name owner { name } } } }"
    )

    nodes = [{"name": "a", "owner": {"name": "owner"}}, {"name": "b", "owner": None}]
    assert answer.to_builtins()["data"] == {"pods": {"nodes": nodes}}
    assert [error["message"] for error in answer.errors] == ["cluster 'one': no connection (refused)."]


def _controller(version: str, kind: str, uid: str) -> JsonObject:
    return {"apiVersion": version, "kind": kind, "name": "owner", "uid": uid, "controller": True}


async def test_a_kind_inside_another_object_has_no_identity_and_may_lack_everything(ask: Ask) -> None:
    def stateful_sets(kind: Kind) -> Sequence[JsonObject]:
        claims: JsonObject = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}, {}]}
        return [{"metadata": {"name": "s", "namespace": "x"}, "spec": claims}] if kind == kinds.STATEFUL_SET else []

    answer = await ask(ObjectsSender("one", stateful_sets))(
        "{ statefulSets { nodes { spec { volumeClaimTemplates { __typename kind metadata { name } } } } } }"
    )

    kind = {"__typename": "EmbeddedPersistentVolumeClaim", "kind": "PersistentVolumeClaim"}
    claims = [{**kind, "metadata": {"name": "data"}}, {**kind, "metadata": None}]
    assert answer.to_builtins() == {"data": {"statefulSets": {"nodes": [{"spec": {"volumeClaimTemplates": claims}}]}}}


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, Callable[..., object]], None]:
    """Replaces the function of a member."""

    def put(owner: str, name: str, function: Callable[..., object]) -> None:
        members = cast(dict[str, Member], catalogue()[owner].members)
        monkeypatch.setitem(members, name, replace(members[name], function=function))  # type: ignore[arg-type]  # any

    return put


@pytest.fixture
def link_calls(member: Callable[..., None]) -> Callable[[str, str], list[int]]:
    """Counts the parents of each call of a link."""

    def counted(owner: str, name: str) -> list[int]:
        calls: list[int] = []
        link = cast(Link, catalogue()[owner].members[name])

        async def count(parents: Rows, fetch: Fetch) -> Sequence[object]:
            calls.append(len(parents))
            return await link.children(parents, fetch, None)

        member(owner, name, count)
        return calls

    return counted


@pytest.fixture
def derived_calls(member: Callable[..., None]) -> Callable[[str, str], list[str]]:
    """Collects the names of the rows of a derived field's calls."""

    def counted(owner: str, name: str) -> list[str]:
        calls: list[str] = []
        function = cast(Derived, catalogue()[owner].members[name]).function

        def count(row: Row) -> object:
            calls.append(row.metadata.name)
            return function(row)

        member(owner, name, count)
        return calls

    return counted


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Collects the decoded rows, in the order of the list."""
    found: list[Row] = []
    extend = Rows.extend

    def remember(self: Rows, cluster: object, rows: Sequence[Row]) -> None:
        found.extend(rows)
        extend(self, cluster, rows)  # type: ignore[arg-type]  # unchanged

    monkeypatch.setattr(Rows, "extend", remember)
    return found
