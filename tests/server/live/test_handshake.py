"""Handshakes of WebSockets: origins, sub-protocols, tokens, and what is no handshake."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus

from server.live.endpoint import LiveEndpoint
from server.live.limits import LiveLimits
from server.ratelimit import anonymous
from server.ratelimit.anonymous import AnonymousLimits
from server.serve.connectionbounds import ConnectionBounds
from tests.server.http_parts import AUTHORIZED, TOKEN, Fakes
from tests.server.live.liveserver import client, served, subscribed
from tests.server.live.test_websocketends import handshake
from tests.server.sockets import exchange, post, read_reply

PORTAL = "https://portal.example.com"


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("http://127.0.0.1:{port}", True),
        ("https://127.0.0.1:{port}", True),
        (PORTAL, True),
        ("http://127.0.0.1", False),
        ("http://evil.example.com", False),
        ("https://portal.example.com.evil.example", False),
        ("https://portal.example.com:444", False),
        ("null", False),
        ("file://", False),
        ("", False),
    ],
)
async def test_pages_of_other_origins_open_no_websocket(origin: str, is_allowed: bool) -> None:
    async with served(Fakes(cors_origins=frozenset({PORTAL}))) as port:
        headers = AUTHORIZED | {"Origin": origin.format(port=port)}
        if is_allowed:
            async with client(port, headers=headers) as live:
                await live.begin(None)
            return
        with pytest.raises(InvalidStatus) as refused:
            async with client(port, headers=headers):
                pass

    assert refused.value.response.status_code == 403
    assert b"FLEETGRAPH_CORS_ORIGINS" in (refused.value.response.body or b"")
    assert "access-control-allow-origin" not in refused.value.response.headers


@pytest.mark.parametrize("offered", [("graphql-ws",), (), ("graphql-ws", "x")], ids=str)
async def test_ws_16_other_protocols_are_refused_with_a_code(offered: Sequence[str]) -> None:
    async with served(Fakes()) as port, client(port, subprotocols=offered) as live:
        end = await live.end()

    assert (end.code, end.reason) == (4406, "Subprotocol not acceptable: use graphql-transport-ws")


@pytest.mark.parametrize("offered", [("graphql-transport-ws",), ("graphql-ws", "graphql-transport-ws")], ids=str)
async def test_the_protocol_is_chosen_among_those_that_are_offered(offered: Sequence[str]) -> None:
    async with served(Fakes()) as port, client(port, subprotocols=offered) as live:
        await live.begin()
        chosen, extensions = live.websocket.subprotocol, live.websocket.response

    assert chosen == "graphql-transport-ws"
    assert extensions is not None
    assert "sec-websocket-extensions" not in extensions.headers  # no compression


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        ({}, {"Authorization": f"Bearer {TOKEN}"}),
        ({}, {"authorization": f"bearer  {TOKEN}"}),
        ({}, {"headers": {"Authorization": f"Bearer {TOKEN}"}}),
        (AUTHORIZED, None),
        (AUTHORIZED, {}),
        ({"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}"}),
    ],
)
async def test_a_token_is_in_connection_init_or_in_the_handshake(headers: Mapping[str, str], payload: object) -> None:
    fakes = Fakes()
    async with served(fakes) as port, client(port, headers=headers) as live:
        await live.send(type="connection_init", payload=payload)
        assert await live.receive() == {"type": "connection_ack"}
        await live.subscribe()
        await live.receive()

    assert [caller.name for caller in fakes.executor.callers] == ["robot"]


async def test_a_server_that_stops_refuses_handshakes() -> None:
    fakes = Fakes()
    fakes.draining.begin()
    async with served(fakes) as port:
        reply = await exchange(port, handshake())

    assert (reply.status, reply.headers["retry-after"]) == (503, "5")


async def test_handshakes_without_a_token_have_the_limits_of_anonymous_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(anonymous, "_WAIT_S", 0.1)
    fakes = Fakes(anonymous_limits=AnonymousLimits(requests_per_minute=60))
    async with served(fakes) as port:
        replies = await asyncio.gather(*(_status(port, handshake()) for _ in range(12)))
        await exchange(port, post(TOKEN, "{ ok }"))
        known = await _status(port, handshake(Authorization=f"Bearer {TOKEN}"))

    assert 503 in replies
    assert 101 in replies
    assert known == 101


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (handshake("/healthz"), 403),
        (handshake("/"), 403),
        (handshake(Sec_WebSocket_Version="12"), 400),
        (handshake(Sec_WebSocket_Key="short"), 400),
        (handshake(X_Long="a" * 9000), 431),
        (handshake("/graphql?" + "a" * 9000), 414),
        (handshake().replace(b"GET", b"POST", 1), 405),
    ],
    ids=["probe", "page", "version", "key", "header", "address", "method"],
)
async def test_what_is_no_handshake_is_refused(request_bytes: bytes, status: int) -> None:
    async with served(Fakes()) as port:
        assert await _status(port, request_bytes) == status


async def test_a_handshake_behind_a_running_request_is_refused() -> None:
    fakes = Fakes()
    fakes.executor.gate = asyncio.Event()
    async with served(fakes) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(TOKEN, "{ ok }") + handshake())
        reply = await read_reply(reader)
        writer.close()

    assert reply.status == 503


async def test_a_handshake_on_a_connection_that_was_used_before() -> None:
    async with served(Fakes()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(TOKEN, "{ ok }"))
        first = await read_reply(reader)
        writer.write(handshake())
        second = await reader.readline()
        writer.close()

    assert first.status == 200
    assert second.startswith(b"HTTP/1.1 101")


async def test_at_the_limit_of_connections_only_known_callers_stay() -> None:
    fakes = subscribed(live_limits=LiveLimits(connections=1))
    async with served(fakes, ConnectionBounds(connections=10)) as port, client(port) as live:
        await live.begin()
        async with client(port) as other:
            await other.send(type="connection_init", payload={"Authorization": f"Bearer {TOKEN}"})
            end = await other.end()

    assert (end.code, "FLEETGRAPH_MAX_LIVE_CONNECTIONS" in end.reason) == (1013, True)


async def _status(port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()


@pytest.mark.parametrize("path", ["/graphql", "/unknown"])
async def test_refused_handshakes_have_the_rate_of_anonymous_requests(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymous, "_WAIT_S", 0.1)
    async with served(Fakes(anonymous_limits=AnonymousLimits(requests_per_minute=60))) as port:
        foreign = handshake(path, Origin="https://evil.example")
        replies = await asyncio.gather(*(_status(port, foreign) for _ in range(12)))

    assert set(replies) == {403, 503}


async def test_a_connection_that_is_accepted_while_the_server_stops_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, agree = Fakes(), LiveEndpoint._agree

    async def agree_late(endpoint: LiveEndpoint, websocket: WebSocket) -> bool:
        is_accepted = await agree(endpoint, websocket)
        fakes.draining.begin()
        await asyncio.sleep(0)
        return is_accepted

    monkeypatch.setattr(LiveEndpoint, "_agree", agree_late)
    async with served(fakes) as port, client(port) as live:
        end = await live.end()

    assert end.code == 1012
