"""Cursors and ids of other callers, foreign, forged or unknown: none of them is of use."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import POD
from resolvers.arguments.globalids import object_id
from resolvers.caller import Caller
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

PAGE = "query ($after: String) { pods(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }"
ORDERED = PAGE.replace("first: 1", 'first: 1, orderBy: [{path: "name"}]')
ANN, BOB = Caller(name="ann", is_administrator=True), Caller(name="bob", is_administrator=True)
FOUND_BY_ID = (
    "{ object(id: %s) { name } }",
    '{ _entities(representations: [{__typename: "Pod", id: %s}]) { __typename } }',
)
Json = Any


@pytest.fixture
def senders() -> Sequence[ObjectsSender]:
    return [ObjectsSender("one", MadeObjects(1)), ObjectsSender("two", MadeObjects(2))]


@pytest.fixture
def asking(engine: Engine, senders: Sequence[ObjectsSender]) -> Asking:
    return Asking(engine, fleet_of(senders), caller=ANN)


def _calls(senders: Sequence[ObjectsSender]) -> int:
    return sum(len(sender.calls) for sender in senders)


@pytest.mark.parametrize("query", [PAGE, ORDERED])
async def test_pt_4_a_cursor_of_another_caller_is_refused_and_nothing_sent(
    asking: Asking, senders: Sequence[ObjectsSender], query: str
) -> None:
    cursor = (await asking(query)).to_builtins()["data"]["pods"]["pageInfo"]["endCursor"]
    before = _calls(senders)

    foreign = await replace(asking, caller=BOB)(query, {"after": cursor})
    sent = _calls(senders) - before
    own = await replace(asking, caller=replace(ANN, groups=frozenset({"dev", "ops"})))(query, {"after": cursor})

    assert [error["extensions"] for error in foreign.errors] == [{"code": "BAD_USER_INPUT", "retryable": False}]
    assert "to the same caller" in str(foreign.errors[0]["message"])
    assert sent == 0
    assert own.errors == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda cursor: cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
        lambda cursor: cursor[1:],
        lambda cursor: cursor + "A",
        lambda cursor: cursor * 1000,
        lambda _cursor: "x" * 10_240,
        lambda _cursor: "",
        lambda _cursor: "W11d",
    ],
)
async def test_pt_4_an_edited_cursor_is_refused_and_nothing_sent(
    asking: Asking, senders: Sequence[ObjectsSender], damage: Callable[[str], str]
) -> None:
    cursor = (await asking(PAGE)).to_builtins()["data"]["pods"]["pageInfo"]["endCursor"]
    before = _calls(senders)

    answer = await asking(PAGE, {"after": damage(cursor)})

    assert [error["extensions"] for error in answer.errors] == [{"code": "BAD_USER_INPUT", "retryable": False}]
    assert _calls(senders) == before


@pytest.mark.parametrize("query", FOUND_BY_ID)
async def test_im_5_an_object_of_a_cluster_that_is_not_there_is_as_one_that_is_not(
    engine: Engine, senders: Sequence[ObjectsSender], query: str
) -> None:
    """Asserts that for a caller of cluster `one` only, `two` and an unknown cluster are the same."""
    one = Asking(engine, fleet_of(senders[:1]))
    places = (("id-two", "m-1"), ("id-x", "m-1"), ("id-one", "gone"))
    hidden, absent, gone = (object_id(cluster, POD, "n-1", name) for cluster, name in places)

    answers = [(await one(query % f'"{item}"')).to_json() for item in (hidden, absent, gone)]

    assert len(set(answers)) == 1
    assert senders[1].calls == []


@pytest.mark.parametrize("cluster", ["id-one", "id-two", "id-x"])
@pytest.mark.parametrize("name", ["..", "a/b", "%2e%2e", "A", "a\n", "x" * 254])
async def test_im_5_a_forged_id_is_refused_whichever_clusters_there_are(
    engine: Engine, senders: Sequence[ObjectsSender], cluster: str, name: str
) -> None:
    answer = await Asking(engine, fleet_of(senders[:1]))(
        "query ($id: ID!) { object(id: $id) { name } }", {"id": object_id(cluster, POD, "shop", name)}
    )

    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]  # type: ignore[index]
    assert _calls(senders) == 0


@pytest.mark.parametrize(
    "query",
    [
        '{ pods(clusters: {names: ["%s"]}) { totalCount } }',
        '{ pods(clusters: {ids: ["id-%s"]}) { totalCount } }',
        '{ clusters(ids: ["id-%s"]) { name } }',
        '{ cluster(name: "%s") { name } }',
        '{ pod(cluster: "%s", namespace: "n-1", name: "m-1") { name } }',
    ],
)
async def test_im_5_a_cluster_that_is_hidden_is_named_as_one_that_never_was(
    engine: Engine, senders: Sequence[ObjectsSender], query: str
) -> None:
    one = Asking(engine, fleet_of(senders[:1]))

    hidden, absent = [(await one(query % name)).to_json() for name in ("two", "nil")]

    assert hidden.replace(b"two", b"nil") == absent
    assert _calls(senders) == 0
