"""HTTP in pieces: the same answers in any pieces, and disconnected servers that send no data."""

import gzip

import pytest

from k8s import errors
from k8s.network import httpprotocol
from k8s.network.httpprotocol import HttpProtocol
from tests.k8s.transports import LIST, Connect
from tests.k8s.wireserver import CLOSE, WireServer, http

_LONG_HINT = b"HTTP/1.1 103 Early Hints\r\n" + b"A: %b\r\n" % (b"x" * 8_000) * 10 + b"\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"


def _chunked(body: bytes, size: int, headers: bytes = b"") -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return _HEAD + headers + b"\r\n" + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("size", [50, 1000, 10**6])
@pytest.mark.parametrize("piece_bytes", [1, 100, 16 * 1024])
async def test_the_body_is_whole_in_pieces_of_any_length(
    server: WireServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, size: int, piece_bytes: int
) -> None:
    monkeypatch.setattr(httpprotocol, "_PIECE_BYTES", piece_bytes)
    monkeypatch.setattr(httpprotocol, "_FEW_LINES", 1)
    body = b'{"a":"' + b"x\n" * 20_000 + b'"}'
    compressed = _chunked(gzip.compress(body, 1), size, b"Content-Encoding: gzip\r\n")
    server.answers = [_chunked(body, size), compressed, CLOSE + _chunked(body, size)]
    transport = connect(server.endpoint)

    for _ in range(3):
        assert await transport.exchange(LIST, timeout_s=20) == body
    assert server.connections == 1


async def test_pieces_take_turns_with_others(
    server: WireServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpprotocol, "SLICE_S", 1e-9)
    stretches = 0
    parse = HttpProtocol._parse

    def counted(self: HttpProtocol) -> None:
        nonlocal stretches
        stretches += 1
        parse(self)

    monkeypatch.setattr(HttpProtocol, "_parse", counted)
    server.answers = [http(b"\n" * 2**19)]

    await connect(server.endpoint).exchange(LIST, timeout_s=10)

    assert stretches >= 2**19 / (16 * 1024)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10_000 + http(),
        _LONG_HINT * 2 + http(),
        _HEAD + b"\r\n" + b"1\r\n \r\n" * 200_000,
        _HEAD + b"\r\n1;" + b"x" * 200_000 + b"\r\n \r\n",
    ],
    ids=["hints", "long hints", "small chunks", "a long extension"],
)
async def test_what_only_costs_time_is_cut_off(server: WireServer, connect: Connect, answer: bytes) -> None:
    server.answers = [answer]

    with pytest.raises(errors.ProtocolBroken, match="not HTTP as"):
        await connect(server.endpoint).exchange(LIST, timeout_s=10)


async def test_long_bodies_on_one_connection_are_no_harm(server: WireServer, connect: Connect) -> None:
    server.answers = [http(b" " * 2**20), http(b" " * 2**18)]
    transport = connect(server.endpoint)

    for _ in range(20):
        await transport.exchange(LIST, timeout_s=10)
    assert server.connections == 1


async def test_a_hint_before_the_answer_is_no_harm(server: WireServer, connect: Connect) -> None:
    server.answers = [b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3 + http(b"{}")]

    assert await connect(server.endpoint).exchange(LIST, timeout_s=5) == b"{}"
