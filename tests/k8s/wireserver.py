"""A TLS server that records each request as sent on the wire, and answers with given bytes."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from k8s.endpoint import Endpoint
from tests.controlplane.certificates import ServerCertificate
from tests.k8s.kubeconfig_samples import authority

CUT = b""
"""An answer that closes the connection."""

CLOSE = b"\0close"
"""A prefix of an answer after which the connection is closed."""


def http(
    body: bytes = b"{}", status: str = "200 OK", content_type: str = "application/json", headers: str = ""
) -> bytes:
    """Returns a complete answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nContent-Type: {content_type}\r\n{headers}\r\n"
    return head.encode() + body


@dataclass
class WireServer:
    """A server that answers with the next of `answers`, the last one repeatedly; it never answers with None."""

    answers: list[bytes | None] = field(default_factory=lambda: [http()])
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    open_connections: int = 0
    port: int = 0

    @property
    def endpoint(self) -> Endpoint:
        """Returns the address of the server."""
        return Endpoint(f"https://127.0.0.1:{self.port}", ca_pem=authority().pem.decode())

    @property
    def lines(self) -> list[str]:
        """Returns the first line of each request."""
        return [request.split(b"\r\n", 1)[0].decode() for request in self.requests]

    def headers(self, index: int = 0) -> dict[str, str]:
        """Returns the headers of a request, names in lower case."""
        lines = self.requests[index].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        self.connections += 1
        self.open_connections += 1
        try:
            await self._exchange(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_connections -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
            self.requests.append(head + await reader.readexactly(length))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer is None:
                await reader.read()
            if not answer:
                return
            writer.write(answer.removeprefix(CLOSE))
            await writer.drain()
            if answer.startswith(CLOSE):
                return


@asynccontextmanager
async def wire_server(certificate: ServerCertificate | None = None) -> AsyncIterator[WireServer]:
    """Runs a server on loopback, by default with a valid certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*(certificate or authority().issue()).write(Path(folder), "server"))
    async with _serving(WireServer(), context) as wire:
        yield wire


@asynccontextmanager
async def plain_server(*answers: bytes | None) -> AsyncIterator[WireServer]:
    """Runs a server on loopback without TLS, with these answers."""
    async with _serving(WireServer(answers=[*answers])) as wire:
        yield wire


@asynccontextmanager
async def _serving(wire: WireServer, context: ssl.SSLContext | None = None) -> AsyncIterator[WireServer]:
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0, ssl=context)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        await until(lambda: not wire.open_connections)


async def until(holds: Callable[[], bool], timeout_s: float = 30) -> None:
    """Waits until other tasks have made a condition true."""
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110  it is not told by an event
            await asyncio.sleep(0.001)
