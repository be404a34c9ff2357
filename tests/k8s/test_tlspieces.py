"""TLS in pieces: nothing is lost however slowly it is taken, others have turns, floods are cut off."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from k8s.tlspieces import TlsFlood, TlsPieces, in_pieces
from tests.k8s.tlspeer import DATA, FLOODS, HANDSHAKE, TICKET, Peer, contexts, serving

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
BODY = bytes(range(256)) * 8192
Run = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    """Runs something in a loop of its own, for a minute at most."""

    def running(what: Callable[[], Awaitable[None]]) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(60):
                await what()

        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            runner.run(bounded())

    return running


@pytest.fixture(params=["at once", "later"])
def _decrypted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a piece is decrypted that arrives."""
    monkeypatch.setattr("k8s.tlsturns.SLICE_S", -1.0 if request.param == "later" else 3600.0)


class Application(asyncio.Protocol):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.received_bytes = 0
        self.data = bytearray()
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)

    async def has(self, size: int) -> None:
        """Waits for so many bytes."""
        while len(self.data) < size:  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0)


async def connected(port: int, client: ssl.SSLContext, application: Application, who: str = "") -> TlsPieces:
    loop = asyncio.get_running_loop()
    socket, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
    pieces = in_pieces(socket, who)
    secured = await loop.start_tls(socket, application, client, server_hostname="localhost")
    assert secured is not None
    assert socket.get_protocol() is pieces
    pieces.agree(secured)
    application.connection_made(secured)
    return pieces


async def echo(peer: Peer) -> None:
    while data := await peer.read():
        await peer.write(data)


@pytest.mark.usefixtures("_decrypted")
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("is_slow", [False, True], ids=["eager", "slow"])
def test_all_arrives_in_both_directions(run: Run, tmp_path: Path, version: str, is_slow: bool) -> None:
    server, client = contexts(tmp_path, version)

    class Reader(Application):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if is_slow:
                self.transport.pause_reading()
                asyncio.get_running_loop().call_soon(self.transport.resume_reading)

    async def echoed() -> None:
        async with serving(server, echo) as port:
            application = Reader()
            await connected(port, client, application)
            application.transport.write(BODY)
            await application.has(len(BODY))
            application.transport.close()
            assert await application.lost is None
        assert application.data == BODY

    run(echoed)


@pytest.mark.usefixtures("_decrypted")
def test_the_end_comes_behind_the_data(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)

    async def send(peer: Peer) -> None:
        await peer.write(BODY)

    async def received() -> None:
        async with serving(server, send) as port:
            application = Application()
            await connected(port, client, application)
            await application.lost
        assert application.data == BODY

    run(received)


@pytest.mark.usefixtures("_decrypted")
def test_an_application_that_does_not_read_keeps_the_other_end_waiting(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)
    sent = 0

    async def send_endlessly(peer: Peer) -> None:
        nonlocal sent
        for _ in range(200):
            await peer.write(BODY)
            sent += len(BODY)

    async def paused() -> None:
        async with serving(server, send_endlessly) as port:
            application = Application()
            pieces = await connected(port, client, application)
            await application.has(1)
            application.transport.pause_reading()
            before, sent_before = pieces.received_bytes, -1
            while sent != sent_before:
                sent_before = sent
                await asyncio.sleep(0.05)
            assert pieces.received_bytes - before <= 3 * 16 * 1024
            has = len(application.data)
            application.transport.resume_reading()
            await application.has(has + 2 * len(BODY))
            application.transport.abort()
            await application.lost
        assert sent < 100 * len(BODY)

    run(paused)


def test_a_piece_has_a_turn_of_the_loop(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, client = contexts(tmp_path)
    monkeypatch.setattr("k8s.tlsturns.SLICE_S", -1.0)

    async def send(peer: Peer) -> None:
        await peer.write(BODY)

    async def received() -> None:
        async with serving(server, send) as port:
            application = Application()
            sizes: set[int] = set()
            pieces = await connected(port, client, application)
            while not application.lost.done():
                before = pieces.received_bytes
                await asyncio.sleep(0)
                sizes.add(pieces.received_bytes - before)
        assert application.data == BODY
        assert max(sizes) <= 16 * 1024

    run(received)


def test_who_has_many_connections_takes_turns_with_others(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = contexts(tmp_path)
    monkeypatch.setattr("k8s.tlsturns.SLICE_S", -1.0)

    async def send(peer: Peer) -> None:
        await peer.write(BODY)

    async def received() -> None:
        async with serving(server, send) as port:
            many = [Application() for _ in range(8)]
            one = Application()
            for application in many:
                await connected(port, client, application, "many")
                application.transport.pause_reading()
            await connected(port, client, one, "one")
            had = sum(application.received_bytes for application in many)
            for application in many:
                application.transport.resume_reading()
            await one.has(len(BODY))
            assert sum(application.received_bytes for application in many) - had <= 4 * len(BODY)  # eight times without
            for application in (*many, one):
                application.transport.abort()
                await application.lost

    run(received)


@pytest.mark.usefixtures("_decrypted")
@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("before", [0, 2**20], ids=["at once", "after a megabyte"])
def test_a_flood_is_cut_off(run: Run, tmp_path: Path, flood: Callable[[Peer], bytes], before: int) -> None:
    server, client = contexts(tmp_path)
    is_cut_off = False

    async def send(peer: Peer) -> None:
        nonlocal is_cut_off
        for _ in range(before // 16384):
            await peer.send(peer.record(DATA, BODY[:16384]))
        is_cut_off = await peer.send_until_cut_off(flood, 200)

    async def received() -> None:
        async with serving(server, send) as port:
            application = Application()
            await connected(port, client, application)
            assert isinstance(await application.lost, TlsFlood)
            while not is_cut_off:  # noqa: ASYNC110  likewise
                await asyncio.sleep(0)

    run(received)


@pytest.mark.usefixtures("_decrypted")
def test_few_tickets_changes_of_keys_and_single_bytes_are_no_flood(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)

    async def send(peer: Peer) -> None:
        await peer.send(peer.record(HANDSHAKE, TICKET) + peer.record(HANDSHAKE, TICKET))
        for _ in range(50):
            await peer.send(peer.key_update() + b"".join(peer.record(DATA, b"a") for _ in range(200)))

    async def received() -> None:
        async with serving(server, send) as port:
            application = Application()
            await connected(port, client, application)
            await application.lost
        assert application.data == b"a" * 10_000

    run(received)


@pytest.mark.usefixtures("_decrypted")
def test_what_a_closed_connection_still_gets_is_no_flood(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)

    async def send(peer: Peer) -> None:
        await peer.write(BODY)

    async def received() -> None:
        async with serving(server, send) as port:
            application = Application()
            await connected(port, client, application)
            await application.has(1)
            application.transport.close()
            assert not isinstance(await application.lost, TlsFlood)

    run(received)


@pytest.mark.usefixtures("_decrypted")
def test_an_application_that_fails_is_cut_off(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)
    failures: list[object] = []

    class Failing(Application):
        def data_received(self, data: bytes) -> None:
            raise ZeroDivisionError

    async def send(peer: Peer) -> None:
        await peer.write(b"a")
        await peer.read()

    async def failed() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context["exception"]))
        async with serving(server, send) as port:
            application = Failing()
            await connected(port, client, application)
            await application.lost

    run(failed)

    assert [type(failure) for failure in failures] == [ZeroDivisionError]


def test_a_handshake_that_fails_is_the_callers_error(run: Run, tmp_path: Path) -> None:
    server, _ = contexts(tmp_path)
    stranger = ssl.create_default_context()

    async def refused() -> None:
        async with serving(server, echo) as port:
            with pytest.raises(ssl.SSLCertVerificationError):
                await connected(port, stranger, Application())

    run(refused)
