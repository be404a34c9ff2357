"""A server on loopback with WebSockets, subscriptions without clusters, and a client."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph.live.subscription import SubscriptionFailed
from resolvers.caller import Caller
from server.live.messages import SUBPROTOCOL
from server.serve import serving
from server.serve.connectionbounds import ConnectionBounds
from server.serve.listening import ServeOptions
from tests.server.http_parts import TOKEN, FakeAnswer, FakeExecutor, Fakes

WAIT_S = 30
SUBSCRIBED = FakeAnswer(executed=False, needs_stream=True)


@dataclass
class FakeSubscription:
    """A subscription to given payloads, which goes on after them."""

    bodies: Sequence[bytes] = (b'{"data":{"pods":1}}',)
    is_endless: bool = False
    errors: Sequence[Mapping[str, Any]] | None = None
    is_complete: bool = False
    active: int = 0
    begun: int = 0
    yielded: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def payloads(self, _caller: Caller) -> AsyncGenerator[bytes, None]:
        self.active += 1
        self.begun += 1
        self.changed.set()
        try:
            while True:
                for body in self.bodies:
                    self.yielded += 1
                    yield body
                if not self.is_endless:
                    break
            if self.errors is not None:
                raise SubscriptionFailed(self.errors)
            if not self.is_complete:
                await asyncio.Event().wait()
        finally:
            self.active -= 1
            self.changed.set()

    async def until(self, active: int) -> None:
        """Returns when so many of them run."""
        await until(lambda: self.active == active, self.changed)


async def until(is_so: Callable[[], bool], changed: asyncio.Event | None = None) -> None:
    """Returns when something is so; asks again when it has changed, or every hundredth of a second."""
    async with asyncio.timeout(WAIT_S):
        while not is_so():
            if changed is None:
                await asyncio.sleep(0.01)
            else:
                changed.clear()
                await changed.wait()


def subscribed(subscription: FakeSubscription | None = None, **parts: Any) -> Fakes:
    """Returns an application that answers each operation with a subscription."""
    executor = FakeExecutor(answer=SUBSCRIBED, subscription=subscription or FakeSubscription())
    return Fakes(executor, **parts)


class Port(int):
    """The port of a server, with its connections."""

    connections: Collection[object]


@asynccontextmanager
async def served(
    fakes: Fakes,
    bounds: ConnectionBounds | None = None,
    *,
    heartbeat_s: float = 12.0,
    options: ServeOptions | None = None,
) -> AsyncIterator["Port"]:
    """Returns the port of a server."""
    bound = socket.create_server(("127.0.0.1", 0))
    options = options or ServeOptions(host="127.0.0.1", port=0)
    config = serving._config(fakes.app(), options, bounds or ConnectionBounds(), heartbeat_s=heartbeat_s)
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[bound])
    try:
        port = Port(bound.getsockname()[1])
        port.connections = server.server_state.connections
        yield port
    finally:
        for listening in server.servers:
            listening.close()
        for connection in tuple(server.server_state.connections):
            connection.transport.abort()
        await until(lambda: not server.server_state.connections and not server.server_state.tasks)
        bound.close()


@dataclass(frozen=True)
class Closing:
    """The end of a connection."""

    code: int
    reason: str


class LiveClient:
    """A client of `graphql-transport-ws` that sends what a test wants."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket

    async def send(self, **message: Any) -> None:
        await self.websocket.send(json.dumps(message))

    async def raw(self, message: str | bytes) -> None:
        await self.websocket.send(message)

    async def receive(self) -> Any:
        async with asyncio.timeout(WAIT_S):
            return json.loads(await self.websocket.recv())

    async def begin(self, token: str | None = TOKEN) -> Self:
        payload = {} if token is None else {"payload": {"Authorization": f"Bearer {token}"}}
        await self.send(type="connection_init", **payload)
        assert await self.receive() == {"type": "connection_ack"}
        return self

    async def subscribe(self, operation: str = "1", query: str = "subscription { pods }", **parameters: Any) -> None:
        await self.send(type="subscribe", id=operation, payload={"query": query, **parameters})

    async def end(self) -> Closing:
        """Returns the end of the connection, whatever comes before it."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    await self.websocket.recv()
        except ConnectionClosed as closed:
            received = closed.rcvd
            return Closing(received.code, received.reason) if received is not None else Closing(1006, "")


@asynccontextmanager
async def client(
    port: int, *, subprotocols: Sequence[str] = (SUBPROTOCOL,), headers: Mapping[str, str] | None = None, **options: Any
) -> AsyncIterator[LiveClient]:
    """Returns a connected client."""
    offered = [Subprotocol(name) for name in subprotocols] or None
    settings: dict[str, Any] = {"compression": None, "proxy": None, "open_timeout": WAIT_S, "close_timeout": 1}
    uri = f"ws://127.0.0.1:{port}/graphql"
    async with connect(uri, subprotocols=offered, additional_headers=headers, **settings | options) as websocket:
        yield LiveClient(websocket)
