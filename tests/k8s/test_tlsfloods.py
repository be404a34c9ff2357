"""API servers whose TLS holds hardly any data, and answers that come through a proxy, which may speak TLS itself."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from k8s import errors
from k8s.endpoint import Endpoint
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlspeer import DATA, FLOODS, Peer, contexts, serving
from tests.k8s.transports import LIST, Connect
from tests.k8s.wireserver import WireServer, http, until

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


@asynccontextmanager
async def proxy(context: ssl.SSLContext | None) -> AsyncIterator[str]:
    """A proxy that connects to where it is told to."""
    tunnels: set[asyncio.Task[None]] = set()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().split(":")
        other_reader, other_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(copy(reader, other_writer), copy(other_reader, writer))

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tunnels.add(asyncio.get_running_loop().create_task(tunnel(reader, writer)))

    listening = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=context)
    async with listening:
        host, port = listening.sockets[0].getsockname()
        yield f"http{'s' if context else ''}://{host}:{port}"
        await asyncio.gather(*tunnels)


@pytest.mark.parametrize("is_secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("slice_s", [3600.0, -1.0], ids=["at once", "later"])
async def test_long_answers_come_through_a_proxy(
    tmp_path: Path,
    server: WireServer,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    is_secure: bool,
    slice_s: float,
) -> None:
    monkeypatch.setattr("k8s.tlsturns.SLICE_S", slice_s)
    context, _ = contexts(tmp_path)
    server.answers = [http(LONG)]

    async with proxy(context if is_secure else None) as proxy_url:
        transport = connect(Endpoint(server.endpoint.server, ca_pem=CA, proxy_url=proxy_url))
        for _ in range(3):
            assert await transport.exchange(LIST, timeout_s=20) == LONG
        assert server.connections == 1
        await transport.close()


@pytest.mark.parametrize("is_secure", [False, True], ids=["http", "https"])
async def test_a_flood_through_a_proxy_is_cut_off(tmp_path: Path, connect: Connect, is_secure: bool) -> None:
    server, _ = contexts(tmp_path)

    async def serve(peer: Peer) -> None:
        await peer.read()
        assert await peer.send_until_cut_off(FLOODS[0], 1000)

    async with serving(server, serve) as port, proxy(contexts(tmp_path)[0] if is_secure else None) as proxy_url:
        transport = connect(Endpoint(f"https://127.0.0.1:{port}", ca_pem=CA, proxy_url=proxy_url))
        with pytest.raises(errors.TlsFailed, match="hardly any data"):
            await transport.exchange(LIST, timeout_s=20)
        await transport.close()
