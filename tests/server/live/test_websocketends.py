"""The ends of WebSockets: lost access, the stop of the server, and clients that do not read, answer or stop."""

import asyncio
import base64
import gc
import json
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from prometheus_client import generate_latest

from server.live import reviews
from server.live.limits import LiveLimits
from server.live.messages import SUBPROTOCOL
from server.observe.logs import configure_logging
from server.ratelimit.ratelimit import CallerLimits
from server.serve.connectionbounds import ConnectionBounds
from server.settings.settings import Settings
from tests.server.http_parts import TOKEN, FakeAnswer, FakeExecutor, Fakes, FakeTokens, record
from tests.server.live.liveserver import WAIT_S, Closing, FakeSubscription, client, served, subscribed, until

TEXT, CONTINUATION, PING = 1, 0, 9


def frame(payload: bytes, opcode: int = TEXT, *, is_last: bool = True) -> bytes:
    """Returns a frame of a client, masked with zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return bytes([(0x80 if is_last else 0) | opcode]) + length + bytes(4) + payload


INIT = frame(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {TOKEN}"}}).encode())
SUBSCRIBE = frame(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": "subscription { pods }"}}).encode())


class Wire:
    """A client that does what no library does: it neither answers pings nor reads on its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        async with asyncio.timeout(WAIT_S):
            await self.writer.drain()

    async def frame(self) -> tuple[int, bytes]:
        """Returns the opcode and the payload of the next frame."""
        async with asyncio.timeout(WAIT_S):
            first, size = await self.reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(size)

    async def end(self) -> Closing:
        """Returns the end of the connection."""
        try:
            while True:
                opcode, payload = await self.frame()
                if opcode == 8:
                    return Closing(struct.unpack("!H", payload[:2])[0], payload[2:].decode())
        except (asyncio.IncompleteReadError, ConnectionError):
            return Closing(1006, "")


def handshake(path: str = "/graphql", **headers: str) -> bytes:
    """Returns the request of a handshake."""
    lines = {
        "Host": "x",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": SUBPROTOCOL,
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()


@asynccontextmanager
async def wire(port: int, *, receive_bytes: int | None = None) -> AsyncIterator[Wire]:
    """Returns a client after its handshake; with small buffers, if it is to read slowly."""
    sock = socket.socket()
    if receive_bytes is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
    try:
        writer.write(handshake())
        await reader.readuntil(b"\r\n\r\n")
        yield Wire(reader, writer)
    finally:
        writer.close()


@pytest.fixture
def quick_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviews access all the time."""
    monkeypatch.setattr(reviews, "REVIEW_S", 0.05)


@pytest.mark.usefixtures("quick_reviews")
async def test_ws_18_a_token_that_is_revoked_ends_operations_with_a_code_and_the_connection() -> None:
    subscription, tokens = FakeSubscription(), FakeTokens()
    async with served(subscribed(subscription, tokens=tokens)) as port, client(port) as live:
        await live.begin()
        for operation in ("1", "2"):
            await live.subscribe(operation)
            await live.receive()

        tokens.valid = "fgt_none"
        errors = [await live.receive() for _ in range(2)]
        end = await live.end()

    assert {error["id"] for error in errors} == {"1", "2"}
    for error in errors:
        assert error["type"] == "error"
        assert error["payload"] == [
            {"message": "The token is no longer valid.", "extensions": {"code": "UNAUTHENTICATED", "retryable": False}}
        ]
    assert end == Closing(4403, "The token is no longer valid.")
    assert subscription.active == 0


async def test_a_token_is_verified_again_for_each_operation() -> None:
    tokens, subscription = FakeTokens(), FakeSubscription()
    async with served(subscribed(subscription, tokens=tokens)) as port, client(port) as live:
        await live.begin()
        await live.subscribe("1")
        await live.receive()

        tokens.valid = "fgt_none"
        await live.subscribe("2")
        errors = [await live.receive() for _ in range(2)]
        end = await live.end()

    assert {error["id"]: error["payload"][0]["extensions"]["code"] for error in errors} == {
        "1": "UNAUTHENTICATED",
        "2": "UNAUTHENTICATED",
    }
    assert end.code == 4403
    assert subscription.begun == 1


@pytest.mark.usefixtures("quick_reviews")
async def test_a_caller_that_loses_a_role_is_told() -> None:
    tokens = FakeTokens()
    async with served(subscribed(tokens=tokens)) as port, client(port) as live:
        await live.begin()
        await live.subscribe()
        await live.receive()

        tokens.record = record(is_administrator=False)
        error = await live.receive()
        end = await live.end()

    assert error["payload"][0]["extensions"] == {"code": "FORBIDDEN", "retryable": True}
    assert end == Closing(1013, "Your permissions have changed. Ask again.")


async def test_fa_13_a_server_that_stops_says_so_after_the_last_query() -> None:
    gate, subscription = asyncio.Event(), FakeSubscription()
    executor = FakeExecutor(gate=gate)
    fakes = Fakes(executor)
    streams = subscribed(subscription, draining=fakes.draining)
    async with (
        served(fakes) as port,
        served(streams) as stream_port,
        client(port) as querying,
        client(stream_port) as following,
    ):
        await querying.begin()
        await querying.subscribe()
        await executor.started.wait()
        await following.begin()
        await following.subscribe()
        await following.receive()

        fakes.draining.begin()
        finishing = asyncio.create_task(fakes.draining.finish(timeout_s=WAIT_S))
        end = await following.end()
        await querying.subscribe("2")
        refused = await querying.receive()
        gate.set()
        answered = [await querying.receive() for _ in range(2)]
        last = await querying.end()
        cut = await finishing

    stopping = Closing(1012, "The server is stopping; connect again")
    assert (end, last) == (stopping, stopping)
    assert refused["payload"][0]["message"] == "The server is stopping; ask again."
    assert [message["type"] for message in answered] == ["next", "complete"]
    assert cut == 0
    assert subscription.active == 0


async def test_a_query_that_outlasts_the_stop_is_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    fakes = Fakes(FakeExecutor(gate=asyncio.Event()))
    async with served(fakes) as port, client(port) as live:
        await live.begin()
        await live.subscribe()
        await fakes.executor.started.wait()

        fakes.draining.begin()
        cut = await fakes.draining.finish(timeout_s=0.05)
        end = await live.end()

    assert (cut, end.code) == (1, 1012)
    assert fakes.executor.was_cancelled
    assert "Traceback" not in capsys.readouterr().err


async def test_the_end_of_a_client_ends_its_operations() -> None:
    subscription = FakeSubscription()
    async with served(subscribed(subscription)) as port:
        async with client(port) as live:
            await live.begin()
            for number in range(10):
                await live.subscribe(str(number))
            await subscription.until(10)
        await subscription.until(0)
        async with wire(port) as raw:
            await raw.send(INIT + SUBSCRIBE)
            await subscription.until(1)
            raw.writer.transport.abort()
            await subscription.until(0)


async def test_ws_19_who_answers_no_ping_is_disconnected_and_frees_all() -> None:
    subscription = FakeSubscription()
    fakes = subscribed(subscription)
    async with served(fakes, heartbeat_s=0.3) as port, wire(port) as raw:
        await raw.send(INIT + SUBSCRIBE)
        await subscription.until(1)
        await subscription.until(0)
        end = await raw.end()
        async with client(port) as live:  # which answers
            await live.begin()
            await live.subscribe()
            await live.receive()
            await asyncio.sleep(0.7)
            active = subscription.active

    assert end.code == 1013
    assert active == 1


async def test_ws_20_a_client_that_reads_nothing_is_cut_off_with_a_code_and_holds_little() -> None:
    subscription = FakeSubscription([b'{"data":"' + b"a" * 20_000 + b'"}'], is_endless=True)
    limits = LiveLimits(send_timeout_s=0.3)
    async with served(subscribed(subscription, live_limits=limits)) as port:
        async with wire(port, receive_bytes=4096) as raw:
            await raw.send(INIT + SUBSCRIBE)
            await subscription.until(1)
            await subscription.until(0)
            yielded = subscription.yielded
            end = await raw.end()
        async with wire(port, receive_bytes=4096) as raw:
            await raw.send(INIT + SUBSCRIBE)
            await subscription.until(1)
            await subscription.until(0)  # and it never reads
            await until(lambda: not port.connections)

    assert end == Closing(1013, "The client takes messages too slowly")
    assert yielded < 500  # 10 MB, most of it in the buffers of the system


async def test_ws_21_connections_of_one_caller_are_capped_and_others_unaffected() -> None:
    tokens = FakeTokens()
    fakes = subscribed(tokens=tokens, live_limits=LiveLimits(caller_connections=2))
    async with served(fakes) as port, client(port) as one, client(port) as two:
        await one.begin()
        await two.begin()
        async with client(port) as three:
            await three.send(type="connection_init", payload={"Authorization": f"Bearer {TOKEN}"})
            end = await three.end()
        await one.websocket.close()
        await until(lambda: b"fleetgraph_live_connections 1.0" in generate_latest(fakes.metrics._registry))
        async with client(port) as four:
            await four.begin()

    assert end.code == 1013
    assert "FLEETGRAPH_MAX_CALLER_LIVE_CONNECTIONS" in end.reason


async def test_connections_count_as_requests_of_their_caller() -> None:
    fakes = subscribed(caller_limits=CallerLimits(caller_requests_per_minute=2))
    async with served(fakes) as port, client(port) as one, client(port) as two, client(port) as three:
        await one.begin()
        await two.begin()
        await three.send(type="connection_init", payload={"Authorization": f"Bearer {TOKEN}"})
        end = await three.end()

    assert (end.code, "FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE" in end.reason) == (1013, True)


async def test_connections_whose_caller_is_not_known_share_the_places_of_http() -> None:
    bounds = ConnectionBounds(connections=3)
    async with served(subscribed(), bounds) as port, client(port) as known:
        await known.begin()
        async with AsyncExitStack() as unknown:
            for _ in range(40):
                await unknown.enter_async_context(wire(port))
            async with client(port) as live:
                await live.begin()
        await known.subscribe()
        answer = await known.receive()

    assert answer["type"] == "next"


async def test_ws_22_a_flood_of_operations_leaves_nothing_behind() -> None:
    subscription = FakeSubscription()
    async with served(subscribed(subscription)) as port, client(port) as live:
        await live.begin()
        before = len(asyncio.all_tasks())
        reading = asyncio.create_task(live.end())
        for number in range(1000):
            await live.subscribe(str(number))
            await live.send(type="complete", id=str(number))
        await live.subscribe("last")
        await until(lambda: subscription.begun > 0 and subscription.active == 1)
        await live.send(type="complete", id="last")
        await subscription.until(0)
        await until(lambda: len(asyncio.all_tasks()) <= before + 1)
        await live.websocket.close()
        await reading

    gc.collect()
    assert subscription.active == 0


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([frame(b"", is_last=False), *[frame(b"", CONTINUATION, is_last=False)] * 2000], 1009),
        ([frame(b"a", is_last=False), *[frame(b"a" * 10_000, CONTINUATION, is_last=False)] * 110], 1009),
        ([frame(b"{", is_last=False)], 1013),
        ([frame(b"\xff\xfe")], 1007),
        ([b"\x81\x01a"], 1002),
        ([frame(b"a", CONTINUATION)], 1002),
        ([b"\x81\xff" + struct.pack("!Q", 2**62) + bytes(4)], 1009),
        ([b"\xc1\x80" + bytes(4)], 1002),
    ],
    ids=["empty fragments", "fragments", "unfinished", "no UTF-8", "no mask", "no beginning", "huge", "compressed"],
)
async def test_ws_17_frames_that_are_invalid_or_too_many_close_with_a_code(
    frames: list[bytes], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings())
    fakes = Fakes(live_limits=LiveLimits(message_timeout_s=0.3 if code == 1013 else WAIT_S))
    async with served(fakes) as port, wire(port) as raw:
        await raw.send(INIT)
        await raw.frame()
        for data in frames:
            await raw.send(data)
        end = await raw.end()

    assert end.code == code
    assert end.reason
    assert "Traceback" not in capsys.readouterr().err


async def test_a_flood_of_pings_slows_its_sender_and_nobody_else() -> None:
    async with served(Fakes()) as port, wire(port) as raw, client(port) as live:
        await raw.send(INIT)
        await raw.frame()
        await live.begin()
        raw.writer.write(frame(b"", PING) * 40_000)
        pongs = asyncio.create_task(_count(raw))
        answers = []
        while not pongs.done():
            await live.send(type="ping")
            answers.append(await live.receive())
        count = await pongs

    assert len(answers) > 10
    assert count < 10_000


async def _count(raw: Wire) -> int:
    """Returns the number of pongs within half a second."""
    count, loop = 0, asyncio.get_running_loop()
    until_s = loop.time() + 0.5
    while loop.time() < until_s:
        await raw.frame()
        count += 1
    return count


async def test_many_bytes_before_connection_init_end_the_connection() -> None:
    async with served(Fakes()) as port, wire(port) as raw:
        await raw.send(frame(b'{"type":"pong"}') * 12_000)
        end = await raw.end()

    assert end.code in {1006, 1009}


async def test_a_stranger_has_few_frames_and_a_caller_many() -> None:
    async with served(Fakes()) as port, wire(port) as stranger, wire(port) as known:
        await known.send(INIT)
        await known.frame()
        for one in (stranger, known):
            await one.send(frame(b'{"type":"ping"}') * 100)
        pongs = [await known.frame() for _ in range(100)]
        end = await stranger.end()

    assert {opcode for opcode, _ in pongs} == {TEXT}
    assert (end.code, end.reason) == (1009, "Too much before connection_init")


async def test_a_response_that_is_not_read_keeps_its_memory_and_its_place() -> None:
    fakes = Fakes(FakeExecutor(answer=FakeAnswer(body=b'{"data":"' + b"a" * 8_000_000 + b'"}')))
    async with served(fakes) as port, wire(port, receive_bytes=4096) as raw:
        await raw.send(INIT + SUBSCRIBE)
        await until(lambda: bool(fakes.executor.requests))
        await asyncio.sleep(0.2)
        waiting = len(fakes.memory._answers)
        texts = [await raw.frame()]
        while texts[-1][0] != TEXT or b"complete" not in texts[-1][1]:
            texts.append(await raw.frame())

    assert waiting == 1
    assert len(b"".join(payload for _, payload in texts)) > 8_000_000


async def test_all_subscriptions_of_a_client_that_comes_back_begin() -> None:
    subscription = FakeSubscription()
    limits = CallerLimits(caller_waiting=0)
    async with served(subscribed(subscription, caller_limits=limits)) as port, client(port) as live:
        await live.begin()
        for number in range(150):
            await live.subscribe(str(number))
        messages = [await live.receive() for _ in range(150)]

    assert {message["type"] for message in messages} == {"next"}


async def test_an_operation_that_ends_within_a_large_message_leaves_the_connection_usable() -> None:
    subscription = FakeSubscription([b'{"data":"' + b"a" * 3_000_000 + b'"}'], is_endless=True)
    async with served(subscribed(subscription)) as port, client(port, max_size=None, max_queue=1) as live:
        await live.begin()
        await live.subscribe()
        await live.receive()
        await live.send(type="complete", id="1")
        await live.send(type="ping")
        while (await live.receive())["type"] != "pong":
            pass
