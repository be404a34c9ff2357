"""`name` and `names` of lists: exactly the objects of these names, and the requests that read them."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from graph.engine import Engine
from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from k8s.kinds import builtin as kinds
from k8s.kinds.builtin import CLUSTER_ROLE
from k8s.kinds.kind import Kind
from k8s.reading.pages import METADATA_ONLY
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.caller import OPERATOR
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.fleets import CURSOR_KEY, Asking, connection_to, fleet_of
from tests.graph.merging import Merged
from tests.graph.senders import ObjectsSender

NAMESPACES = ("a", "a-b", "b", "c", "d", "e")
NAMES = ("m", "m-n", "m.n", "n", "o", "p")
PAGE = """query Page($first: Int, $after: String, $name: String, $names: [String!], $namespaces: [String!]) {
  pods(first: $first, after: $after, name: $name, names: $names, namespaces: $namespaces) {
    totalCount nodes { cluster { name } namespace name } pageInfo { hasNextPage endCursor }
  }
}"""
Place = tuple[str, str]


class RecordedSnapshot(SnapshotSender):
    """A snapshot cluster that records its calls."""

    def __init__(self, name: str, content: StaticContent) -> None:
        super().__init__(name, SnapshotApi(content))
        self.calls: list[Call] = []

    async def send(self, call: Call, deadline: Deadline, **options: Any) -> bytes:
        """Answers as a snapshot."""
        self.calls.append(call)
        return await super().send(call, deadline, **options)

    @property
    def selectors(self) -> list[str]:
        """The field selectors of the calls, in order of time."""
        return [dict(call.query).get("fieldSelector", "") for call in self.calls]


def pod(namespace: str, name: str, **labels: str) -> JsonObject:
    """Returns a pod."""
    metadata: JsonObject = {"namespace": namespace, "name": name, "labels": {**labels}, "uid": f"{namespace}/{name}"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"nodeName": "n-1"}}


def role(name: str) -> JsonObject:
    """Returns a ClusterRole."""
    return {"apiVersion": CLUSTER_ROLE.api_version, "kind": "ClusterRole", "metadata": {"name": name}, "rules": []}


def snapshot(name: str, places: Sequence[Place]) -> RecordedSnapshot:
    """Returns a cluster with pods at these places, their namespaces, and the node of all of them."""
    others: list[JsonObject] = [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n-1"}}]
    others += [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        for namespace in sorted({place[0] for place in places})
    ]
    return RecordedSnapshot(name, StaticContent([*(pod(*place) for place in places), *others], version="v1.37.2"))


ALL = snapshot("alpha", [(namespace, name) for namespace in NAMESPACES for name in NAMES])


@pytest.fixture
def alpha_pods() -> RecordedSnapshot:
    """Returns a cluster with a pod of each name in each namespace."""
    ALL.calls.clear()
    return ALL


async def answered(asking: Asking, query: str, variables: Mapping[str, object] | None = None) -> Any:
    """Returns the data of an answer without errors."""
    answer = json.loads((await asking(query, variables)).to_json())
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


async def paged(asking: Asking, variables: Mapping[str, object]) -> tuple[list[tuple[str, str, str]], set[int]]:
    """Returns the places of all pages of a list, and their numbers of objects."""
    places: list[tuple[str, str, str]] = []
    counts, after, has_next = set[int](), None, True
    while has_next:
        page = (await answered(asking, PAGE, {**variables, "after": after}))["pods"]
        places += [(node["cluster"]["name"], node["namespace"], node["name"]) for node in page["nodes"]]
        counts.add(page["totalCount"])
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return places, counts


def _order(place: tuple[str, str, str]) -> tuple[str, str, str]:
    return (place[0], f"{place[1]}/", place[2])


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    places=st.lists(st.sets(st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(NAMES))), min_size=1, max_size=3),
    names=st.lists(st.sampled_from((*NAMES, "unknown")), min_size=1, max_size=5),
    namespaces=st.none() | st.lists(st.sampled_from(NAMESPACES), min_size=1, unique=True),
    first=st.none() | st.integers(1, 4),
    ignores_selectors=st.booleans(),
)
async def test_a_list_has_exactly_the_objects_of_the_names(
    engine: Engine,
    places: list[set[Place]],
    names: list[str],
    namespaces: list[str] | None,
    first: int | None,
    *,
    ignores_selectors: bool,
) -> None:
    def cluster(name: str, of: set[Place]) -> Sender:
        pods = [pod(*place) for place in of]
        if ignores_selectors:  # as some aggregated APIs do
            return ObjectsSender(name, lambda kind: pods if kind == kinds.POD else [])
        return snapshot(name, sorted(of))

    asking = Asking(engine, fleet_of([cluster(f"c-{index}", of) for index, of in enumerate(places)]))
    expected = sorted(
        (
            (f"c-{index}", namespace, name)
            for index, of in enumerate(places)
            for namespace, name in of
            if name in names and (namespaces is None or namespace in namespaces)
        ),
        key=_order,
    )
    variables: dict[str, object] = {"namespaces": namespaces, "first": first}
    variables |= {"name": names[0]} if len(names) == 1 else {"names": names}

    found, counts = await paged(asking, variables)
    counted = await answered(asking, PAGE.replace("nodes { cluster { name } namespace name } ", ""), variables)

    assert found == expected
    assert counts == {len(expected)}
    assert counted["pods"]["totalCount"] == len(expected)


async def test_a_page_of_a_server_that_ignores_selectors(engine: Engine) -> None:
    """Its first object has the name by chance; as many objects remain as there are of all names."""
    pods = [pod("a", "m"), pod("a", "n"), pod("b", "m")]
    asking = Asking(engine, fleet_of([ObjectsSender("one", lambda kind: pods if kind == kinds.POD else [])]))

    found, counts = await paged(asking, {"name": "m", "first": 1})

    assert (found, counts) == ([("one", "a", "m"), ("one", "b", "m")], {2})


@pytest.mark.parametrize(
    ("arguments", "selectors"),
    [
        ('name: "m"', ["metadata.name=m"]),
        ('names: ["m", "m"]', ["metadata.name=m"]),
        ('names: ["n", "m"]', ["metadata.name=m", "metadata.name=n"]),
        ('names: ["m", "n", "o", "p"]', [""]),
        ('name: "m", namespaces: ["a", "b", "c", "d"]', ["metadata.name=m"] * 4),
        ('names: ["m", "n"], namespaces: ["a"]', ["metadata.name=m", "metadata.name=n"]),
        ('names: ["m", "n"], namespaces: ["a", "b"]', ["", ""]),
        ('names: ["m", "n"], namespaces: ["a", "b", "c", "d", "e"]', ["metadata.name=m", "metadata.name=n"]),
        ('name: "m", fieldSelector: "spec.nodeName=n-1"', ["spec.nodeName=n-1,metadata.name=m"]),
        ('name: "m", where: [{path: "spec.nodeName", value: "n-1"}]', ["spec.nodeName=n-1,metadata.name=m"]),
    ],
)
async def test_few_names_are_selected_and_many_are_picked_from_one_list(
    ask: Callable[..., Asking], alpha_pods: RecordedSnapshot, arguments: str, selectors: Sequence[str]
) -> None:
    await answered(ask(alpha_pods), f"{{ pods({arguments}) {{ nodes {{ name }} totalCount }} }}")

    assert alpha_pods.selectors == selectors


@pytest.mark.parametrize(("names", "requests"), [('"m"', 1), ('"m", "n"', 2), ('"m", "n", "o", "p"', 1)])
async def test_the_explanation_has_each_request(
    engine: Engine, alpha_pods: RecordedSnapshot, names: str, requests: int
) -> None:
    explanation = Explanation()
    operation = Operation(fleet_of([alpha_pods]), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=explanation)

    await engine.execute(GraphqlRequest(f"{{ pods(names: [{names}]) {{ nodes {{ name }} }} }}"), operation)

    selected = [request.path.partition("fieldSelector=")[2] for request in explanation.requests]
    wanted = names.replace('"', "").split(", ")
    assert sorted(selected) == ([f"metadata.name={name}" for name in wanted] if len(wanted) < 4 else [""])
    assert len(explanation.requests) == requests


@pytest.mark.parametrize(
    ("arguments", "requests"),
    [
        ('name: "m"', 1),
        ('names: ["m", "n"]', 2),
        ('names: ["m", "n", "o", "p"]', 1),
        ('namespaces: ["a", "b"]', 2),
        ('names: ["m"], namespaces: ["a", "b", "c"]', 3),
        ('names: ["m", "n"], namespaces: ["a", "b"]', 2),
        ('namespaces: ["a", "b", "c", "d", "e"]', 1),
    ],
)
@pytest.mark.parametrize(
    ("root", "clusters"),
    [
        ("pods(%s)", 2),
        ('objects(resource: "pods", %s)', 2),
        ('pods(clusters: {names: ["alpha"]}, %s)', 1),
        ('objects(kind: "Pod", where: [{path: "cluster.name", value: "alpha"}], %s)', 1),
    ],
)
async def test_the_estimate_is_the_number_of_requests(
    engine: Engine, alpha_pods: RecordedSnapshot, root: str, clusters: int, arguments: str, requests: int
) -> None:
    beta, explanation = RecordedSnapshot("beta", StaticContent([])), Explanation()
    operation = Operation(fleet_of([alpha_pods, beta]), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=explanation)

    query = f"{{ {root % arguments} {{ nodes {{ name }} }} }}"
    answer = await engine.execute(GraphqlRequest(query), operation)

    assert answer.errors == []
    lists = [request for request in explanation.requests if request.verb == "list"]
    assert explanation.estimated_requests == len(lists) == requests * clusters


async def test_a_number_is_one_request_for_metadata(ask: Callable[..., Asking], alpha_pods: RecordedSnapshot) -> None:
    counted = await answered(ask(alpha_pods), '{ pods(name: "m", namespaces: ["a"]) { totalCount } }')

    (call,) = alpha_pods.calls
    assert counted["pods"]["totalCount"] == 1
    assert (call.accept, call.path) == (METADATA_ONLY, "/api/v1/namespaces/a/pods")


@pytest.mark.parametrize(
    "query",
    [
        '{ nodes { nodes { pods(name: "m") { totalCount nodes { name } } } } }',
        '{ nodes { nodes { pods(names: ["m", "n", "o", "p"]) { totalCount nodes { name } } } } }',
        '{ clusters { pods(name: "m") { totalCount } } }',
        '{ clusters { pods(names: ["m", "n"], namespaces: ["a"]) { totalCount nodes { name } } } }',
        '{ namespaces(name: "a") { nodes { pods(names: ["m", "n", "unknown"]) { totalCount } } } }',
        '{ namespaces { nodes { pods(names: ["m", "n"], first: 1) { totalCount nodes { name } } } } }',
        '{ pods(name: "m", where: [{path: "namespace", op: IN, value: ["a", "b"]}]) { nodes { namespace name } } }',
        '{ pods(names: ["m", "n"], orderBy: [{path: "name", direction: DESC}]) { nodes { namespace name } } }',
        '{ pods(names: ["m", "n"]) { groups(by: ["name"]) { key count } } }',
    ],
)
async def test_it_is_the_same_as_where(ask: Callable[..., Asking], query: str) -> None:
    """Compares with conditions on the name, which are not pushed down."""
    asking = Asking(ask(ALL).engine, fleet_of([ALL]), pushes_down=False)
    by_where = query
    for names in ('["m", "n", "o", "p"]', '["m", "n", "unknown"]', '["m", "n"]'):
        by_where = by_where.replace(f"names: {names}", f'where: [{{path: "name", op: IN, value: {names}}}]')
    by_where = by_where.replace('pods(name: "m")', 'pods(where: [{path: "name", value: "m"}])')
    by_where = by_where.replace('name: "m", where: [', 'where: [{path: "name", value: "m"}, ')

    assert await answered(asking, query) == await answered(asking, by_where)
    assert by_where != query


async def test_a_streamed_list(ask: Callable[..., Asking], alpha_pods: RecordedSnapshot) -> None:
    query = '{ pods(names: ["n", "m"]) { nodes @stream { namespace name } ... @defer { totalCount } } }'
    merged = Merged()

    async for payload in ask(alpha_pods).deliver(query):
        merged.add(json.loads(payload.to_json(PayloadFormat.IDS)))

    expected = [{"namespace": namespace, "name": name} for namespace in NAMESPACES for name in ("m", "n")]
    assert merged.data["pods"] == {
        "nodes": sorted(expected, key=lambda place: (place["namespace"] + "/", place["name"])),
        "totalCount": len(expected),
    }
    assert alpha_pods.selectors == ["metadata.name=m", "metadata.name=n"]


async def test_a_cursor_is_valid_for_its_names_only(ask: Callable[..., Asking], alpha_pods: RecordedSnapshot) -> None:
    asking = ask(alpha_pods)
    page = (await answered(asking, PAGE, {"name": "m", "first": 1}))["pods"]

    answer = await asking(PAGE, {"name": "n", "first": 1, "after": page["pageInfo"]["endCursor"]})

    assert [error["extensions"]["code"] for error in json.loads(answer.to_json())["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('name: "../secrets/x"', "name: '../secrets/x' is not a valid name"),
        ('name: ".."', "name: '..' is not a valid name"),
        ('name: ""', "name: '' is not a valid name"),
        ('name: "a%2fb"', "name: 'a%2fb' is not a valid name"),
        ('names: ["a", "b\\u0000"]', "names: 'b\\x00' is not a valid name"),
        ("names: []", "names: the list is empty; leave the argument out"),
        ('name: "a", names: ["b"]', "name, names: give one of them"),
    ],
)
async def test_bad_names_are_refused_before_any_request(
    ask: Callable[..., Asking], alpha_pods: RecordedSnapshot, arguments: str, message: str
) -> None:
    answer = await ask(alpha_pods)(f"{{ pods({arguments}) {{ totalCount }} }}")

    (error,) = json.loads(answer.to_json())["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith(message)
    assert alpha_pods.calls == []


UNUSUAL = ("a b", "é", "*", "a,b", "a=b", "a?b#c", "a;b&c", "a\\b", "a|b|c", "...", " ", "'\"`$(x)", "metadata.name!=x")


async def test_unusual_names_of_a_snapshot(ask: Callable[..., Asking]) -> None:
    await _assert_each_is_found(ask(snapshot_of_roles()))


def snapshot_of_roles() -> RecordedSnapshot:
    """Returns a cluster with a ClusterRole of each unusual name."""
    return RecordedSnapshot("alpha", StaticContent([role(name) for name in UNUSUAL], version="v1.37.2"))


async def _assert_each_is_found(asking: Asking) -> None:
    query = "query ($name: String, $names: [String!]) { clusterRoles(name: $name, names: $names) { nodes { name } } }"
    for name in UNUSUAL:
        assert (await answered(asking, query, {"name": name}))["clusterRoles"]["nodes"] == [{"name": name}]
        three = sorted({name, "a b", "é"})
        found = await answered(asking, query, {"names": three})
        assert found["clusterRoles"]["nodes"] == [{"name": one} for one in three]
    found = await answered(asking, query, {"names": [*UNUSUAL, "unknown"]})
    assert found["clusterRoles"]["nodes"] == [{"name": name} for name in sorted(UNUSUAL)]


@pytest.fixture(scope="module")
async def real(engine: Engine, alpha: Cluster) -> AsyncIterator[Asking]:
    """Returns a real cluster with pods."""
    await populate(alpha, FleetSize(namespaces=3, nodes=2, deployments=3, pods=12), prefix="names")
    connection = connection_to(alpha)
    yield Asking(engine, fleet_of([connection]))
    await connection.close()


_ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"


@pytest.fixture
async def real_roles(engine: Engine, beta: Cluster) -> AsyncIterator[Asking]:
    """Returns a real cluster with a ClusterRole of each unusual name; on the other cluster, others have such names."""
    async with connect(beta) as session:
        for name in UNUSUAL:
            async with session.post(_ROLES, json=role(name)) as response:
                assert response.ok, name
        connection = connection_to(beta)
        yield Asking(engine, fleet_of([connection]))
        await connection.close()
        for name in UNUSUAL:
            async with session.delete(URL(f"{_ROLES}/{quote(name, safe='')}", encoded=True)) as response:
                assert response.ok, name


@pytest.mark.controlplane
async def test_unusual_names_of_a_real_api_server(real_roles: Asking) -> None:
    await _assert_each_is_found(real_roles)


@pytest.mark.controlplane
@pytest.mark.parametrize("kind", [kinds.POD, kinds.DEPLOYMENT, kinds.NAMESPACE, kinds.NODE], ids=str)
async def test_a_real_api_server_selects_by_name(real: Asking, alpha: Cluster, kind: Kind) -> None:
    field = kind.plural
    places = "namespace name" if kind.namespaced else "name"
    everything = (await answered(real, f"{{ {field} {{ nodes {{ {places} }} }} }}"))[field]["nodes"]
    name = everything[-1]["name"]
    mark = alpha.audit.mark()

    found = (await answered(real, f'{{ {field}(name: "{name}") {{ totalCount nodes {{ {places} }} }} }}'))[field]

    (request,) = alpha.audit.requests_since(mark, user_agent="fleetgraph")
    assert parse_qs(urlsplit(request.uri).query)["fieldSelector"] == [f"metadata.name={name}"]
    assert found["nodes"] == [node for node in everything if node["name"] == name]
    assert found["totalCount"] == len(found["nodes"]) >= 1
