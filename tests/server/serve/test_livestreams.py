"""Streams of subscriptions over real sockets: what they hold, and clients that leave or take nothing."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from resolvers.caller import Caller
from server.live.limits import LiveLimits
from server.serve.connectionbounds import ConnectionBounds
from server.serve.httpconnection import HttpServerProtocol
from tests.k8s.wireserver import until
from tests.server.http_parts import TOKEN, FakeAnswer, FakeExecutor, Fakes
from tests.server.live.streams import FakeSubscription
from tests.server.serve.test_connectionbounds import HEALTH, WAIT_S, answered, served
from tests.server.sockets import post

NEEDS_STREAM = FakeAnswer(b"", executed=False, needs_stream=True)
SUBSCRIBED = post(TOKEN, "subscription { pods { resume } }").replace(b"Host:", b"Accept: text/event-stream\r\nHost:", 1)
PAYLOAD = b'{"data":1}'


@dataclass
class Endless(FakeSubscription):
    """A subscription that has always more, a megabyte each."""

    async def payloads(self, caller: Caller) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b'"' + b"x" * 2**20 + b'"'
                await asyncio.sleep(0)
        finally:
            self.was_closed = True


def subscribed(subscription: FakeSubscription, limits: LiveLimits | None = None) -> Fakes:
    return Fakes(FakeExecutor(NEEDS_STREAM, subscription=subscription), live_limits=limits or LiveLimits())


async def test_fa_18_a_client_that_closes_its_connection_frees_its_subscription() -> None:
    subscription = FakeSubscription()
    subscription.put(PAYLOAD)
    async with served(subscribed(subscription), ConnectionBounds()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(SUBSCRIBED)
        await reader.readuntil(PAYLOAD)

        writer.close()
        await until(lambda: subscription.was_closed, WAIT_S)


async def test_ws_20_a_client_that_takes_nothing_frees_its_subscription() -> None:
    subscription = Endless()
    async with served(subscribed(subscription, LiveLimits(send_timeout_s=0.1)), ConnectionBounds()) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(SUBSCRIBED)
            await until(lambda: subscription.was_closed, WAIT_S)


async def test_the_connection_of_a_stream_ends_with_it() -> None:
    subscription = FakeSubscription()
    subscription.put(PAYLOAD, None)
    async with served(subscribed(subscription), ConnectionBounds()) as port:
        answer = await answered(port, SUBSCRIBED)

    assert b"connection: close" in answer.lower()
    assert answer.endswith(b"event: complete\ndata:\n\n\r\n0\r\n\r\n")


async def test_a_stream_takes_no_place_of_http_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    admitted: list[HttpServerProtocol] = []
    admit = HttpServerProtocol.admit

    def noted(connection: HttpServerProtocol, *, send_timeout_s: float) -> None:
        admit(connection, send_timeout_s=send_timeout_s)
        admitted.append(connection)

    monkeypatch.setattr(HttpServerProtocol, "admit", noted)
    subscription = FakeSubscription()
    subscription.put(PAYLOAD)
    async with served(subscribed(subscription), ConnectionBounds(connections=1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(SUBSCRIBED)
        await reader.readuntil(PAYLOAD)

        assert b" 200 OK" in await answered(port, HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert not subscription.was_closed
        (connection,) = admitted
        client = connection.transport.get_extra_info("socket")
        assert client.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == LiveLimits().send_timeout_s * 1000
        writer.close()
