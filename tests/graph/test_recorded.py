"""The audit of queries, on all ways to a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from graph.engine import Engine
from k8s.errors import ClusterError, Forbidden
from k8s.kinds.builtin import SECRET
from k8s.kinds.kind import Kind
from k8s.reading.listing import FIRST_OBJECTS
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.exchange import OWN_CREDENTIAL, UNOBSERVED, ObservedCall
from k8s.transport.path import token_path
from k8s.transport.sender import Sender
from resolvers.arguments.globalids import object_id
from resolvers.audit.auditedsender import AuditedSender
from resolvers.audit.auditor import Auditor
from resolvers.audit.policy import AuditPolicy
from resolvers.caller import OPERATOR, Caller
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditAction, AuditEvent, AuditFilter, AuditOutcome
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import Objects, ObjectsSender

CANARY = "c2VjcmV0LWNhbmFyeQ=="
ALICE = Caller(name="alice")


def _objects(kind: Kind) -> Sequence[JsonObject]:
    metadata: JsonObject = {"namespace": "shop", "name": "db", "uid": "1"}
    return [{"metadata": metadata, "data": {"password": CANARY}}] if kind == SECRET else []


def _three(kind: Kind) -> Sequence[JsonObject]:
    return _named(kind, 3)


def _many(kind: Kind) -> Sequence[JsonObject]:
    return _named(kind, FIRST_OBJECTS + 1)


def _named(kind: Kind, number: int) -> Sequence[JsonObject]:
    return [{"metadata": {"namespace": "shop", "name": f"s-{index}"}} for index in range(number) if kind == SECRET]


@dataclass(frozen=True)
class Refusing:
    """A cluster that answers everything with one error."""

    name: str
    error: ClusterError

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        raise self.error


class Recorded:
    """A fleet of one cluster whose calls are audited."""

    def __init__(
        self,
        engine: Engine,
        *,
        caller: Caller = ALICE,
        sender: Sender | None = None,
        objects: Objects = _objects,
    ) -> None:
        self.log = MemoryAudit()
        self.auditor = Auditor(self.log, AuditPolicy(waiting_events=100))
        self.sender = sender or ObjectsSender("alpha", objects)
        self.ask = Asking(
            engine, fleet_of([AuditedSender(self.sender, caller, self.auditor, "stored credential")], self.auditor)
        )

    async def events(self) -> list[AuditEvent]:
        """Returns all events, oldest first."""
        await self.auditor.flush()
        return list(reversed(await self.log.page(first=100, before=None, matching=AuditFilter())))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ secrets { nodes { name } } }", ("list", "", "")),
        ("{ secrets { nodes { data } } }", ("list", "", "")),
        ("{ secrets { totalCount } }", ("list", "", "")),
        ('{ secrets(namespaces: ["shop"]) { nodes { data } } }', ("list", "shop", "")),
        ('{ secret(cluster: "alpha", namespace: "shop", name: "db") { data } }', ("get", "shop", "db")),
        ('{ cluster(name: "alpha") { secrets { nodes { data } } } }', ("list", "", "")),
        (f'{{ object(id: "{object_id("id-alpha", SECRET, "shop", "db")}") {{ id }} }}', ("get", "shop", "db")),
    ],
)
async def test_au_1_each_way_to_read_secrets_is_on_record(
    engine: Engine, query: str, expected: tuple[str, str, str]
) -> None:
    recorded = Recorded(engine)

    answer = await recorded.ask(query)

    assert not answer.errors
    (event,) = await recorded.events()
    assert event.action is AuditAction.SECRET_READ
    assert (event.verb, event.namespace, event.name) == expected
    assert (event.actor, event.cluster, event.resource) == ("alice", "alpha", "secrets")
    assert (event.outcome, event.identity) == (AuditOutcome.SUCCEEDED, "stored credential")


async def test_au_1_a_page_that_a_cursor_leads_to_is_on_record(engine: Engine) -> None:
    page = "query($after: String) { secrets(first: 1, after: $after) { nodes { name } pageInfo { endCursor } } }"
    first = await Recorded(engine, objects=_three).ask(page)
    after = first.to_builtins()["data"]["secrets"]["pageInfo"]["endCursor"]
    recorded = Recorded(engine, objects=_three)

    answer = await recorded.ask(page, {"after": after})

    assert answer.to_builtins()["data"]["secrets"]["nodes"] == [{"name": "s-1"}]
    assert [event.action for event in await recorded.events()] == [AuditAction.SECRET_READ]


async def test_the_pages_of_one_list_are_one_event(engine: Engine) -> None:
    recorded = Recorded(engine, objects=_many)

    await recorded.ask("{ secrets { nodes { name } } }")

    assert isinstance(recorded.sender, ObjectsSender)
    assert len(recorded.sender.calls) == 2
    assert [event.action for event in await recorded.events()] == [AuditAction.SECRET_READ]


async def test_au_4_nothing_of_a_secret_is_on_record(engine: Engine) -> None:
    recorded = Recorded(engine, caller=OPERATOR)

    answer = await recorded.ask('{ secrets { nodes { data reveal(keys: ["password"]) { value } } } }')

    assert CANARY in str(answer.to_builtins())
    assert CANARY not in repr(await recorded.events())


async def test_what_an_administrator_asks_is_on_record(engine: Engine) -> None:
    recorded = Recorded(engine, caller=OPERATOR)

    await recorded.ask("{ pods { nodes { name } } deployments { nodes { name } } }")
    await recorded.ask("{ pods { nodes { name } } }")

    found = [(event.action, event.actor, event.resource, event.count) for event in await recorded.events()]
    assert sorted(found) == [
        (AuditAction.ADMINISTRATOR_USE, "operator", "deployments.apps", 1),
        (AuditAction.ADMINISTRATOR_USE, "operator", "pods", 2),
    ]


async def test_what_others_read_is_not_unless_it_is_secret(engine: Engine) -> None:
    recorded = Recorded(engine)

    await recorded.ask("{ pods { nodes { name } } }")

    assert await recorded.events() == []


async def test_what_a_cluster_denies_is_on_record(engine: Engine) -> None:
    recorded = Recorded(engine, sender=Refusing("alpha", Forbidden("alpha", "no.", status=403)))

    await recorded.ask("{ pods { nodes { name } } }")

    (event,) = [event for event in await recorded.events() if event.resource == "pods"]
    assert (event.action, event.outcome, event.code) == (AuditAction.DENIAL, AuditOutcome.DENIED, "FORBIDDEN")
    assert (event.actor, event.cluster, event.verb, event.resource) == ("alice", "alpha", "list", "pods")


async def test_a_denied_read_of_secrets_is_no_denial_besides(engine: Engine) -> None:
    recorded = Recorded(engine, sender=Refusing("alpha", Forbidden("alpha", "no.", status=403)))

    await recorded.ask("{ secrets { nodes { name } } }")

    found = {(event.action, event.outcome) for event in await recorded.events() if event.resource == "secrets"}
    assert found == {(AuditAction.SECRET_READ, AuditOutcome.DENIED)}


async def test_denied_reads_of_secrets_are_one_event_for_each_name_however_often(engine: Engine) -> None:
    recorded = Recorded(engine, sender=Refusing("alpha", Forbidden("alpha", "no.", status=403)))
    asked = (
        f'a{index}: secret(cluster: "alpha", namespace: "shop", name: "s-{index}") {{ name }}' for index in range(20)
    )
    query = f"{{ {' '.join(asked)} }}"

    for _ in range(30):
        await recorded.ask(query)

    events = await recorded.events()
    assert {event.name: event.count for event in events} == {f"s-{index}": 30 for index in range(20)}
    assert len(events) == 20


async def test_au_2_secrets_are_not_read_while_nothing_can_be_on_record(engine: Engine) -> None:
    recorded = Recorded(engine)
    for _ in range(100):
        recorded.auditor.begin(AuditAction.SECRET_READ, "bob")

    answer = await recorded.ask("{ secrets { nodes { data } } pods { totalCount } }")

    (error,) = answer.errors
    assert error["extensions"] == {
        "code": "INTERNAL",
        "cluster": "alpha",
        "retryable": True,
        "reason": "AuditUnavailable",
    }
    assert isinstance(recorded.sender, ObjectsSender)
    assert [call.target for call in recorded.sender.calls] == ["pods"]


@dataclass(frozen=True)
class TokenFirst:
    """A cluster that is asked as a service account, whose token is requested before the first call."""

    name: str = "alpha"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self._exchange(Call(token_path("fleetgraph", "ours"), "create", "a token"), OWN_CREDENTIAL, "of-the-token")
        self._exchange(call, "system:serviceaccount:fleetgraph:ours", "of-the-read")
        return b'{"kind": "SecretList", "metadata": {}, "items": []}'

    def _exchange(self, call: Call, identity: str, audit_id: str) -> None:
        with ObservedCall(self.name, call, UNOBSERVED, identity) as watch:
            watch.begin().answered(200, audit_id)


async def test_au_1_the_identity_on_record_is_that_of_the_read_and_not_of_its_token(engine: Engine) -> None:
    recorded = Recorded(engine, sender=TokenFirst())

    answer = await recorded.ask("{ secrets { nodes { name } } }")

    assert not answer.errors
    (event,) = await recorded.events()
    assert event.identity == "system:serviceaccount:fleetgraph:ours"
    assert event.audit_ids == ("of-the-read",)
