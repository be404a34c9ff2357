"""Floods inside TLS, which are cut off, and usual traffic of API servers, which is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from k8s import errors
from k8s.endpoint import Endpoint
from k8s.network.tlspieces import TlsFlood
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlsapplication import BODY, Application, Run, connected, send_body, served
from tests.k8s.tlspeer import DATA, FLOODS, HANDSHAKE, TICKET, Peer, contexts, serving
from tests.k8s.transports import LIST, Connect
from tests.k8s.wireserver import http, until

CA = authority().pem.decode()
LONG = b'"' + b"x" * 1_000_000 + b'"'


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_flood_in_place_of_an_answer_is_an_error_of_tls(
    tmp_path: Path, connect: Connect, flood: Callable[[Peer], bytes]
) -> None:
    server, _ = contexts(tmp_path)
    is_cut_off = False

    async def serve(peer: Peer) -> None:
        nonlocal is_cut_off
        await peer.read()
        await peer.send(peer.record(DATA, http(LONG)[: -len(LONG)]))
        is_cut_off = await peer.send_until_cut_off(flood, 1000)

    async with serving(server, serve) as port:
        transport = connect(Endpoint(f"https://127.0.0.1:{port}", ca_pem=CA))
        with pytest.raises(errors.TlsFailed, match="hardly any data, but session tickets or changes of keys"):
            await transport.exchange(LIST, timeout_s=20)

    assert is_cut_off


async def test_a_flood_behind_an_answer_ends_the_connection(tmp_path: Path, connect: Connect) -> None:
    server, _ = contexts(tmp_path)
    cut_off = 0

    async def serve(peer: Peer) -> None:
        nonlocal cut_off
        await peer.read()
        await peer.send(peer.record(DATA, http(b"{}")))
        cut_off += await peer.send_until_cut_off(FLOODS[0], 1000)

    async with serving(server, serve) as port:
        transport = connect(Endpoint(f"https://127.0.0.1:{port}", ca_pem=CA))
        for number in range(1, 3):
            assert await transport.exchange(LIST, timeout_s=20) == b"{}"
            await until(lambda: cut_off == number)  # noqa: B023


@pytest.mark.usefixtures("decrypted")
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
        application = await served(server, client, send)
        assert isinstance(application.lost.result(), TlsFlood)
        assert is_cut_off

    run(received)


@pytest.mark.usefixtures("decrypted")
def test_few_tickets_changes_of_keys_and_single_bytes_are_no_flood(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)

    async def send(peer: Peer) -> None:
        await peer.send(peer.record(HANDSHAKE, TICKET) + peer.record(HANDSHAKE, TICKET))
        for _ in range(50):
            await peer.send(peer.key_update() + b"".join(peer.record(DATA, b"a") for _ in range(200)))

    async def received() -> None:
        assert (await served(server, client, send)).data == b"a" * 10_000

    run(received)


@pytest.mark.usefixtures("decrypted")
def test_what_a_closed_connection_still_gets_is_no_flood(run: Run, tmp_path: Path) -> None:
    server, client = contexts(tmp_path)

    async def received() -> None:
        async with serving(server, send_body) as port:
            application = Application()
            await connected(port, client, application)
            await application.has(1)
            application.transport.close()
            assert not isinstance(await application.lost, TlsFlood)

    run(received)
