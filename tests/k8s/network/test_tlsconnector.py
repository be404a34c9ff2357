"""Connections with TLS: servers that end before it begins, names with a dot, and proxies, with TLS and without."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from socket import AF_INET, SOCK_STREAM

import pytest
from aiohttp import ClientConnectorError, ClientConnectorSSLError, ClientSession

from k8s import errors
from k8s.endpoint import Endpoint
from k8s.network.connector import connector
from k8s.network.lookups import Lookups
from k8s.transport.limits import ConnectionLimits
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlsapplication import Run
from tests.k8s.tlspeer import FLOODS, Peer, contexts, serving
from tests.k8s.transports import LIST, Connect
from tests.k8s.wireserver import WireServer, http

CA = authority().pem.decode()
LONG = b'"' + b"x" * 1_000_000 + b'"'


@asynccontextmanager
async def session(client: ssl.SSLContext) -> AsyncIterator[ClientSession]:
    """Returns a session with the connector of clusters."""

    async def context() -> ssl.SSLContext:
        return client

    tls_connector = connector(context, ConnectionLimits(), on_certificate=lambda _: None)
    async with ClientSession(connector=tls_connector) as asking:
        yield asking


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"SSH-2.0-banner\r\n", ClientConnectorSSLError),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ClientConnectorSSLError),
        (b"\0" * 100_000, ClientConnectorError),
        (b"", ClientConnectorError),
    ],
)
def test_a_server_that_speaks_or_ends_before_tls_is_refused_at_once(
    run: Run, tmp_path: Path, said: bytes, error: type[Exception]
) -> None:
    _, client = contexts(tmp_path)
    ended: list[asyncio.Task[None]] = []

    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(said)
            if said:
                await reader.read()
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.get_running_loop().create_task(end(reader, writer)))

    async def refused() -> None:
        listening = await asyncio.start_server(begin, "127.0.0.1", 0)
        async with listening, session(client) as asking:
            for _ in range(5):
                with pytest.raises(error):
                    await asking.get(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
            await asyncio.gather(*ended)

    run(refused)


def test_a_dot_at_the_end_of_a_name_is_not_the_certificates(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = contexts(tmp_path)

    def resolve(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [(AF_INET, SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("k8s.network.connector.LOOKUPS", Lookups(resolve))

    async def answer(peer: Peer) -> None:
        await peer.read()
        await peer.write(http(b"{}"))

    async def exchange() -> None:
        async with serving(server, answer) as port, session(client) as asking:
            async with asking.get(f"https://localhost.:{port}/") as response:
                assert await response.read() == b"{}"
            await asking.close()

    run(exchange)


@asynccontextmanager
async def proxy(context: ssl.SSLContext | None) -> AsyncIterator[str]:
    """Starts a proxy that connects to the requested host."""
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
    monkeypatch.setattr("k8s.network.tlsturns.SLICE_S", slice_s)
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
