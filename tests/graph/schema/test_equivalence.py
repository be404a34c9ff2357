"""Breadth-first execution against graphql-core's own: the same documents, the same data, the same answers.

`pytest tests/graph --hypothesis-profile=thorough` tries thousands of documents instead of fifty each.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import cast

import pytest
from graphql import GraphQLSchema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from graph.engine import Engine
from graph.schema.catalogue import catalogue
from k8s.kinds.builtin import BUILT_IN, DEPLOYMENT, EVENT, NAMESPACE, NODE, POD, REPLICA_SET
from k8s.reading.rowdecoders import Row
from k8s.transport.sender import Sender
from resolvers.arguments.globalids import object_id
from resolvers.links.members import Derived, Member
from resolvers.names import list_name
from tests.controlplane.cluster import Cluster
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.bodies import NAMES, NAMESPACES, MadeObjects
from tests.graph.comparison import assert_same
from tests.graph.documents import WIDE, DocumentWriter, Places
from tests.graph.fleets import FAR, Asking, connection_to, fleet_of
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import DownSender, ObjectsSender, RememberingSender
from tests.graph.snapshots import made_snapshot

KINDS_BY_LIST = {list_name(kind): str(kind) for kind in BUILT_IN}
randoms = st.integers(0, 2**32 - 1).map(Random)
sizes = st.integers(1, 40)
AROUND_FAILING = {
    "Query": ("pods", "nodes", "deployments", "clusters"),
    "Pod": ("reason", "ready", "node", "deployment", "replicaSet", "name"),
    "Node": ("internalIP", "roles", "pods", "name"),
    "Deployment": ("replicas", "pods", "replicaSets", "name"),
    "Cluster": ("version", "pods", "nodes", "name"),
    **{f"{name}Connection": ("nodes", "edges") for name in ("Pod", "Node", "Deployment", "ReplicaSet")},
}
AROUND_HIDDEN = (POD, DEPLOYMENT, REPLICA_SET, NAMESPACE, EVENT)
BROKEN = ((), (), (NODE,), (REPLICA_SET,), (POD,), (DEPLOYMENT, NAMESPACE))
property_test = settings(
    max_examples=settings().max_examples // 2, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Returns an engine that accepts all generated documents."""
    return Engine(WIDE)


@pytest.fixture(scope="module")
async def remembered(alpha: Cluster, beta: Cluster) -> AsyncIterator[list[Sender]]:
    """Returns two real clusters with a few objects, each list read once."""
    connections = [connection_to(cluster) for cluster in (alpha, beta)]
    for cluster in (alpha, beta):
        await populate(cluster, FleetSize(namespaces=2, nodes=3, deployments=3, pods=15), prefix="graph")
    yield [RememberingSender(connection) for connection in connections]
    for connection in connections:
        await connection.close()


@pytest.fixture
def failing() -> Iterator[Engine]:
    """Returns an engine in which some members fail for some objects, and some always."""
    with pytest.MonkeyPatch.context() as patch, capture_logs():
        for owner, name in (("Pod", "reason"), ("Node", "internalIP"), ("Node", "roles"), ("Deployment", "replicas")):
            _replace(patch, owner, name, _failing_for_some(owner, name))
        _replace(patch, "Pod", "ready", lambda pod: None if pod.metadata.name == "m-3" else True)
        for owner, name in (("Pod", "replicaSet"), ("Deployment", "pods"), ("Cluster", "version")):
            _replace(patch, owner, name, _fail)
        yield Engine(WIDE)


@property_test
@given(random=randoms, fields=sizes, seed=st.integers(0, 50), has_dead_cluster=st.booleans())
async def test_made_objects(
    engine: Engine, schema: GraphQLSchema, random: Random, fields: int, seed: int, has_dead_cluster: bool
) -> None:
    senders: list[Sender] = [*made_senders(seed), *([DownSender("dead")] if has_dead_cluster else [])]

    await assert_same_answers(
        Asking(engine, fleet_of(senders)), DocumentWriter(schema, random, made_places(senders), fields=fields)
    )


@property_test
@given(random=randoms, fields=sizes, seed=st.integers(0, 50), has_dead_cluster=st.booleans())
async def test_snapshots(
    engine: Engine, schema: GraphQLSchema, random: Random, fields: int, seed: int, has_dead_cluster: bool
) -> None:
    snapshots: list[Sender] = [made_snapshot("one", seed), made_snapshot("two", seed + 1)]
    senders = [*snapshots, *([DownSender("dead")] if has_dead_cluster else [])]

    await assert_same_answers(
        Asking(engine, fleet_of(senders)), DocumentWriter(schema, random, made_places(senders), fields=fields)
    )


@property_test
@given(random=randoms, fields=sizes, seed=st.integers(0, 50), seen=st.sets(st.sampled_from(NAMESPACES)))
async def test_a_caller_who_sees_some_namespaces_only(
    engine: Engine, schema: GraphQLSchema, random: Random, fields: int, seed: int, seen: set[str]
) -> None:
    limited = dict.fromkeys(random.sample(AROUND_HIDDEN, 3), seen)
    made = [ObjectsSender("one", MadeObjects(seed)), ObjectsSender("two", MadeObjects(seed + 1))]
    senders: list[Sender] = [LimitedSender(item, limited) for item in made]
    writer = DocumentWriter(schema, random, made_places(senders), fields=fields, preferred=AROUND_FAILING)

    await assert_same_answers(Asking(engine, fleet_of(senders)), writer)


@property_test
@given(random=randoms, fields=sizes, seed=st.integers(0, 50))
async def test_failing_members(failing: Engine, schema: GraphQLSchema, random: Random, fields: int, seed: int) -> None:
    senders = made_senders(seed)
    writer = DocumentWriter(schema, random, made_places(senders), fields=fields, preferred=AROUND_FAILING)

    await assert_same_answers(Asking(failing, fleet_of(senders)), writer)


@pytest.mark.controlplane
@property_test
@given(random=randoms, fields=sizes)
async def test_real_objects(
    engine: Engine, remembered: list[Sender], schema: GraphQLSchema, random: Random, fields: int
) -> None:
    pods = ("api-000-65f7c0000-0", "graph-node-000", "api-000")
    ids = [object_id("id-alpha", POD, "graph-000", name) for name in pods]
    places = Places(("alpha", "beta"), ("graph-000", "graph-001", "default"), pods, ids, KINDS_BY_LIST)

    await assert_same_answers(
        Asking(engine, fleet_of(remembered)), DocumentWriter(schema, random, places, fields=fields)
    )


async def assert_same_answers(asking: Asking, writer: DocumentWriter) -> None:
    document = writer.write()

    ours = await asking(document.query, document.variables, limits=FAR)
    ordinary = await asking.ordinary(document.query, document.variables, limits=FAR)

    assert ours.executed, ours.errors
    assert_same(ours, ordinary)


def made_senders(seed: int) -> list[Sender]:
    broken = BROKEN[seed % len(BROKEN)]
    return [ObjectsSender("one", MadeObjects(seed)), ObjectsSender("two", MadeObjects(seed + 1), broken)]


def made_places(senders: list[Sender]) -> Places:
    ids = [object_id("id-one", POD, namespace, name) for namespace in NAMESPACES for name in NAMES]
    return Places([sender.name for sender in senders], NAMESPACES, NAMES, ids, KINDS_BY_LIST)


def _replace(patch: pytest.MonkeyPatch, owner: str, name: str, function: Callable[..., object]) -> None:
    members = cast(dict[str, Member], catalogue()[owner].members)
    patch.setitem(members, name, replace(members[name], function=function))  # type: ignore[arg-type]  # any function


def _failing_for_some(owner: str, name: str) -> Callable[[Row], object]:
    member = catalogue()[owner].members[name]
    assert isinstance(member, Derived)
    function = member.function

    def fail_for_some(row: Row) -> object:
        if row.metadata.name in {"m-2", "m-4"}:
            raise RuntimeError("secret")
        return function(row)

    return fail_for_some


async def _fail(_rows: object, _context: object) -> Sequence[object]:
    raise RuntimeError("secret")


async def test_comparisons_of_a_link_count_once_for_all_parents(engine: Engine) -> None:
    condition = ", ".join(['{path: "metadata.name", op: NE, value: "x"}'] * 100)
    query = f"{{ namespaces {{ nodes {{ pods(where: [{condition}]) {{ totalCount }} }} }} }}"
    asking = Asking(engine, fleet_of(made_senders(0)))

    ours, ordinary = await asking(query), await asking.ordinary(query)

    assert len(ours.to_builtins()["data"]["namespaces"]["nodes"]) * 100 > 250
    assert_same(ours, ordinary)
