"""Remote fields: one call for all rows of a list, in paths too, and reasons in the envelope."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from graph.incremental.payloads import PayloadFormat
from k8s.errors import Forbidden
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Quantity
from resolvers.kinds.longlists import items_of
from resolvers.links.absent import Absent
from resolvers.links.members import Family, Owner
from resolvers.lists.clusternotes import NoteCode
from resolvers.lists.rows import Rows
from resolvers.operation import sharedlists
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

MEMORY = {"a": "900Mi", "b": "1Gi", "c": "1000000k", "d": "1.5Gi", "e": "1e9"}
"""The memory that each pod uses; 1e9 = 1000000k < 1Gi."""


PART = Owner("PodPart", kinds.POD)


class Use(Struct, frozen=True):
    """The use of a pod."""

    memory: Annotated[Quantity | None, Meta(description="Bytes.")]


@dataclass
class Source:
    """The source of the uses.

    Attributes:
        calls: the pods of each call.
        calls_of_parts: the parts of each call.
        absent: the clusters without a source.
        forbidden: the clusters that refuse.
    """

    calls: list[list[str]] = field(default_factory=list)
    calls_of_parts: list[list[str]] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)

    async def use(self, pods: Rows, _operation: Operation) -> Sequence[object]:
        """Returns the use of each pod."""
        self.calls.append([pod.metadata.name for pod in pods.rows])
        return [self._use(cluster.name, pod.metadata.name) for cluster, pod in pods]

    def _use(self, cluster: str, pod: str) -> object:
        if cluster in self.absent:
            return Absent(NoteCode.NOT_SERVED, "It does not serve metrics.k8s.io.")
        if cluster in self.forbidden:
            return Forbidden(cluster, "its RBAC does not allow it.", status=403)
        return Use(Quantity(MEMORY[pod])) if pod in MEMORY else None


@dataclass
class Part:
    """A container of a pod."""

    cluster: object
    name: str
    pod: str


@dataclass
class Made:
    """A source, and the function that asks senders by a schema with its field."""

    source: Source
    ask: Callable[..., Asking]


@pytest.fixture
def made(shared: Made) -> Made:
    for known in vars(shared.source).values():
        known.clear()
    return shared


@pytest.fixture(scope="module")
def shared(ask_with: Callable[..., Callable[..., Asking]]) -> Made:
    source = Source()
    pods, parts = Family(kinds.POD), Family(PART)
    pods.remote("metadata.name", description="Its use.", returns=Use | None, name="use")(source.use)

    @pods.derived("spec.containers.name", description="Its parts.", returns=list[PART], name="parts")  # type: ignore[valid-type]  # a value
    def parts_of(pod: Row, cluster: object) -> list[Part]:
        return [Part(cluster, one.name, pod.metadata.name) for one in items_of(pod.spec and pod.spec.containers)]

    @parts.derived(description="Its name.")
    def name(part: Part) -> str:
        return part.name

    @parts.remote("metadata.name", description="Its use.", returns=Use | None)
    async def use(rows: Rows, _operation: Operation) -> Sequence[Use]:
        source.calls_of_parts.append([f"{part.pod}/{part.name}" for part in rows.rows])
        return [Use(Quantity(f"{len(rows.rows)}{part.name}")) for part in rows.rows]

    return Made(source, ask_with(pods, parts))


def pods(kind: Kind) -> Sequence[JsonObject]:
    if kind == kinds.NODE:
        return [{"metadata": {"name": "n"}}]
    if kind != kinds.POD:
        return []
    return [
        {
            "metadata": {"namespace": "x", "name": name, "labels": {"odd": str(place % 2)}},
            "spec": {"nodeName": "n", "containers": [{"name": "Ki"}, {"name": "Mi"}]},
        }
        for place, name in enumerate("abcdef")
    ]


def one(name: str = "one") -> ObjectsSender:
    return ObjectsSender(name, pods)


async def names(asking: Asking, arguments: str) -> list[str]:
    answer = await asking(f"{{ pods({arguments}) {{ nodes {{ name }} }} }}")
    assert answer.errors == []
    return [node["name"] for node in answer.to_builtins()["data"]["pods"]["nodes"]]


async def test_quantities_of_a_remote_field_order_by_value(made: Made) -> None:
    asking = made.ask(one())

    assert await names(asking, 'orderBy: [{path: "use.memory", direction: DESC}]') == ["d", "b", "c", "e", "a", "f"]
    assert await names(asking, 'orderBy: [{path: "use.memory", direction: DESC}], first: 2') == ["d", "b"]


async def test_the_first_objects_by_a_remote_field_are_the_first_of_the_fleet(made: Made) -> None:
    answer = await made.ask(one("one"), one("two"))(
        '{ pods(orderBy: [{path: "use.memory", direction: DESC}], first: 3) { nodes { name cluster { name } } } }'
    )

    nodes = answer.to_builtins()["data"]["pods"]["nodes"]
    assert [(node["name"], node["cluster"]["name"]) for node in nodes] == [("d", "one"), ("d", "two"), ("b", "one")]


async def test_a_condition_on_a_remote_field_compares_values(made: Made) -> None:
    assert await names(made.ask(one()), 'where: [{path: "use.memory", op: GE, value: "1e9"}]') == ["b", "c", "d", "e"]


async def test_sums_of_a_remote_field_are_exact(made: Made) -> None:
    answer = await made.ask(one())(
        '{ pods { groups(by: ["metadata.labels.odd"]) { key sum(path: "use.memory") max(path: "use.memory") } } }'
    )

    groups = answer.to_builtins()["data"]["pods"]["groups"]
    sums = {group["key"][0]: group["sum"] for group in groups}
    assert sums == {"0": "2874725Ki", "1": "2560Mi"}  # 900Mi + 1e9 + 1e9, and 1Gi + 1.5Gi
    assert {group["key"][0]: group["max"] for group in groups} == {"0": "1000000k", "1": "1.5Gi"}


@pytest.mark.parametrize(
    "query",
    [
        '{ pods(orderBy: [{path: "use.memory"}]) { nodes { use { memory } again: use { memory } } } }',
        '{ pods(where: [{path: "use.memory", op: EXISTS}], orderBy: [{path: "use.memory"}]) '
        "{ nodes { use { memory } } } }",
        '{ pods(where: [{path: "use.memory", op: EXISTS}]) '
        '{ nodes { use { memory } } groups(by: ["use.memory"]) { key } } }',
        '{ nodes { nodes { pods(orderBy: [{path: "use.memory"}]) { nodes { use { memory } } } } } }',
    ],
)
async def test_a_remote_field_is_called_once_for_paths_and_selection(made: Made, query: str) -> None:
    answer = await made.ask(one())(query)

    assert answer.errors == []
    assert made.source.calls == [[*"abcdef"]]


async def test_a_remote_field_is_called_once_for_the_pages_of_a_long_list(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharedlists, "_MUCH", 1)

    answer = await made.ask(one())(
        '{ pods(where: [{path: "use.memory", op: EXISTS}]) { totalCount groups(by: ["use.memory"]) { key } } }'
    )

    assert answer.to_builtins()["data"]["pods"]["totalCount"] == 5
    assert made.source.calls == [[*"abcdef"]]


async def test_a_refusal_is_reported_once_for_each_cluster(made: Made) -> None:
    made.source.forbidden = {"one"}

    answer = await made.ask(one("one"), one("two"))(
        '{ pods(orderBy: [{path: "use.memory"}]) { nodes { use { memory } } } }'
    )

    assert [error["message"] for error in answer.errors] == ["cluster 'one': its RBAC does not allow it."]
    uses = [node["use"] for node in answer.to_builtins()["data"]["pods"]["nodes"]]
    assert uses == [{"memory": MEMORY[pod]} for pod in "acebd"] + [None] * 7


ENVELOPE = "fragment Envelope on ClusterReport { cluster { name } notes { code message } }"
NOTE = {"code": "NOT_SERVED", "message": "It does not serve metrics.k8s.io."}


@pytest.mark.parametrize(
    "list_of",
    [
        "pods { clusters { ...Envelope } nodes { use { memory } } }",
        "pods { nodes { name } clusters { ...Envelope } edges { node { use { memory } } } }",
        'pods(where: [{path: "use.memory", op: EXISTS}]) { clusters { ...Envelope } }',
        'pods(orderBy: [{path: "use.memory"}]) { clusters { ...Envelope } nodes { name } }',
        'pods { clusters { ...Envelope } groups(by: ["use.memory"]) { key } }',
        "pods: nodes { clusters { ...Envelope } nodes { pods { nodes { use { memory } } } } }",
    ],
)
async def test_the_reason_for_absent_values_is_in_the_envelope_once(made: Made, list_of: str) -> None:
    made.source.absent = {"two"}

    answer = await made.ask(one("one"), one("two"))(f"{{ {list_of} }} {ENVELOPE}")

    assert answer.errors == []
    clusters = answer.to_builtins()["data"]["pods"]["clusters"]
    assert clusters == [{"cluster": {"name": "one"}, "notes": []}, {"cluster": {"name": "two"}, "notes": [NOTE]}]


async def test_a_list_without_the_field_has_no_note(made: Made) -> None:
    made.source.absent = {"one"}

    answer = await made.ask(one())(
        "{ with: pods { nodes { use { memory } } clusters { notes { code } } } without: pods { nodes { name } "
        "clusters { notes { code } } } }"
    )

    data = answer.to_builtins()["data"]
    assert data["with"]["clusters"] == [{"notes": [{"code": "NOT_SERVED"}]}]
    assert data["without"]["clusters"] == [{"notes": []}]


async def test_a_list_of_a_parent_has_its_own_notes(made: Made) -> None:
    made.source.absent = {"one"}

    answer = await made.ask(one())(
        "{ nodes { nodes { pods { clusters { notes { code } } nodes { use { memory } } } } } }"
    )

    (node,) = answer.to_builtins()["data"]["nodes"]["nodes"]
    assert node["pods"]["clusters"] == [{"notes": [{"code": "NOT_SERVED"}]}]


async def test_lists_of_several_parents_have_notes_in_common_as_described(made: Made) -> None:
    made.source.absent = {"one"}
    empty: JsonObject = {"metadata": {"name": "empty"}}
    sender = ObjectsSender("one", lambda kind: [*pods(kind), *([empty] if kind == kinds.NODE else [])])

    answer = await made.ask(sender)(
        """{ nodes { nodes { name pods { totalCount clusters { notes { code } } nodes { use { memory } } } } }
        __type(name: "ClusterReport") { fields { name description } } }"""
    )

    data = answer.to_builtins()["data"]
    nodes = {node["name"]: node["pods"] for node in data["nodes"]["nodes"]}
    assert nodes["empty"] == {"totalCount": 0, "clusters": [{"notes": [{"code": "NOT_SERVED"}]}], "nodes": []}
    described = {field["name"]: field["description"] for field in data["__type"]["fields"]}
    assert "may concern the list of another object of the same cluster" in " ".join(described["notes"].split())


async def test_without_a_list_the_reason_is_a_warning(made: Made) -> None:
    made.source.absent = {"one"}

    answer = await made.ask(one())('{ pod(cluster: "one", namespace: "x", name: "a") { use { memory } } }')

    assert answer.to_builtins() == {
        "data": {"pod": {"use": None}},
        "extensions": {
            "warnings": [
                {
                    "code": "NO_VALUE",
                    "message": "cluster 'one': It does not serve metrics.k8s.io.",
                    "reason": "NOT_SERVED",
                    "clusters": ["one"],
                }
            ]
        },
    }


async def test_a_remote_field_of_parts_is_called_once_for_the_parts_of_all_objects(made: Made) -> None:
    answer = await made.ask(one("one"), one("two"))("{ pods { nodes { parts { name use { memory } } } } }")

    (call,) = made.source.calls_of_parts
    assert call == [f"{pod}/{part}" for _ in range(2) for pod in "abcdef" for part in ("Ki", "Mi")]
    nodes = answer.to_builtins()["data"]["pods"]["nodes"]
    assert nodes[0]["parts"] == [{"name": "Ki", "use": {"memory": "24Ki"}}, {"name": "Mi", "use": {"memory": "24Mi"}}]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('where: [{path: "parts[name=Mi].use.memory", op: GT, value: "1Mi"}]', "abcdef"),
        ('where: [{path: "parts", some: [{path: "use.memory", op: GT, value: "100Ki"}]}]', "abcdef"),
        ('where: [{path: "parts", every: [{path: "use.memory", op: GT, value: "100Ki"}]}]', ""),
        ('where: [{path: "parts", none: [{path: "name", op: EQ, value: "Gi"}]}]', "abcdef"),
        ('orderBy: [{path: "parts[name=Ki].use.memory", direction: DESC}]', "abcdef"),
    ],
)
async def test_paths_lead_into_parts(made: Made, arguments: str, expected: str) -> None:
    assert await names(made.ask(one()), arguments) == [*expected]
    assert len(made.source.calls_of_parts) == (1 if "use" in arguments else 0)


async def test_groups_of_parts(made: Made) -> None:
    answer = await made.ask(one())(
        '{ pods { groups(by: ["parts.name"]) { key count sum(path: "parts.use.memory") } } }'
    )

    groups = answer.to_builtins()["data"]["pods"]["groups"]
    assert [(group["key"], group["count"]) for group in groups] == [(["Ki"], 6), (["Mi"], 6)]


async def test_a_streamed_list_sends_the_reason_with_the_envelope(made: Made) -> None:
    made.source.absent = {"one"}
    query = "{ pods { nodes @stream(initialCount: 1) { use { memory } } ... @defer { clusters { notes { code } } } } }"

    sent = [payload.to_json(PayloadFormat.IDS) async for payload in made.ask(one()).deliver(query)]

    assert [b"NOT_SERVED" in payload for payload in sent][-1]
    assert made.source.calls == [[*"abcdef"]]


async def test_clusters_with_the_same_reason_are_one_warning(made: Made) -> None:
    names = [f"c{number:02}" for number in range(12)]
    made.source.absent = {*names}
    root = "".join(
        f'{name}: pod(cluster: "{name}", namespace: "x", name: "a") {{ use {{ memory }} }} ' for name in names
    )

    few = await made.ask(*map(one, names[:2]))(f"{{ {root[: root.index('c02')]} }}")
    many = await made.ask(*map(one, names))(f"{{ {root} }}")

    (warning,) = few.to_builtins()["extensions"]["warnings"]
    assert warning["message"] == "clusters 'c00' and 'c01': It does not serve metrics.k8s.io."
    (warning,) = many.to_builtins()["extensions"]["warnings"]
    assert (warning["message"][:13], warning["clusters"]) == ("12 clusters: ", names)
