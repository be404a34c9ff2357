"""A process that answers like distant API servers: `python -m bench.farserver FOLDER LATENCY_S`.

It repeats recorded answers of an API server over TLS, in hardly any time: twenty clusters over one real API server
would measure its time for twenty concurrent lists.
"""

import asyncio
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import uvloop

CERTIFICATE, KEY = "server.crt", "server.key"


def file_of(path: str) -> str:
    """Returns the name of the file with the answer for a path."""
    return path.replace("/", "_") + ".json"


class FarServer(asyncio.Protocol):
    """A connection with one GET after the other, each answered after `latency_s` seconds."""

    def __init__(self, answers: Mapping[str, bytes], latency_s: float) -> None:
        self._answers = answers
        self._latency_s = latency_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answers each complete request."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].split(b"?")[0].decode()
            asyncio.get_running_loop().call_later(self._latency_s, self._answer, self._answers[file_of(path)])

    def _answer(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def _serve(folder: Path, answers: Mapping[str, bytes], latency_s: float) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FarServer(answers, latency_s), "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    answers = {file.name: _answer(file.read_bytes()) for file in folder.glob("*.json")}
    uvloop.run(_serve(folder, answers, float(sys.argv[2])))
