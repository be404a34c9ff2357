"""Turns of exec plugins: how many run at once, and what the wait for a turn counts against."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from k8s import errors
from k8s.accounts.account import Account, AccountOwner
from k8s.accounts.accountconnection import AccountConnection, AccountTokens
from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.credentials.sources import CredentialSources
from k8s.credentials.tokens import RenewedToken
from k8s.endpoint import Endpoint
from k8s.resilience.slot import SLOT
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from tests.k8s.clock import Clock
from tests.k8s.plugins import runs, write_plugin
from tests.k8s.tokens import Issuer, WallClock
from tests.k8s.transports import LIST
from tests.k8s.wireserver import WireServer, http, until

ACCOUNT = Account(AccountOwner("fleetgraph", "test"), ("user:alice",))


@dataclass
class Plugins:
    """One plugin that runs in turns, and connections with its tokens."""

    path: Path
    server: WireServer
    policy: ExecPolicy

    def __post_init__(self) -> None:
        write_plugin(self.path)
        self.sources = CredentialSources(exec=self.policy)

    def connection(self, *args: str, has_cluster_info: bool = False, endpoint: Endpoint | None = None) -> Connection:
        plugin = ExecPlugin(command=str(self.path), args=args, has_cluster_info=has_cluster_info)
        limits = ConnectionLimits(connect_timeout_s=30, sources=self.sources)
        return Connection("alpha", endpoint or self.server.endpoint, credential=plugin, limits=limits)

    @asynccontextmanager
    async def all_turns_taken(self) -> AsyncIterator[None]:
        for _ in range(self.policy.at_once):
            await self.policy.gate.acquire()
        try:
            yield
        finally:
            for _ in range(self.policy.at_once):
                self.policy.gate.release()

    async def until_waiting(self) -> None:
        await until(lambda: bool(self.policy.gate._waiters))


@pytest.fixture
def plugins(tmp_path: Path, server: WireServer) -> Plugins:
    path = tmp_path / "plugin"
    return Plugins(path, server, ExecPolicy(commands=frozenset({str(path)}), timeout_s=30, at_once=2))


async def test_the_wait_for_a_turn_takes_no_time_of_the_cluster(plugins: Plugins, clock: Clock) -> None:
    connection, deadline = plugins.connection(), Deadline(10, clock=clock)

    async with plugins.all_turns_taken():
        sending = asyncio.create_task(connection.send(LIST, deadline))
        await plugins.until_waiting()
        clock.now_s += 100

        assert (deadline.left_s, runs(plugins.path)) == (10, 0)

    assert await sending == b"{}"
    assert connection.breaker.failures == 0
    await connection.close()


async def test_it_takes_none_of_the_time_of_a_service_account(plugins: Plugins, clock: Clock) -> None:
    administrator = plugins.connection()
    tokens = RenewedToken(AccountTokens(administrator, ACCOUNT, (), timeout_s=30).issue)
    bearer = Connection("alpha", plugins.server.endpoint, credential=tokens)
    connection, deadline = AccountConnection(administrator, bearer, tokens), Deadline(10, clock=clock)
    plugins.server.answers = [http(b"{}", status="403 Forbidden")]

    async with plugins.all_turns_taken():
        sending = asyncio.create_task(connection.send(LIST, deadline))
        await plugins.until_waiting()
        clock.now_s += 100

        assert deadline.left_s == 10

    with pytest.raises(errors.Forbidden):
        await sending
    await connection.close()


@dataclass
class HeldSlot:
    """The slot of the test's requests."""

    is_taken: bool = True
    is_free: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[object] | None" = None

    async def take(self) -> None:
        await self.is_free.wait()
        self.is_taken = True

    def give_back(self) -> None:
        self.is_taken = False

    async def send(self, connection: Connection, deadline: Deadline) -> bytes:
        self.task = asyncio.current_task()
        SLOT.set(self)
        return await connection.send(LIST, deadline)


async def test_it_occupies_no_slot_of_the_cluster(plugins: Plugins) -> None:
    """Otherwise requests that wait for a slot would spend the deadline of all, which is one for a cluster."""
    connection, slot = plugins.connection(), HeldSlot()

    async with plugins.all_turns_taken():
        sending = asyncio.create_task(slot.send(connection, Deadline(30)))
        await plugins.until_waiting()

        assert not slot.is_taken

    slot.is_free.set()
    assert (await sending, slot.is_taken) == (b"{}", True)
    await connection.close()


async def test_the_wait_for_a_slot_after_a_plugin_takes_time_of_the_cluster(plugins: Plugins) -> None:
    connection, slot = plugins.connection(), HeldSlot()

    with pytest.raises(errors.TimedOut, match="passed before the request to list pods was sent"):
        await slot.send(connection, Deadline(0.05))

    assert (runs(plugins.path), plugins.server.connections) == (1, 0)
    await connection.close()


async def test_no_turn_in_time_names_the_limit_and_not_the_cluster(plugins: Plugins) -> None:
    plugins.policy = replace(plugins.policy, timeout_s=0.05)
    plugins.sources = CredentialSources(exec=plugins.policy)
    connection = plugins.connection()

    async with plugins.all_turns_taken():
        with pytest.raises(errors.CredentialUnusable, match=r"waited 0.1 s for its turn: 2 run at once") as refusal:
            await connection.send(LIST, Deadline(10))

    assert "FLEETGRAPH_MAX_EXEC_PLUGINS" in str(refusal.value)
    assert (runs(plugins.path), plugins.server.connections, connection.breaker.failures) == (0, 0, 0)
    await connection.close()


async def test_as_many_run_at_once_as_the_policy_says(plugins: Plugins) -> None:
    finish = plugins.path.with_suffix(".finish")
    write_plugin(plugins.path, f"while [ ! -e '{finish}' ]; do sleep 0.01; done")
    connections = [plugins.connection(str(number)) for number in range(6)]

    sending = [asyncio.create_task(connection.send(LIST, Deadline(30))) for connection in connections]
    await until(lambda: runs(plugins.path) == 2)
    await until(lambda: len(plugins.policy.gate._waiters or ()) == 4)
    assert runs(plugins.path) == 2
    await asyncio.to_thread(finish.touch)

    assert await asyncio.gather(*sending) == [b"{}"] * 6
    assert runs(plugins.path) == 6
    await asyncio.gather(*(connection.close() for connection in connections))


@pytest.mark.parametrize(
    ("has_cluster_info", "other", "expected"),
    [(False, "https://other.example", 1), (True, "https://other.example", 2), (False, None, 1), (True, None, 1)],
)
async def test_equal_plugins_share_a_run_unless_they_know_the_cluster(
    plugins: Plugins, has_cluster_info: bool, other: str | None, expected: int
) -> None:
    endpoints = [plugins.server.endpoint, Endpoint(other) if other else plugins.server.endpoint]
    connections = [plugins.connection(has_cluster_info=has_cluster_info, endpoint=endpoint) for endpoint in endpoints]

    for connection in connections:
        await connection.prepare(Deadline(30))

    assert runs(plugins.path) == expected


async def test_plugins_with_other_arguments_share_nothing(plugins: Plugins) -> None:
    connections = [plugins.connection("--cluster=a"), plugins.connection("--cluster=b")]

    for connection in connections:
        await connection.prepare(Deadline(30))

    assert runs(plugins.path) == 2


async def test_a_token_that_is_there_is_not_prepared_again(plugins: Plugins) -> None:
    connection = plugins.connection()

    for _ in range(3):
        await connection.send(LIST, Deadline(30))

    assert runs(plugins.path) == 1
    await connection.close()


async def test_a_token_of_a_cluster_is_not_issued_in_advance(server: WireServer) -> None:
    issuer = Issuer(WallClock())
    connection = Connection("alpha", server.endpoint, credential=RenewedToken(issuer))

    await connection.prepare(Deadline(30))

    assert issuer.issued == 0
