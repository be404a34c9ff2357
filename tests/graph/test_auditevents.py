"""The audit as a field: pages, filters, and permissions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.answer import Answer
from graph.engine import Engine
from graph.request import GraphqlRequest
from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR, Caller
from resolvers.operation.operation import Operation
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditAction, AuditEvent, AuditFilter, AuditOutcome
from tests.graph.fleets import CURSOR_KEY, fleet_of
from tests.graph.ordinary.engine import ordinary_engine

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALICE = Caller(name="alice")


@dataclass
class Audited:
    """A fleet without clusters and its audit."""

    engine: Engine
    auditor: Auditor | None

    async def ask(self, query: str, *, caller: Caller = OPERATOR, is_ordinary: bool = False) -> Answer:
        operation = Operation(fleet_of([], self.auditor), caller=caller, cursor_key=CURSOR_KEY)
        return await (ordinary_engine(self.engine) if is_ordinary else self.engine).execute(
            GraphqlRequest(query), operation
        )

    async def page(self, arguments: str, selection: str = "nodes { name }") -> Mapping[str, Any]:
        answer = await self.ask(f"{{ auditEvents({arguments}) {{ {selection} }} }}")
        assert not answer.errors
        page: Mapping[str, Any] = answer.to_builtins()["data"]["auditEvents"]
        return page


@pytest.fixture
async def audited(engine: Engine) -> Audited:
    """Returns an audit of five reads of secrets, and a created token."""
    log = MemoryAudit()
    read = [
        AuditEvent.new(
            AuditAction.SECRET_READ, "alice", AT + timedelta(seconds=second), name=f"s-{second}", cluster="alpha"
        )
        for second in range(5)
    ]
    made = AuditEvent.new(AuditAction.TOKEN_CREATE, "bob", AT + timedelta(seconds=9), name="ci", request_id="r-1")
    await log.write([*read, made])
    return Audited(engine, Auditor(log))


async def test_all_of_an_event_is_shown(audited: Audited) -> None:
    assert audited.auditor is not None
    (event,) = await audited.auditor.log.page(first=1, before=None, matching=AuditFilter())
    await audited.auditor.log.write(
        [event.ended(AuditOutcome.FAILED, code="NameTaken", audit_ids=("a",), identity="x")]
    )

    page = await audited.page(
        "first: 1",
        "nodes { at until count action outcome code caller requestId clusterName identity verb resource namespace name "
        "auditIds }",
    )

    assert page["nodes"] == [
        {
            "at": "2026-03-01T12:00:09+00:00",
            "until": "2026-03-01T12:00:09+00:00",
            "count": 1,
            "action": "TOKEN_CREATE",
            "outcome": "FAILED",
            "code": "NameTaken",
            "caller": "bob",
            "requestId": "r-1",
            "clusterName": None,
            "identity": "x",
            "verb": None,
            "resource": None,
            "namespace": None,
            "name": "ci",
            "auditIds": ["a"],
        }
    ]


async def test_pages_follow_each_other(audited: Audited) -> None:
    first = await audited.page("first: 4", "nodes { name } pageInfo { hasNextPage endCursor }")
    cursor = first["pageInfo"]["endCursor"]
    second = await audited.page(f'first: 4, after: "{cursor}"', "nodes { name } pageInfo { hasNextPage endCursor }")

    assert [node["name"] for node in [*first["nodes"], *second["nodes"]]] == ["ci", "s-4", "s-3", "s-2", "s-1", "s-0"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ('caller: "bob"', 1),
        ('cluster: "alpha"', 5),
        ('requestId: "r-1"', 1),
        ("action: TOKEN_CREATE", 1),
        ('caller: "nobody"', 0),
    ],
)
async def test_arguments_select(audited: Audited, arguments: str, found: int) -> None:
    page = await audited.page(arguments)

    assert len(page["nodes"]) == found


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_others_are_refused_and_that_is_on_record(audited: Audited, is_ordinary: bool) -> None:
    answer = await audited.ask("{ auditEvents { nodes { id } } }", caller=ALICE, is_ordinary=is_ordinary)

    assert answer.data == {"auditEvents": None}
    (error,) = answer.errors
    assert error["extensions"] == {"code": "FORBIDDEN", "retryable": False}
    (denial,) = (await audited.page("action: DENIAL", "nodes { caller outcome resource }"))["nodes"]
    assert denial == {"caller": "alice", "outcome": "DENIED", "resource": "auditEvents"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "BAD_USER_INPUT"),
        ("first: -1", "BAD_USER_INPUT"),
        ("first: 1001", "LIMIT_EXCEEDED"),
        ('after: "../x"', "BAD_USER_INPUT"),
        ('after: ""', "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_meant_is_refused(audited: Audited, arguments: str, code: str) -> None:
    answer = await audited.ask(f"{{ auditEvents({arguments}) {{ nodes {{ id }} }} }}")

    (error,) = answer.errors
    assert error["extensions"] == {"code": code, "retryable": False}


async def test_both_executors_answer_the_same(audited: Audited) -> None:
    query = "{ auditEvents(first: 2) { nodes { id at action auditIds } pageInfo { hasNextPage } } viewer { name } }"

    plain = await audited.ask(query, is_ordinary=True)

    assert plain.to_builtins() == (await audited.ask(query)).to_builtins()


async def test_where_nothing_is_on_record_it_says_so(engine: Engine) -> None:
    answer = await Audited(engine, None).ask("{ auditEvents { nodes { id } } }")

    (error,) = answer.errors
    assert "this server has no audit" in str(error["message"])
