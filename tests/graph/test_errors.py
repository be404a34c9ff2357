"""Errors as responses show them, and details that only the log has."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any, cast

import pytest
from graphql import GraphQLError
from structlog.testing import capture_logs

from graph.engine import Engine
from graph.errors import INTERNAL_MESSAGE, all_formatted, ordered
from graph.request import GraphqlRequest
from graph.schema.catalogue import catalogue
from k8s import errors
from k8s.errors import ClusterError
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.fleet import Fleet
from resolvers.links.members import Member
from resolvers.operation.operation import Operation
from store.errors import StoreUnavailable
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import CURSOR_KEY, Asking, fleet_of
from tests.graph.senders import ObjectsSender
from tests.k8s.loopclock import loop_clock

Ask = Callable[..., Asking]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, Callable[..., object]], None]:
    """Puts another function behind a member."""

    def member(owner: str, name: str, function: Callable[..., object]) -> None:
        members = cast(dict[str, Member], catalogue()[owner].members)
        monkeypatch.setitem(members, name, replace(members[name], function=function))  # type: ignore[arg-type]  # any

    return member


@pytest.fixture
def asking(ask: Ask) -> Asking:
    return ask(ObjectsSender("one", MadeObjects(1)))


def fail(*_arguments: object) -> object:
    raise RuntimeError("secret")


async def fail_later(*_arguments: object) -> object:
    raise RuntimeError("secret")


@pytest.mark.parametrize(
    ("owner", "name", "function", "query", "path"),
    [
        (
            "Node",
            "internalIP",
            fail,
            "{ nodes(first: 1) { nodes { internalIP } } }",
            ["nodes", "nodes", 0, "internalIP"],
        ),
        ("Pod", "node", fail_later, "{ pods(first: 1) { nodes { node { name } } } }", ["pods", "nodes", 0, "node"]),
        ("Node", "pods", fail_later, "{ nodes(first: 1) { edges { node { pods { totalCount } } } } }", None),
        ("Cluster", "version", fail_later, "{ clusters { version } }", ["clusters", 0, "version"]),
    ],
)
async def test_what_fails_unexpectedly_is_masked_and_logged_once(
    asking: Asking,
    put: Callable[..., None],
    owner: str,
    name: str,
    function: Callable[..., object],
    query: str,
    path: list[object] | None,
) -> None:
    put(owner, name, function)

    with capture_logs() as logged:
        answer = await asking(query)

    (error,) = answer.errors
    (event,) = logged
    assert error["message"] == INTERNAL_MESSAGE
    assert error["path"] == (path or ["nodes", "edges", 0, "node", "pods"])
    assert error["extensions"] == {"code": "INTERNAL", "retryable": False, "id": event["id"]}
    assert isinstance(event["exc_info"], RuntimeError)
    assert b"secret" not in answer.to_json()


async def test_a_cluster_that_fails_unexpectedly_is_masked_and_logged_once(ask: Ask) -> None:
    class Broken(ObjectsSender):
        async def send(self, call: Call, deadline: Deadline, *, on_prefix: object = None) -> bytes:
            raise RuntimeError("secret")

    with capture_logs() as logged:
        answer = await ask(Broken("one", MadeObjects(1)))("{ pods { totalCount } clusters { name } }")

    (error,), (event,) = answer.errors, logged
    assert (error["path"], event["cluster"]) == (["pods"], "one")
    assert error["message"] == (
        "cluster 'one': an internal error ended the request; the log of fleetgraph has the details under the id "
        f"{event['id']}."
    )
    assert error["extensions"] == {
        "code": "INTERNAL",
        "cluster": "one",
        "retryable": False,
        "reason": "Unexpected",
        "id": event["id"],
    }
    assert answer.to_builtins()["data"] == {"pods": {"totalCount": 0}, "clusters": [{"name": "one"}]}


async def test_a_root_that_fails_unexpectedly_is_masked_and_logged_once(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("graph.execution.rootlookups.refuse_lost_quorum", broken)

    with capture_logs() as logged:
        answer = await ask(ObjectsSender("one", MadeObjects(1)))("{ pods { totalCount } clusters { name } }")

    (error,) = answer.errors
    assert (error["message"], error["path"]) == (INTERNAL_MESSAGE, ["pods"])
    assert len(logged) == 1
    assert answer.to_builtins()["data"] == {"pods": None, "clusters": [{"name": "one"}]}


async def test_errors_stand_in_the_order_of_their_places_whichever_came_first(ask: Ask) -> None:
    class Refusing(ObjectsSender):
        """A cluster that fails for each list after another delay."""

        async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
            turns = 1 if "/nodes" in call.path else 2 if "/replicasets" in call.path else 0
            if not turns:
                return await super().send(call, deadline, on_prefix=on_prefix)
            await asyncio.sleep((turns if self.name == "two" else 3 - turns) / 100)
            raise errors.Forbidden(self.name, "no.", status=403)

    made = MadeObjects(1)
    answer = await ask(Refusing("one", made), Refusing("two", made))(
        "{ pods { nodes { replicaSet { name } node { ready } } } nodes { totalCount } }"
    )

    told = cast(list[dict[str, Any]], answer.errors)
    places = [(error["path"], error["extensions"]["cluster"]) for error in told]
    assert places[:2] == [(["nodes"], "one"), (["nodes"], "two")]
    rows = [(*path[2:], cluster) for path, cluster in places[2:]]
    assert rows == sorted(rows)
    links = {(field, cluster) for _, field, cluster in rows}
    assert links == set(product(("node", "replicaSet"), ("one", "two")))


async def test_a_registry_that_cannot_be_read_says_so(engine: Engine) -> None:
    class Unread:
        async def clusters(self, _caller: Caller) -> object:
            raise StoreUnavailable("postgres://secret")

    with capture_logs() as logged:
        answer = await Asking(engine, cast(Fleet, Unread()))("{ clusters { name } }")

    (error,) = answer.errors
    assert error["message"] == "The registry cannot be read at the moment."
    assert error["extensions"] == {"code": "INTERNAL", "retryable": True, "id": logged[0]["id"]}
    assert b"secret" not in answer.to_json()


@pytest.mark.parametrize(
    ("failure", "extensions"),
    [
        (
            errors.Unreachable("one", "no connection (refused)."),
            {"code": "CLUSTER_UNREACHABLE", "cluster": "one", "retryable": True, "reason": "Unreachable"},
        ),
        (
            errors.Forbidden("one", "it does not allow list pods.", status=403),
            {"code": "FORBIDDEN", "cluster": "one", "retryable": False, "reason": "Forbidden"},
        ),
        (
            errors.TimedOut("one", "no complete answer to list pods within its 15 s."),
            {"code": "CLUSTER_TIMEOUT", "cluster": "one", "retryable": True, "reason": "TimedOut"},
        ),
    ],
)
async def test_a_cluster_s_failure_is_told_with_its_name(
    ask: Ask, failure: ClusterError, extensions: dict[str, object]
) -> None:
    class Failing(ObjectsSender):
        async def send(self, call: Call, deadline: Deadline, *, on_prefix: object = None) -> bytes:
            raise failure

    with capture_logs() as logged:
        answer = await ask(Failing("one", MadeObjects(1)))("{ pods { nodes { name } } }")

    assert answer.to_builtins() == {
        "data": {"pods": {"nodes": []}},
        "errors": [
            {
                "message": str(failure),
                "locations": [{"line": 1, "column": 3}],
                "path": ["pods"],
                "extensions": extensions,
            }
        ],
    }
    assert logged == []


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ('{ pods(labelSelector: "=") { totalCount } }', ["pods"], "BAD_USER_INPUT"),
        ('{ cluster(name: "none") { name } }', ["cluster"], "NOT_FOUND"),
        ("{ pods(first: 10001) { totalCount } }", ["pods"], "LIMIT_EXCEEDED"),
        ('{ clusters { pods(after: "none") { totalCount } } }', ["clusters", 0, "pods"], "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_meant_is_told_at_its_place(
    asking: Asking, query: str, path: list[object], code: str
) -> None:
    answer = await asking(query)

    (error,) = answer.errors
    assert answer.executed
    assert error["path"] == path
    assert error["extensions"] == {"code": code, "retryable": False}


@pytest.mark.parametrize(
    ("query", "variables", "operation_name"),
    [
        ("{ pods {", None, None),
        ("{ nothing }", None, None),
        ("{ pods { nodes } }", None, None),
        ("query A { clusters { name } } query B { clusters { name } }", None, "C"),
        ("query A { clusters { name } } query B { clusters { name } }", None, None),
        ("query Q($n: String!) { cluster(name: $n) { name } }", {}, None),
        ("query Q($n: String!) { cluster(name: $n) { name } }", {"n": 1}, None),
        ("{ clusters " + "{ cluster " * 3000 + "}" * 3001, None, None),
        ("subscription { clusters { name } }", None, None),
    ],
)
async def test_a_wrong_document_is_not_executed(
    engine: Engine, query: str, variables: dict[str, object] | None, operation_name: str | None
) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    operation = Operation(fleet_of([sender]), caller=OPERATOR, cursor_key=CURSOR_KEY)

    answer = await engine.execute(GraphqlRequest(query, variables, operation_name), operation)

    assert (answer.executed, answer.data) == (False, None)
    assert "data" not in answer.to_builtins()
    assert {error["extensions"]["code"] for error in answer.errors} == {"BAD_USER_INPUT"}  # type: ignore[index]  # as shown
    assert sender.calls == []


async def test_many_errors_are_told_in_order_and_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    found = [
        GraphQLError(f"{name}", path=["pods", place], original_error=errors.Unreachable(name, "gone."))
        for place in (2, 10, 1)
        for name in (f"c{number:03}" for number in reversed(range(100)))
    ]
    async with loop_clock() as clock:
        began = clock.turn
        told = await all_formatted(await ordered(found))

        assert clock.turn - began > len(found)
    assert [item["path"] for item in told] == [["pods", place] for place in (1, 2, 10) for _ in range(100)]
    assert [str(item["message"]) for item in told[:2]] == ["cluster 'c000': gone.", "cluster 'c001': gone."]
