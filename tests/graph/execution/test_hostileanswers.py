"""Hostile answers: the cluster loses only its own rows, and there is no unexpected error."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from graphql import GraphQLSchema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from graph.engine import Engine
from k8s.errors import ErrorCode
from k8s.transport.sender import Sender
from tests.graph.bodies import MadeObjects
from tests.graph.documents import WIDE, DocumentWriter
from tests.graph.fleets import Asking, fleet_of
from tests.graph.hostilesender import RAW, HostileSender, RawSender, mutated, of_its_type
from tests.graph.schema.test_equivalence import AROUND_FAILING, made_places
from tests.graph.senders import DownSender, FailingSender, ObjectsSender

QUERIES = {
    "rows": "{ pods { nodes { name cluster { name } reason restarts node { name } } clusters { status } } }",
    "a page": "{ pods(first: 4) { totalCount nodes { name cluster { name } } pageInfo { hasNextPage endCursor } } }",
    "filters": '{ pods(where: [{path: "node.name", op: NE, value: "x"}]) { nodes { name cluster { name } } } }',
    "order": '{ pods(orderBy: [{path: "restarts"}, {path: "status.startTime"}]) { nodes { name cluster { name } } } }',
    "links": "{ nodes { nodes { name cluster { name } pods { totalCount nodes { name deployment { name } } } } } }",
    "groups": '{ pods { totalCount groups(by: ["cluster.name"]) { key count } } }',
    "counts": "{ clusters { name reachable version pods { totalCount } } }",
}
HOSTILE = "zero"


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Returns an engine that accepts all generated documents."""
    return Engine(WIDE)


def _good() -> list[Sender]:
    return [ObjectsSender("one", MadeObjects(1)), ObjectsSender("two", MadeObjects(2))]


async def _answer(engine: Engine, hostile: Sender, query: str, variables: Any = None) -> Any:
    with capture_logs() as logs:
        answer = (await Asking(engine, fleet_of([*_good(), hostile]))(query, variables)).to_builtins()
    assert [item["exc_info"] for item in logs if item["event"] == "unexpected_error"] == []
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert codes <= set(ErrorCode) - {ErrorCode.INTERNAL}
    return answer


@pytest.fixture(scope="module")
async def without(engine: Engine) -> Mapping[str, Any]:
    """Returns the answers to all queries while the hostile cluster is down."""
    return {name: await _answer(engine, DownSender(HOSTILE), query) for name, query in OF_MANY.items()}


def _of_others(answer: Any) -> Any:
    """Returns the rows of the good clusters at any place of the answer."""
    if isinstance(answer["data"].get("clusters"), list):
        return [cluster for cluster in answer["data"]["clusters"] if cluster["name"] != HOSTILE]
    (found,) = answer["data"].values()
    if "groups" in found:
        return [group for group in found["groups"] if HOSTILE not in str(group["key"])]
    return [node for node in found["nodes"] if node["cluster"]["name"] != HOSTILE]


@pytest.mark.parametrize("raw", RAW)
@pytest.mark.parametrize("query", QUERIES)
async def test_any_bytes(engine: Engine, without: Mapping[str, Any], query: str, raw: str) -> None:
    answer = await _answer(engine, RawSender(HOSTILE, RAW[raw]), QUERIES[query])

    assert _of_others(answer) == _of_others(without[query])
    clusters = {error["extensions"].get("cluster") for error in answer.get("errors", ())}
    assert clusters <= {HOSTILE}


OF_MANY = {
    **QUERIES,
    "access": '{ clusters { name viewerCan(verb: "get", resource: "pods") } }',
    "links of clusters": "{ clusters { name pods { nodes { name } } counts { pods } } }",
}


@pytest.mark.parametrize("query", OF_MANY)
async def test_what_nobody_expected(engine: Engine, without: Mapping[str, Any], query: str) -> None:
    failing = FailingSender(HOSTILE, RecursionError("maximum recursion depth exceeded"))

    with capture_logs() as logs:
        answer = (await Asking(engine, fleet_of([*_good(), failing]))(OF_MANY[query])).to_builtins()

    assert _of_others(answer) == _of_others(without[query])
    shown = {error["extensions"]["id"] for error in answer["errors"]}
    assert shown
    assert shown <= {item["id"] for item in logs if item["event"] == "unexpected_error"}
    assert {
        (error["extensions"]["code"], error["extensions"]["cluster"], error["extensions"]["reason"])
        for error in answer["errors"]
    } == {("INTERNAL", HOSTILE, "Unexpected")}
    assert "recursion" not in str(answer)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    query=st.sampled_from([name for name in QUERIES if name != "a page"]),
    chance=st.sampled_from((0.002, 0.02, 0.2)),
    change=st.sampled_from((mutated, of_its_type)),
)
async def test_true_answers_in_which_something_was_replaced(
    engine: Engine, without: Mapping[str, Any], seed: int, query: str, chance: float, change: Any
) -> None:
    hostile = HostileSender(ObjectsSender(HOSTILE, MadeObjects(seed % 50)), Random(seed), chance, change)  # noqa: S311  reproducible

    answer = await _answer(engine, hostile, QUERIES[query])

    assert _of_others(answer) == _of_others(without[query])


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    random=st.integers(0, 2**32 - 1).map(Random),
    fields=st.integers(1, 40),
    seed=st.integers(0, 50),
    change=st.sampled_from((mutated, of_its_type)),
)
async def test_any_document(
    engine: Engine, schema: GraphQLSchema, random: Random, fields: int, seed: int, change: Any
) -> None:
    hostile = HostileSender(ObjectsSender(HOSTILE, MadeObjects(seed)), random, 0.02, change)
    places = made_places([*_good(), hostile.sender])
    document = DocumentWriter(schema, random, places, fields=fields, preferred=AROUND_FAILING).write()

    await _answer(engine, hostile, document.query, document.variables)
