"""`Secret.reveal`: permitted by the setting and the cluster, recorded before it is read, and nowhere else."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from graph.answer import Answer
from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.errors import Forbidden
from k8s.kinds.builtin import SECRET
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.arguments.globalids import object_id
from resolvers.audit.auditor import Auditor
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.limits import OperationLimits, Revealers
from resolvers.operation.operation import Operation
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditAction, AuditEvent, AuditOutcome
from store.errors import StoreUnavailable
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import CURSOR_KEY, Asking, Clusters, cluster_of
from tests.graph.ordinary.engine import ordinary_engine
from tests.graph.senders import ObjectsSender

CANARY = "s3cr3t-canary"
ALICE = Caller(name="alice")
EVERYONE = OperationLimits(revealers=Revealers.EVERYONE)
DB = '(namespaces: ["shop"], fieldSelector: "metadata.name=db")'


def _base64(text: bytes) -> str:
    return b64encode(text).decode()


def _secrets(kind: Kind) -> Sequence[JsonObject]:
    if kind != SECRET:
        return []
    values = {"password": _base64(CANARY.encode()), "binary": _base64(b"\xff\x00"), "empty": None, "odd": "no base64!"}
    return [
        {"kind": "Secret", "metadata": {"namespace": "shop", "name": name}, "type": "Opaque", "data": dict(values)}
        for name in ("api", "db")
    ]


@dataclass
class WatchedSender:
    """An API server with Secrets; remembers the events of the audit at each GET, and may refuse it."""

    name: str
    log: MemoryAudit
    refuses: bool = False
    gets: list[str] = field(default_factory=list)
    seen: list[list[tuple[str, AuditOutcome]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.whole = ObjectsSender(self.name, _secrets)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if call.verb == "get":
            self.gets.append(call.path)
            self.seen.append([(event.name, event.outcome) for event in self.log._events.values()])
            if self.refuses:
                raise Forbidden(self.name, f"its RBAC does not allow to {call.verb} {call.target}.", status=403)
        return await self.whole.send(call, deadline, on_prefix=on_prefix)


class UnwritableAudit(MemoryAudit):
    async def write(self, events: Sequence[AuditEvent]) -> None:
        raise StoreUnavailable("The database is read-only.")


@dataclass
class Revealing:
    """A cluster with Secrets, and the audit."""

    engine: Engine
    log: MemoryAudit
    has_audit: bool = True
    refuses: bool = False
    limits: OperationLimits = field(default_factory=OperationLimits)
    caller: Caller = OPERATOR

    def __post_init__(self) -> None:
        self.sender = WatchedSender("alpha", self.log, self.refuses)
        self.auditor = Auditor(self.log) if self.has_audit else None

    async def __call__(self, query: str, *, is_ordinary: bool = False) -> Answer:
        clusters = _AnyCallers((cluster_of(self.sender),), self.auditor)
        fleet: Any = clusters
        operation = Operation(_fleet(fleet), caller=self.caller, cursor_key=CURSOR_KEY, limits=self.limits)
        engine = ordinary_engine(self.engine) if is_ordinary else self.engine
        return await engine.execute(GraphqlRequest(query), operation)

    async def delivered(self, query: str) -> str:
        """Returns all payloads of an answer as text."""
        fleet: Any = _AnyCallers((cluster_of(self.sender),), self.auditor)
        asking = Asking(self.engine, _fleet(fleet), caller=self.caller)
        return "".join([repr(payload) async for payload in asking.deliver(query, limits=self.limits)])

    @property
    def events(self) -> list[AuditEvent]:
        return sorted(self.log._events.values(), key=lambda event: event.name)


class _AnyCallers(Clusters):
    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        return self.known


def _fleet(fleet: Any) -> Fleet:
    return fleet  # type: ignore[no-any-return]  # as `fleet_of` does


def _errors(answer: Answer) -> list[tuple[str, str]]:
    return [(error["message"], error["extensions"]["code"]) for error in answer.to_builtins().get("errors", [])]


def _nodes(answer: Answer) -> Sequence[Mapping[str, Any]]:
    nodes: Sequence[Mapping[str, Any]] = answer.to_builtins()["data"]["secrets"]["nodes"]
    return nodes


@pytest.mark.parametrize("is_ordinary", [False, True])
async def test_values_are_given_by_key(engine: Engine, is_ordinary: bool) -> None:
    revealing = Revealing(engine, MemoryAudit())
    keys = '["password", "binary", "empty", "odd", "absent", "password"]'

    answer = await revealing(
        f"{{ secrets{DB} {{ nodes {{ name data reveal(keys: {keys}) {{ text key value }} }} }} }}",
        is_ordinary=is_ordinary,
    )

    assert _errors(answer) == []
    (node,) = (node for node in _nodes(answer) if node["name"] == "db")
    assert node["data"] == {"password": None, "binary": None, "empty": None, "odd": None}
    assert node["reveal"] == [
        {"text": CANARY, "key": "password", "value": _base64(CANARY.encode())},
        {"text": None, "key": "binary", "value": _base64(b"\xff\x00")},
        {"text": "", "key": "empty", "value": ""},
        {"text": None, "key": "odd", "value": "no base64!"},
        {"text": None, "key": "absent", "value": None},
    ]


async def test_each_secret_is_a_get_of_its_own_and_recorded_before_it(engine: Engine) -> None:
    revealing = Revealing(engine, MemoryAudit())

    answer = await revealing('{ secrets { nodes { reveal(keys: ["password", "binary"]) { key } } } }')

    assert _errors(answer) == []
    assert sorted(revealing.sender.gets) == [f"/api/v1/namespaces/shop/secrets/{name}" for name in ("api", "db")]
    for path, seen in zip(revealing.sender.gets, revealing.sender.seen, strict=True):
        assert (f"{path.rpartition('/')[2]}[password,binary]", AuditOutcome.BEGUN) in seen
    assert [
        (
            event.action,
            event.actor,
            event.cluster,
            event.verb,
            event.resource,
            event.namespace,
            event.name,
            event.outcome,
        )
        for event in revealing.events
    ] == [
        (
            AuditAction.SECRET_REVEAL,
            OPERATOR.name,
            "alpha",
            "reveal",
            "secrets",
            "shop",
            f"{name}[password,binary]",
            AuditOutcome.SUCCEEDED,
        )
        for name in ("api", "db")
    ]
    assert CANARY not in repr(revealing.events)
    assert _base64(CANARY.encode()) not in repr(revealing.events)


async def test_long_keys_are_all_recorded(engine: Engine) -> None:
    revealing = Revealing(engine, MemoryAudit())
    keys = [letter * 253 for letter in "abc"]

    await revealing(
        f"{{ secrets{DB} {{ nodes {{ reveal(keys: {str(keys).replace(chr(39), chr(34))}) {{ key }} }} }} }}"
    )

    names = [event.name for event in revealing.events if event.name.startswith("db")]
    assert names == [f"db[{keys[0]},{keys[1]}]", f"db[{keys[2]}]"]


async def test_au_2_nothing_is_read_without_a_record(engine: Engine) -> None:
    revealing = Revealing(engine, UnwritableAudit())

    answer = await revealing(f'{{ secrets{DB} {{ nodes {{ name reveal(keys: ["password"]) {{ value }} }} }} }}')

    assert revealing.sender.gets == []
    assert [code for _, code in _errors(answer)] == ["INTERNAL"]
    assert {node["reveal"] for node in _nodes(answer)} == {None}


async def test_a_server_without_an_audit_reveals_nothing(engine: Engine) -> None:
    revealing = Revealing(engine, MemoryAudit(), has_audit=False)

    answer = await revealing(f'{{ secrets{DB} {{ nodes {{ reveal(keys: ["password"]) {{ value }} }} }} }}')

    message = "reveal: this server has no audit, without which no value of a Secret is revealed."
    assert _errors(answer) == [(message, "BAD_USER_INPUT")]
    assert revealing.sender.gets == []


@pytest.mark.parametrize(
    ("revealers", "caller", "message"),
    [
        (Revealers.NOBODY, OPERATOR, "this server reveals values of Secrets to nobody (FLEETGRAPH_REVEAL)."),
        (Revealers.NOBODY, ALICE, "this server reveals values of Secrets to nobody (FLEETGRAPH_REVEAL)."),
        (
            Revealers.ADMINISTRATORS,
            ALICE,
            "this server reveals values of Secrets to administrators only (FLEETGRAPH_REVEAL).",
        ),
        (Revealers.ADMINISTRATORS, OPERATOR, None),
        (Revealers.EVERYONE, ALICE, None),
    ],
)
async def test_the_setting_decides_who_may(
    engine: Engine, revealers: Revealers, caller: Caller, message: str | None
) -> None:
    revealing = Revealing(engine, MemoryAudit(), limits=OperationLimits(revealers=revealers), caller=caller)

    answer = await revealing(f'{{ secrets{DB} {{ nodes {{ reveal(keys: ["password"]) {{ value }} }} }} }}')
    assert revealing.auditor is not None
    await revealing.auditor.flush()

    assert [event.action for event in revealing.events if event.outcome is AuditOutcome.DENIED] == (
        [] if message is None else [AuditAction.DENIAL]
    )
    assert _errors(answer) == ([] if message is None else [(f"reveal: {message}", "FORBIDDEN")])
    assert bool(revealing.sender.gets) is (message is None)


async def test_the_cluster_decides_who_may(engine: Engine) -> None:
    revealing = Revealing(engine, MemoryAudit(), refuses=True, limits=EVERYONE, caller=ALICE)

    answer = await revealing('{ secrets { nodes { name reveal(keys: ["password"]) { value } } } }')

    assert [code for _, code in _errors(answer)] == ["FORBIDDEN", "FORBIDDEN"]
    assert [(node["name"], node["reveal"]) for node in _nodes(answer)] == [("api", None), ("db", None)]
    assert {event.outcome for event in revealing.events} == {AuditOutcome.DENIED}


async def test_a_query_reveals_a_limited_number_of_secrets(engine: Engine) -> None:
    revealing = Revealing(engine, MemoryAudit(), limits=OperationLimits(revealed_secrets=3))
    list_of_two = '{ nodes { reveal(keys: ["password"]) { value } } }'

    answer = await revealing(f"{{ a: secrets {list_of_two} b: secrets {list_of_two} }}")

    ((message, code),) = _errors(answer)
    assert message.startswith("reveal: 4 Secrets; the limit of a query is 3 (FLEETGRAPH_MAX_REVEALED_SECRETS).")
    assert code == "LIMIT_EXCEEDED"
    assert len(revealing.sender.gets) == 2


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("[]", "reveal: keys is empty; name the keys, which `data` has with null values."),
        ('["a/b"]', "reveal: 'a/b' is no key of a Secret; it has letters, digits, '-', '_' and '.'."),
        (
            '["' + "a" * 254 + '"]',
            f"reveal: '{'a' * 80}' is no key of a Secret; it has letters, digits, '-', '_' and '.'.",
        ),
        (
            f"[{','.join(f'{chr(34)}k{number}{chr(34)}' for number in range(101))}]",
            "reveal: 101 keys; the limit is 100.",
        ),
    ],
)
async def test_invalid_keys_are_refused_before_anything_is_sent(engine: Engine, keys: str, message: str) -> None:
    revealing = Revealing(engine, MemoryAudit())

    answer = await revealing(f"{{ secrets {{ nodes {{ reveal(keys: {keys}) {{ value }} }} }} }}")

    assert _errors(answer) == [(message, "BAD_USER_INPUT")]
    assert revealing.sender.whole.calls == []


@pytest.mark.parametrize(
    "arguments",
    [
        '(where: {path: "reveal", op: EXISTS}) { totalCount }',
        '(where: {path: "reveal.value", value: "x"}) { totalCount }',
        '(orderBy: {path: "reveal.text"}) { totalCount }',
        '{ groups(by: ["reveal.value"]) { count } }',
        '{ groups(by: []) { max(path: "reveal.text") } }',
    ],
)
async def test_no_path_leads_to_revealed_values(engine: Engine, arguments: str) -> None:
    revealing = Revealing(engine, MemoryAudit())

    answer = await revealing(f"{{ secrets{arguments} }}")

    message = "path: reveal takes arguments, and a path has none; select it instead."
    assert _errors(answer) == [(message, "BAD_USER_INPUT")]
    assert revealing.sender.whole.calls == []


_ID = object_id("id-alpha", SECRET, "shop", "db")
_ONE = 'cluster: "alpha", namespace: "shop", name: "db"'
_ON_SECRET = "... on Secret { %s }"
WAYS = {
    "list": f"{{ secrets{DB} {{ nodes {{ %s }} }} }}",
    "edges": f"{{ secrets{DB} {{ edges {{ node {{ %s }} }} }} }}",
    "groups": f'{{ secrets{DB} {{ groups(by: ["name"]) {{ nodes {{ %s }} }} }} }}',
    "objects": f'{{ objects(resource: "secrets", {DB[1:]} {{ nodes {{ {_ON_SECRET} }} }} }}',
    "single": f"{{ secret({_ONE}) {{ %s }} }}",
    "object": f'{{ object({_ONE}, apiVersion: "v1", kind: "Secret") {{ {_ON_SECRET} }} }}',
    "id": f'{{ object(id: "{_ID}") {{ {_ON_SECRET} }} }}',
    "entity": f'{{ _entities(representations: [{{__typename: "Secret", id: "{_ID}"}}]) {{ {_ON_SECRET} }} }}',
    "cluster": f"{{ clusters {{ secrets{DB} {{ nodes {{ %s }} }} }} }}",
    "fragment": f"{{ secrets{DB} {{ nodes {{ ...F }} }} }} fragment F on Secret {{ %s }}",
    "deferred": f"{{ secrets{DB} {{ nodes {{ name ... @defer {{ %s }} }} }} }}",
    "streamed": f"{{ secrets{DB} {{ nodes @stream(initialCount: 0) {{ %s }} }} }}",
}


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_a_secret_is_recorded_and_limited(engine: Engine, way: str) -> None:
    query = WAYS[way] % 'a: reveal(keys: ["password"]) { text } b: reveal(keys: ["binary"]) { text }'
    path = "/api/v1/namespaces/shop/secrets/db"

    told, unrecorded, limited, denied = (
        Revealing(engine, log, limits=OperationLimits(revealed_secrets=most, revealers=revealers))
        for log, most, revealers in (
            (MemoryAudit(), 10, Revealers.ADMINISTRATORS),
            (UnwritableAudit(), 10, Revealers.ADMINISTRATORS),
            (MemoryAudit(), 0, Revealers.ADMINISTRATORS),
            (MemoryAudit(), 10, Revealers.NOBODY),
        )
    )
    texts = {
        name: await of.delivered(query) for name, of in zip("tuld", (told, unrecorded, limited, denied), strict=True)
    }

    assert CANARY in texts["t"]
    recorded = {event.name.partition("[")[2] for event in told.events if event.action is AuditAction.SECRET_REVEAL}
    assert recorded == {"password]", "binary]"}
    own = told.sender.gets.count(path) - 2  # GETs of the object itself
    assert own in {0, 1}
    for name, of in (("u", unrecorded), ("l", limited), ("d", denied)):
        assert CANARY not in texts[name]
        assert of.sender.gets.count(path) == own
