"""Limits of connections over real sockets: slow or endless requests hold no connection, memory or place."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from server.app.endpoint import HttpLimits
from server.serve import serving
from server.serve.connectionbounds import RESERVE, ConnectionBounds, OpenConnections
from server.serve.listening import ServeOptions
from tests.k8s.wireserver import until
from tests.server.http_parts import TOKEN, FakeAnswer, FakeExecutor, Fakes
from tests.server.sockets import exchange, post, read_reply

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
ASKED = post(TOKEN, "{ ok }")
WAIT_S = 30


@asynccontextmanager
async def served(fakes: Fakes, bounds: ConnectionBounds) -> AsyncIterator[int]:
    """Returns the port of a server with these limits."""
    bound = socket.create_server(("127.0.0.1", 0))
    config = serving._config(fakes.app(), ServeOptions(host="127.0.0.1", port=0), bounds)
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[bound])
    try:
        yield bound.getsockname()[1]
    finally:
        await server.shutdown(sockets=[bound])


async def until_asked(fakes: Fakes, number: int) -> None:
    """Returns when so many requests are worked on."""
    for _ in range(100 * WAIT_S):
        if len(fakes.executor.requests) == number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(fakes.executor.requests)


async def answered(port: int, *chunks: bytes, pause_s: float = 0.0) -> bytes:
    """Returns everything that arrives until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(WAIT_S):
            for part in chunks:
                writer.write(part)
                await asyncio.sleep(pause_s)
            return await reader.read()
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        ((), b""),
        ((b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ",), b"HTTP/1.1 408"),
        ((HEALTH, b"GET /healthz HTTP/1.1\r\nX-"), b"HTTP/1.1 200"),
    ],
    ids=["nothing", "half a head", "half a second head"],
)
async def test_a_head_that_does_not_come_ends_the_connection(chunks: tuple[bytes, ...], status: bytes) -> None:
    async with served(Fakes(), ConnectionBounds(head_timeout_s=0.5)) as port:
        reply = await answered(port, *chunks, pause_s=0.05)

    assert reply.startswith(status)
    assert reply.count(b"408 Request Timeout") == sum(part is not HEALTH for part in chunks)


async def test_a_head_that_comes_in_drops_ends_the_connection() -> None:
    async with served(Fakes(), ConnectionBounds(head_timeout_s=0.5)) as port:
        reply = await answered(port, b"GET /healthz HTTP/1.1\r\n", *[b"X: y\r\n"] * 60, pause_s=0.05)

    assert reply.startswith(b"HTTP/1.1 408") or reply == b"reset"


@pytest.mark.parametrize(
    "chunks",
    [
        b"GET /healthz?%s HTTP/1.1\r\n\r\n" % (b"a" * 5000),
        b"GET /healthz HTTP/1.1\r\nX-Large: " + b"a" * 5000,
        b"GET /healthz HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 101 + b"\r\n",
        b"POST /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-Trailer: 1\r\n" * 500,
    ],
    ids=["address", "header without an end", "headers", "trailers"],
)
async def test_431_for_a_head_that_is_too_large(chunks: bytes) -> None:
    async with served(Fakes(), ConnectionBounds(head_bytes=4096)) as port:
        reply = await answered(port, chunks)

    assert reply.startswith(b"HTTP/1.1 431") or reply == b"reset"


async def test_a_body_that_does_not_come_is_answered_with_408_and_its_place_is_free_again() -> None:
    fakes = Fakes(limits=HttpLimits(body_timeout_s=1))
    async with served(fakes, ConnectionBounds()) as port:
        reply = await answered(port, ASKED[:-5])
        after = await exchange(port, ASKED)

    assert reply.startswith(b"HTTP/1.1 408")
    assert after.status == 200


async def test_a_body_that_nobody_reads_does_not_keep_a_connection() -> None:
    async with served(Fakes(), ConnectionBounds(body_timeout_s=0.2)) as port:
        endless = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        reply = await answered(port, endless, *[b"a"] * 20, pause_s=0.05)

    assert reply.startswith(b"HTTP/1.1 200") or reply == b"reset"


async def test_who_does_not_read_a_large_answer_is_cut_off_and_holds_a_place_until_then() -> None:
    fakes = Fakes(FakeExecutor(answer=FakeAnswer(b'"' + b"a" * 50_000_000 + b'"')))
    async with served(fakes, ConnectionBounds(send_timeout_s=1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(ASKED)
        async with asyncio.timeout(WAIT_S):
            await reader.readexactly(1)
            in_flight = _in_flight(fakes)
            await until(lambda: not _in_flight(fakes), WAIT_S)
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await reader.readexactly(50_000_000)
        writer.close()

    assert in_flight == 1


def _in_flight(fakes: Fakes) -> float:
    families = fakes.metrics.families()
    return next(family for family in families if family.name == "fleetgraph_http_requests_in_flight").samples[0].value


async def test_a_large_answer_comes_whole_to_who_reads_it() -> None:
    body = b'{"data":"' + bytes(97 + number % 26 for number in range(3_000_000)) + b'"}'
    async with served(Fakes(FakeExecutor(answer=FakeAnswer(body))), ConnectionBounds()) as port:
        reply = await exchange(port, ASKED)

    assert reply.body == body


async def test_a_new_connection_takes_the_place_of_the_one_that_waits_longest() -> None:
    async with served(Fakes(), ConnectionBounds(connections=3)) as port:
        first, *others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for _reader, writer in others:
            writer.write(HEALTH)
        assert [(await read_reply(reader)).status for reader, _ in others] == [200, 200]
        new = await exchange(port, HEALTH)
        async with asyncio.timeout(WAIT_S):
            ended = await first[0].read()
        others[0][1].write(HEALTH)
        still = await read_reply(others[0][0])
        for _reader, writer in (first, *others):
            writer.close()

    assert (new.status, ended, still.status) == (200, b"", 200)


async def test_where_all_are_busy_probes_are_answered_and_nothing_else() -> None:
    fakes = Fakes()
    fakes.executor.gate = asyncio.Event()
    async with served(fakes, ConnectionBounds(connections=2)) as port:
        busy = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _reader, writer in busy:
            writer.write(ASKED)
        await until_asked(fakes, 2)
        probe = await exchange(port, HEALTH)
        refused = await exchange(port, ASKED)
        fakes.executor.gate.set()
        answers = [await read_reply(reader) for reader, _ in busy]
        for _reader, writer in busy:
            writer.close()

    assert probe.status == 200
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert [family.status for family in answers] == [200, 200]


async def test_a_callers_connection_is_known_while_an_anonymous_request_waits_behind_its_own() -> None:
    fakes = Fakes()
    fakes.executor.gate = asyncio.Event()
    async with served(fakes, ConnectionBounds(connections=1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASKED + b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n")
        await until_asked(fakes, 1)
        probe = await exchange(port, HEALTH)
        fakes.executor.gate.set()
        answer = await read_reply(reader)
        writer.close()

    assert (probe.status, answer.status) == (200, 200)


class Noting:
    """A middleware that notes in the context of each request that it has begun."""

    begun: ContextVar[bool] = ContextVar("begun", default=False)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert not self.begun.get()
        self.begun.set(True)
        await self._app(scope, receive, send)


class NotingFakes(Fakes):
    def app(self) -> Starlette:
        app = super().app()
        app.add_middleware(Noting)
        return app


async def test_pipelined_requests_have_contexts_of_their_own() -> None:
    async with served(NotingFakes(), ConnectionBounds()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEALTH * 3)
        answers = [(await read_reply(reader)).status for _ in range(3)]
        writer.close()

    assert answers == [200] * 3


async def test_the_request_that_is_answered_is_given_up_with_those_behind_it() -> None:
    fakes = Fakes(executor=FakeExecutor(gate=asyncio.Event()))
    async with served(fakes, ConnectionBounds()) as port:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASKED + HEALTH * 3)
        await until_asked(fakes, 1)
        writer.close()
        await until(lambda: fakes.executor.was_cancelled)


async def test_too_many_pipelined_requests_give_up_the_one_that_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    fakes = Fakes(executor=FakeExecutor(gate=asyncio.Event()))
    async with served(fakes, ConnectionBounds()) as port:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASKED)
        await until_asked(fakes, 1)
        writer.write(HEALTH * 100)
        await until(lambda: fakes.executor.was_cancelled)
        writer.close()

    assert not [record for record in caplog.records if record.exc_info]


async def test_beyond_the_reserve_a_connection_is_cut() -> None:
    class Busy:
        is_idle = False
        is_authenticated = True

        def is_overdue(self, _now_s: float) -> bool:
            return False

        def abort(self) -> None:
            raise AssertionError

    bounds = ConnectionBounds(connections=5)
    connections = OpenConnections(bounds)

    assert [connections.add(Busy()) for _ in range(6 + RESERVE)] == [True] * (5 + RESERVE) + [False]


async def test_a_connection_that_fails_keeps_no_other_from_being_looked_after(monkeypatch: pytest.MonkeyPatch) -> None:
    class Overdue:
        is_idle = is_authenticated = True
        aborted = 0

        def is_overdue(self, _now_s: float) -> bool:
            return True

        def abort(self) -> None:
            self.aborted += 1

    class Failing(Overdue):
        def is_overdue(self, _now_s: float) -> bool:
            raise RuntimeError

    monkeypatch.setattr("server.serve.connectionbounds._SWEEP_S", 0.001)
    connections, failing, overdue = OpenConnections(ConnectionBounds()), Failing(), Overdue()
    connections.add(failing)
    connections.add(overdue)

    await until(lambda: overdue.aborted >= 2)

    connections.remove(failing)
    connections.remove(overdue)  # so that nothing checks them any more


async def test_a_new_connection_costs_the_same_however_many_are_busy() -> None:
    class Busy:
        checks = 0
        is_authenticated = True

        @property
        def is_idle(self) -> bool:
            Busy.checks += 1
            return False

        def is_overdue(self, _now_s: float) -> bool:
            return False

        def abort(self) -> None:
            raise AssertionError

    connections = OpenConnections(ConnectionBounds(connections=2000))
    taken = [connections.add(Busy()) for _ in range(3000)]

    assert taken == [True] * (2000 + RESERVE) + [False] * (1000 - RESERVE)
    assert Busy.checks <= 3000


@pytest.mark.parametrize(
    "chunks",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 30_000,
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 200_000,
    ],
    ids=["pipelined requests", "chunks of a byte"],
)
async def test_what_takes_long_to_read_for_what_it_holds_is_not_read(chunks: bytes) -> None:
    async with served(Fakes(), ConnectionBounds()) as port:
        reply = await answered(port, chunks)
        after = await exchange(port, HEALTH)

    assert reply == b"reset" or reply.count(b"HTTP/1.1") <= 20
    assert after.status == 200
