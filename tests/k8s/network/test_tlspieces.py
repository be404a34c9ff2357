"""TLS in pieces: nothing is lost however slowly it is read, and connections take turns."""

import asyncio
import ssl
from pathlib import Path

import pytest

from tests.k8s.tlsapplication import BODY, Application, Run, connected, echo, send_body, served
from tests.k8s.tlspeer import Peer, contexts, serving


@pytest.mark.usefixtures("decrypted")
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


@pytest.mark.usefixtures("decrypted")
def test_the_end_comes_behind_the_data(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)

    async def received() -> None:
        assert (await served(server, client, send_body)).data == BODY

    run(received)


@pytest.mark.usefixtures("decrypted")
def test_an_application_that_does_not_read_keeps_the_other_end_waiting(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)
    sent_bytes = 0

    async def send_endlessly(peer: Peer) -> None:
        nonlocal sent_bytes
        for _ in range(200):
            await peer.write(BODY)
            sent_bytes += len(BODY)

    async def paused() -> None:
        async with serving(server, send_endlessly) as port:
            application = Application()
            pieces = await connected(port, client, application)
            await application.has(1)
            application.transport.pause_reading()
            before, sent_before = pieces.received_bytes, -1
            while sent_bytes != sent_before:
                sent_before = sent_bytes
                await asyncio.sleep(0.05)
            assert pieces.received_bytes - before <= 2 * 16 * 1024
            assert application.transport.get_read_buffer_size() <= 16 * 1024
            has = len(application.data)
            application.transport.resume_reading()
            await application.has(has + 2 * len(BODY))
            application.transport.abort()
            await application.lost
        assert sent_bytes < 100 * len(BODY)

    run(paused)


def test_of_what_is_not_read_hardly_anything_is_left_to_decrypt(run: Run, tmp_path: Path) -> None:
    """It is decrypted at once when the application reads again, outside of any turn."""
    server, client = contexts(tmp_path)

    async def send(peer: Peer) -> None:
        await peer.read()
        await peer.write(BODY)

    async def paused() -> None:
        async with serving(server, send) as port:
            application = Application()
            await connected(port, client, application)
            application.transport.pause_reading()
            application.transport.write(b"a")
            while not application.transport.get_read_buffer_size():  # noqa: ASYNC110  it has no event
                await asyncio.sleep(0)
            assert application.transport.get_read_buffer_size() <= 512
            application.transport.resume_reading()
            await application.lost
        assert application.data == BODY

    run(paused)


def test_a_piece_that_waits_is_not_decrypted_when_the_connection_is_lost(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many connections may be lost in one turn of the loop."""
    server, client = contexts(tmp_path)
    monkeypatch.setattr("k8s.network.tlsturns.SLICE_S", -1.0)

    async def lost() -> None:
        async with serving(server, send_body) as port:
            application = Application()
            pieces = await connected(port, client, application)
            while not pieces._waiting_bytes:  # noqa: ASYNC110  likewise
                await asyncio.sleep(0)
            size = application.received_bytes
            pieces.connection_lost(ConnectionResetError())
            assert isinstance(await application.lost, ConnectionResetError)
            assert application.received_bytes == size
            pieces._socket.abort()

    run(lost)


def test_a_piece_has_a_turn_of_the_loop(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, client = contexts(tmp_path)
    monkeypatch.setattr("k8s.network.tlsturns.SLICE_S", -1.0)

    async def received() -> None:
        async with serving(server, send_body) as port:
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
    monkeypatch.setattr("k8s.network.tlsturns.SLICE_S", -1.0)

    async def received() -> None:
        async with serving(server, send_body) as port:
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


@pytest.mark.usefixtures("decrypted")
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
