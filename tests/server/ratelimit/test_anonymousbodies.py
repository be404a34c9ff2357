"""Bodies that anonymous clients read, slowly, in large numbers, or not at all."""

import asyncio

import httpx
import pytest
from starlette.types import Message, Send

from server.http.pieces import PIECE_BYTES
from server.ratelimit import anonymous, anonymousbodies
from server.ratelimit.anonymous import AnonymousLimits
from server.ratelimit.anonymousbodies import AnonymousBodies, ConnectionEndedError
from server.serve.connectionusage import ConnectionUsage
from tests.server.http_parts import Fakes, post_scope


class FakeTransport:
    """A connection whose other end reads nothing once `is_read` is cleared."""

    def __init__(self) -> None:
        self.is_aborted = False
        self.is_read = asyncio.Event()
        self.sent: list[int] = []

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True
        self.is_read.set()

    async def send(self, message: Message) -> None:
        await self.is_read.wait()
        self.sent.append(len(message["body"]))


def _body(pieces: int) -> Message:
    return {"type": "http.response.body", "body": bytes(pieces * PIECE_BYTES)}


def _fast(bodies: AnonymousBodies, usage: ConnectionUsage | None = None) -> tuple[FakeTransport, Send]:
    transport = FakeTransport()
    transport.is_read.set()
    return transport, bodies.sending(transport.send, usage or ConnectionUsage(), transport)


async def test_pages_are_answered_while_many_large_bodies_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymous, "_WAIT_S", 0.01)
    fakes = Fakes(anonymous_limits=AnonymousLimits(requests_per_minute=60))
    fakes.executor.sdl = "x" * (40 * PIECE_BYTES)
    app, sent = fakes.app(), list[int]()

    async def send(message: Message) -> None:
        sent.append(len(message.get("body", b"")))

    scope = {**post_scope(), "method": "GET", "path": "/schema.graphql"}
    reading = [asyncio.create_task(app(dict(scope), asyncio.Queue[Message]().get, send)) for _ in range(3)]
    while sum(map(bool, sent)) < 6:  # noqa: ASYNC110  no event says so
        await asyncio.sleep(0.01)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://fleetgraph.test") as client:
        page = await client.get("/landing/icon.svg")
    is_over = [task.done() for task in reading]
    for task in reading:
        task.cancel()

    assert page.status_code == 200
    assert is_over == [False] * 3


async def test_the_beginning_of_a_body_does_not_wait_for_the_ends_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymousbodies, "_LATER_SHARE", 1e-6)
    bodies = AnonymousBodies(requests_per_s=1000)
    long = [asyncio.ensure_future(_fast(bodies)[1](_body(50))) for _ in range(10)]
    short, send = _fast(bodies)

    async with asyncio.timeout(30):
        await send(_body(8))
    is_over = [task.done() for task in long]
    for task in long:
        task.cancel()

    assert len(short.sent) == 8
    assert is_over == [False] * 10


async def test_pieces_go_to_the_connection_that_began_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymousbodies, "_FIRST_BURST_S", 0.0)
    bodies = AnonymousBodies(requests_per_s=100)
    crowd = [_fast(bodies, ConnectionUsage(since_s=1.0)) for _ in range(200)]
    reading = [asyncio.ensure_future(send(_body(4))) for _, send in crowd]
    await asyncio.sleep(0)
    browser, send = _fast(bodies, ConnectionUsage(since_s=2.0))

    async with asyncio.timeout(60):
        await send(_body(8))
    pieces = sum(len(transport.sent) - 1 for transport, _ in crowd)
    for task in reading:
        task.cancel()

    assert len(browser.sent) == 8
    assert pieces < 20


async def test_whoever_has_not_read_for_longest_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymousbodies, "_MOST_UNREAD", 2)
    bodies = AnonymousBodies(requests_per_s=200)
    slow = [FakeTransport() for _ in range(3)]

    sends = [bodies.sending(transport.send, ConnectionUsage(), transport) for transport in slow]
    sending = [asyncio.ensure_future(send_body(_body(3))) for send_body in sends]
    gone = await asyncio.gather(sending[0], return_exceptions=True)
    fast, send = _fast(bodies)
    await send(_body(1))
    for task in sending:
        task.cancel()

    assert isinstance(gone[0], ConnectionEndedError)
    assert [transport.is_aborted for transport in slow] == [True, True, False]
    assert fast.sent == [PIECE_BYTES]


async def test_a_body_is_not_sent_on_when_its_reader_has_gone() -> None:
    transport, send = _fast(AnonymousBodies(requests_per_s=200))
    transport.abort()

    with pytest.raises(ConnectionEndedError):
        await send(_body(20))

    assert transport.sent == [PIECE_BYTES]
