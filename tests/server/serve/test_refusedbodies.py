"""Bodies over the limit, over real sockets: a client that sends all of one before it reads sees the refusal."""

import asyncio
import json
import os
import shutil
import socket
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from server.app.endpoint import HttpLimits
from server.ratelimit.ratelimit import CallerLimits
from server.serve.connectionbounds import ConnectionBounds
from tests.server.http_parts import AUTHORIZED, TOKEN, Fakes
from tests.server.serve.test_connectionbounds import WAIT_S, served
from tests.server.sockets import exchange, post, read_reply

LIMIT = 1_000_000
BODY = b" " * (8 * LIMIT)
"""The largest body that is read to its end: much more than sockets buffer."""
SHORT = 100
_HEAD = (
    "POST /graphql HTTP/{version}\r\nHost: x\r\nContent-Type: application/json\r\n"
    f"Authorization: Bearer {TOKEN}\r\n{{header}}\r\n\r\n"
)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of a server with this limit."""
    async with served(Fakes(limits=HttpLimits(body_bytes=LIMIT)), ConnectionBounds()) as opened:
        yield opened


def _chunked(body: bytes, chunk_bytes: int = 50_000) -> Iterator[bytes]:
    for begin in range(0, len(body), chunk_bytes):
        chunk = body[begin : begin + chunk_bytes]
        yield b"%x\r\n%s\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


def _head(header: str, version: str = "1.1") -> bytes:
    return _HEAD.format(header=header, version=version).encode()


@pytest.mark.parametrize(
    ("head", "body", "is_kept"),
    [
        (_head(f"Content-Length: {len(BODY)}"), BODY, True),
        (_head("Transfer-Encoding: chunked"), b"".join(_chunked(BODY)), True),
        (_head(f"Content-Length: {len(BODY)}\r\nConnection: close"), BODY, False),
        (_head(f"Content-Length: {len(BODY)}", "1.0"), BODY, False),
    ],
    ids=["announced", "chunked", "closing", "HTTP/1.0"],
)
async def test_a_client_that_sends_all_before_it_reads_sees_the_refusal(
    port: int, head: bytes, body: bytes, *, is_kept: bool
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(WAIT_S):
        writer.write(head + body)
        await writer.drain()
        reply = await read_reply(reader)
        if is_kept:
            writer.write(post(TOKEN, "{ ok }"))
            assert (await read_reply(reader)).status == 200
        else:
            assert await reader.read() == b""
    writer.close()

    assert (reply.status, reply.headers.get("connection")) == (413, None if is_kept else "close")
    assert json.loads(reply.body)["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_httpx_sees_the_refusal_and_goes_on(port: int, *, is_chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for begin in range(0, len(BODY), 60_000):
            yield BODY[begin : begin + 60_000]

    headers = {**AUTHORIZED, "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=WAIT_S) as client:
        refused = await client.post("/graphql", content=pieces() if is_chunked else BODY, headers=headers)
        accepted = await client.post("/graphql", json={"query": "{ ok }"}, headers=headers)

    assert (refused.status_code, accepted.status_code) == (413, 200)


@pytest.mark.parametrize("options", [(), ("-H", "Expect:"), ("-H", "Transfer-Encoding: chunked"), ("--http1.0",)])
async def test_curl_sees_the_refusal(port: int, tmp_path: Path, options: tuple[str, ...]) -> None:
    if (curl := shutil.which("curl")) is None:
        pytest.skip("no curl")
    (tmp_path / "body").write_bytes(BODY)
    headers = [f"Authorization: Bearer {TOKEN}", "Content-Type: application/json"]
    arguments = [*(text for header in headers for text in ("-H", header)), "--data-binary", f"@{tmp_path}/body"]

    process = await asyncio.create_subprocess_exec(
        curl, "-qsS", "-o", os.devnull, "-w", "%{http_code}", *arguments, *options, f"http://127.0.0.1:{port}/graphql",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(WAIT_S):
        out, err = await process.communicate()

    assert (process.returncode, out, err) == (0, b"413", b"")


async def test_of_an_endless_body_no_more_is_read_than_announced(port: int) -> None:
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    sent_bytes = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_head("Transfer-Encoding: chunked"))
    async with asyncio.timeout(WAIT_S):
        try:
            while not reader.at_eof() and sent_bytes < 100 * LIMIT:
                writer.write(chunk)
                await writer.drain()
                sent_bytes += len(chunk)
        except ConnectionError:
            pass
    writer.close()

    assert 8 * LIMIT < sent_bytes < 50 * LIMIT


async def test_nothing_of_a_refused_body_is_held() -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=LIMIT))
    async with served(fakes, ConnectionBounds()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        tracemalloc.start()
        try:
            writer.write(_head("Transfer-Encoding: chunked"))
            for piece in _chunked(BODY):
                writer.write(piece)
                await writer.drain()
            assert (await read_reply(reader)).status == 413
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            writer.close()

    assert peak_bytes < 4 * LIMIT


async def test_a_caller_without_a_token_is_refused_before_its_body_is_read() -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=SHORT))
    async with served(fakes, ConnectionBounds()) as port:
        head = _head(f"Content-Length: {8 * SHORT}").replace(TOKEN.encode(), b"no")
        reply = await exchange(port, head)

    assert reply.status == 401


async def test_a_refused_body_that_does_not_come_holds_a_slot_of_its_caller_for_the_time_of_a_body() -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=SHORT, body_timeout_s=0.3), caller_limits=CallerLimits())
    async with served(fakes, ConnectionBounds()) as port:
        async with asyncio.timeout(WAIT_S):
            reply = await exchange(port, _head(f"Content-Length: {8 * SHORT}") + b"x" * 2 * SHORT)
        after = await exchange(port, post(TOKEN, "{ ok }"))

    assert (reply.status, reply.headers["connection"], after.status) == (413, "close", 200)


def test_sockets_buffer_less_than_the_body() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.setblocking(False)
        sent_bytes = 0
        with suppress(BlockingIOError):
            while sent_bytes < len(BODY):
                sent_bytes += client.send(BODY[sent_bytes:])

    assert sent_bytes < len(BODY)
