"""Rounds of learning: each cluster by itself, and failures in the log once."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from structlog.testing import capture_logs

from k8s.errors import TimedOut
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.fleet.fleet import Fleet, UnattendedCluster
from resolvers.types.learnedtypes import LearnedTypes
from resolvers.types.learning import TypeLearning
from resolvers.types.typechoice import TypeChoice
from server.serve.typelearning import TypeRounds, learning_types
from store.errors import StoreUnavailable
from tests.resolvers.types.schemaserver import Registered, SchemaServer, TypesInMemory


class HangingServer(SchemaServer):
    """A cluster that answers when it is told to."""

    def __init__(self, name: str) -> None:
        super().__init__(name, {"size": "integer"})
        self.goes_on = asyncio.Event()

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.asked.append(call.path)
        await self.goes_on.wait()
        return await super().send(call, deadline, on_prefix=on_prefix)


@pytest.fixture
def store() -> TypesInMemory:
    return TypesInMemory()


@pytest.fixture
def registered() -> Registered:
    return Registered([SchemaServer("alpha", {"size": "integer"}), HangingServer("beta")])


@pytest.fixture
async def fleet(registered: Registered) -> AsyncIterator[Fleet]:
    made = registered.fleet()
    yield made
    await made.close()


@pytest.fixture
def types() -> LearnedTypes:
    return LearnedTypes()


@pytest.fixture
def learning(fleet: Fleet, types: LearnedTypes, store: TypesInMemory) -> TypeLearning:
    return TypeLearning(fleet, types, choice=TypeChoice(), store=store)


@pytest.fixture
async def rounds(learning: TypeLearning) -> AsyncIterator[TypeRounds]:
    made = TypeRounds(learning)
    yield made
    await made.close()


def hanging(registered: Registered) -> HangingServer:
    """Returns the cluster that hangs."""
    server = registered.server("beta")
    assert isinstance(server, HangingServer)
    return server


async def changed(types: LearnedTypes, rounds: TypeRounds) -> None:
    """Begins rounds until types have changed."""
    told = asyncio.Event()
    types.listen(told.set)
    async with asyncio.timeout(30):
        while not told.is_set():
            await rounds.begin()
            await asyncio.sleep(0.001)


async def test_a_hanging_cluster_delays_no_other_and_is_asked_once(
    rounds: TypeRounds, types: LearnedTypes, registered: Registered
) -> None:
    await changed(types, rounds)
    assert types.of("id-alpha") is not None
    assert types.of("id-beta") is None

    registered.servers[0].fields = {"weight": "number"}
    await changed(types, rounds)
    assert hanging(registered).asked == ["/openapi/v3"]

    hanging(registered).goes_on.set()
    await rounds.settled()
    assert types.of("id-beta") is not None


async def test_a_failure_is_logged_once_until_it_ends(rounds: TypeRounds, registered: Registered) -> None:
    hanging(registered).goes_on.set()
    registered.servers[0].error = TimedOut("alpha", "no answer.")

    with capture_logs() as logs:
        for _ in range(2):
            await rounds.begin()
            await rounds.settled()
        registered.servers[0].error = None
        await rounds.begin()
        await rounds.settled()

    assert [(line["event"], line["cluster"]) for line in logs] == [
        ("types not learned", "alpha"),
        ("types learned", "beta"),
        ("types learned", "alpha"),
    ]


async def test_a_store_that_is_down_costs_only_what_would_be_stored(
    rounds: TypeRounds, types: LearnedTypes, registered: Registered, store: TypesInMemory
) -> None:
    hanging(registered).goes_on.set()
    store.error = StoreUnavailable("the database does not answer.")

    with capture_logs() as logs:
        await rounds.begin()
        await rounds.settled()

    assert {line["event"] for line in logs} == {"types not stored"}
    assert types.of("id-alpha") is not None


async def test_rounds_go_on_after_any_error(
    learning: TypeLearning, types: LearnedTypes, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, clusters, failures = asyncio.Event(), learning.clusters, iter([RuntimeError("nonsense")])
    types.listen(told.set)

    async def failing() -> Sequence[UnattendedCluster]:
        for error in failures:
            raise error
        return await clusters()

    monkeypatch.setattr(learning, "clusters", failing)

    with capture_logs() as logs:
        async with learning_types(learning, interval_s=0.01):
            await asyncio.wait_for(told.wait(), timeout=30)

    assert logs[0]["event"] == "types not learned"
    assert logs[0]["exc_info"]


async def test_the_context_learns_until_it_ends(
    learning: TypeLearning, types: LearnedTypes, registered: Registered
) -> None:
    told = asyncio.Event()
    types.listen(told.set)

    async with learning_types(learning, interval_s=0.01):
        await asyncio.wait_for(told.wait(), timeout=30)

    before = len(registered.servers[0].asked)
    await asyncio.sleep(0.05)
    assert len(registered.servers[0].asked) == before
    assert not [task for task in asyncio.all_tasks() if "TypeRounds" in repr(task.get_coro())]


async def test_a_cluster_that_is_removed_while_it_is_asked_leaves_nothing(
    rounds: TypeRounds, types: LearnedTypes, registered: Registered, store: TypesInMemory
) -> None:
    await rounds.begin()
    server = hanging(registered)
    while not server.asked:  # noqa: ASYNC110  nothing tells
        await asyncio.sleep(0.001)
    registered.servers.remove(server)
    await rounds.begin()

    server.goes_on.set()
    await rounds.settled()

    assert types.of("id-beta") is None
    assert [record for record in store.records if record == "id-beta"] == []
