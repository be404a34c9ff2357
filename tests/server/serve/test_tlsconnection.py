"""Callers' connections over TLS, which gets what arrives in small pieces."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from server.serve import serving
from server.serve.connectionbounds import ConnectionBounds
from server.serve.listening import ServeOptions
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlspeer import DATA, FLOODS, Peer, contexts

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LONG = b"x" * 1_000_000


async def _seen(request: Request) -> PlainTextResponse:
    size = sum([len(piece) async for piece in request.stream()])
    client = request.client
    return PlainTextResponse(f"{request.url.scheme} {client.host if client else ''} {size} " + "x" * size)


async def _refused(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("too large", 413, headers={"connection": "close"})


APP = Starlette(routes=[Route("/", _seen, methods=["GET", "POST"]), Route("/refused", _refused, methods=["POST"])])
With = Callable[..., None]


@pytest.fixture
def with_server(tmp_path: Path) -> With:
    """Does something with a server's port, for a minute at most, in the event loop that serves."""

    def doing(what: Callable[[int], Awaitable[None]], **bounds: Any) -> None:
        async def bounded() -> None:
            async with (
                asyncio.timeout(60),
                _server(tmp_path, ConnectionBounds(**{"head_timeout_s": 60, **bounds})) as port,
            ):
                await what(port)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(bounded())

    return doing


@asynccontextmanager
async def _server(directory: Path, bounds: ConnectionBounds) -> AsyncIterator[int]:
    certificate, key = authority().issue().write(directory, "served")
    options = ServeOptions(tls_certificate=certificate, tls_key=key)
    config = serving._config(APP, options, bounds)
    assert config.ssl is None  # the event loop's would decrypt all that has arrived at once
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        served = asyncio.create_task(server._serve([bound]))
        while not server.started:  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.001)
        try:
            yield bound.getsockname()[1]
            while server.server_state.connections:  # noqa: ASYNC110  likewise; none is left over
                await asyncio.sleep(0.001)
        finally:
            server.should_exit = True
            await served


@asynccontextmanager
async def _connected(
    port: int, context: ssl.SSLContext, data: bytes = b"", turns_between: int | None = None
) -> AsyncIterator[Peer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    peer = Peer(reader, writer, context, is_client=True)
    peer.turns_between = turns_between
    await peer.agree(data)
    yield peer
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _answer(peer: Peer, size: int) -> bytes:
    answer = b""
    while len(answer.partition(b"\r\n\r\n")[2]) < size and (data := await peer.read()):
        answer += data
    return answer


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("slice_s", [3600.0, -1.0], ids=["at once", "later"])
def test_requests_are_answered_and_their_sender_is_known(
    with_server: With, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, slice_s: float
) -> None:
    monkeypatch.setattr("k8s.network.tlsturns.SLICE_S", slice_s)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(LONG)

    async def ask(port: int) -> None:
        async with _connected(port, contexts(tmp_path, version)[1]) as peer:
            for _ in range(2):
                await peer.write(REQUEST)
                assert (await _answer(peer, 1)).endswith(b"https 127.0.0.1 0 ")
                await peer.write(head + LONG)
                assert (await _answer(peer, len(LONG))).endswith(b"\r\n\r\nhttps 127.0.0.1 1000000 " + LONG)

    with_server(ask)


def test_what_comes_with_the_end_of_the_handshake_is_not_lost(with_server: With, tmp_path: Path) -> None:
    async def ask(port: int) -> None:
        for _ in range(20):
            async with _connected(port, contexts(tmp_path)[1], REQUEST) as peer:
                assert (await _answer(peer, 1)).endswith(b"https 127.0.0.1 0 ")

    with_server(ask)


def test_messages_of_the_handshake_in_several_segments_are_put_together(with_server: With, tmp_path: Path) -> None:
    async def ask(port: int) -> None:
        for turns in range(12):
            async with _connected(port, contexts(tmp_path)[1], REQUEST, turns) as peer:
                assert (await _answer(peer, 1)).endswith(b"https 127.0.0.1 0 ")

    with_server(ask)


@pytest.mark.parametrize("flood", FLOODS)
def test_an_anonymous_client_who_sends_hardly_any_data_is_cut_off(
    with_server: With, tmp_path: Path, flood: Callable[[Peer], bytes]
) -> None:
    async def attack(port: int) -> None:
        async with _connected(port, contexts(tmp_path)[1]) as peer:
            await peer.send(peer.record(DATA, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"))
            assert await peer.send_until_cut_off(flood, 1000)

    with_server(attack)


def test_a_refusal_arrives_while_the_caller_still_sends(with_server: With, tmp_path: Path) -> None:
    async def ask(port: int) -> None:
        async with _connected(port, contexts(tmp_path)[1]) as peer:
            await peer.write(b"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
            with suppress(ConnectionError):
                for _ in range(5):
                    await peer.write(LONG)
            assert b" 413 " in await _answer(peer, 9)

    with_server(ask)


@pytest.mark.parametrize(
    "junk", [REQUEST, b"\x16\3\1\x40\0" + b"a" * 20_000, b"a" * 100_000], ids=["http", "tls", "long"]
)
def test_what_is_no_tls_is_cut_off_and_no_error_of_ours(
    with_server: With, caplog: pytest.LogCaptureFixture, junk: bytes
) -> None:
    async def send(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            writer.write(junk)
            assert await reader.read() in (b"", b"\x15\3\1\0\2\2\x46")  # nothing, or an alert
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    with_server(send)

    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_who_says_nothing_is_cut_off(with_server: With) -> None:
    async def wait(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            assert not await reader.read()
        writer.close()

    with_server(wait, head_timeout_s=0.5)


def test_handshakes_that_do_not_go_on_give_way_to_others(with_server: With, tmp_path: Path) -> None:
    """Checks that handshakes have places: else they would take all files that the process may open."""

    async def ask(port: int) -> None:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(6)]
        for reader, _ in silent[:3]:
            with suppress(ConnectionError):
                assert not await reader.read()
        async with _connected(port, contexts(tmp_path)[1], REQUEST) as peer:
            assert (await _answer(peer, 1)).endswith(b"https 127.0.0.1 0 ")
        for _, writer in silent:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    with_server(ask, connections=3)
