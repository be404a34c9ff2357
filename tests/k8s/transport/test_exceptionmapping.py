"""Failures on the wire, and the errors that they become."""

import asyncio
import gzip
import socket
from dataclasses import replace

import pytest

from k8s import errors
from k8s.endpoint import Endpoint
from k8s.errors import BrokenOff
from k8s.transport.body import MOST_MEMBERS
from k8s.transport.responsehead import NotJson
from tests.controlplane.certificates import CertificateAuthority, ServerCertificate
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlswire import FFDHE8192, choosing
from tests.k8s.transports import LIMITS, LIST, TOKEN, Connect
from tests.k8s.wireserver import CLOSE, CUT, WireServer, http, until, wire_server


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (http(b"<html>", content_type="text/html"), NotJson),
        (http(b"{}", content_type="text/plain"), NotJson),
        (b"HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n\r\n", NotJson),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", NotJson),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", errors.ProtocolBroken),
        (http(b" " * (2**20 + 1)), errors.AnswerTooLarge),
        (http(b"no gzip", headers="Content-Encoding: gzip\r\n"), errors.ProtocolBroken),
        (http(b"<html>", status="401 Unauthorized", content_type="text/html"), errors.Unauthenticated),
        (http(b"{}", status="503 Unavailable"), errors.ServerFailed),
        (CUT, BrokenOff),
    ],
)
async def test_answers_that_are_errors(
    server: WireServer, connect: Connect, answer: bytes, wanted: type[errors.ClusterError]
) -> None:
    server.answers = [answer]

    with pytest.raises(wanted) as raised:
        await connect(server.endpoint).exchange(LIST, timeout_s=10)

    assert raised.type is wanted
    assert raised.value.cluster == "alpha"
    assert TOKEN not in f"{raised.value!r} {raised.value.__cause__!r} {vars(raised.value)}"


async def test_a_body_in_many_members_is_no_answer(server: WireServer, connect: Connect) -> None:
    server.answers = [http(gzip.compress(b" ") * (MOST_MEMBERS + 1), headers="Content-Encoding: gzip\r\n")]

    with pytest.raises(errors.ProtocolBroken, match=f"more than {MOST_MEMBERS} gzip members"):
        await connect(server.endpoint).exchange(LIST, timeout_s=5)


@pytest.mark.parametrize("headers", ["", "Content-Encoding: gzip\r\n"])
async def test_a_body_that_ends_early_is_broken_off(server: WireServer, connect: Connect, headers: str) -> None:
    server.answers = [CLOSE + http(gzip.compress(b"{}"), headers=headers)[:-1]]

    with pytest.raises(BrokenOff):
        await connect(server.endpoint).exchange(LIST, timeout_s=10)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (authority().expired(), "expired"),
        (authority().not_yet_valid(), "not yet valid"),
        (authority().wrong_host(), "IP address mismatch"),
        (CertificateAuthority.create("another").issue(), "unable to get local issuer"),
    ],
)
async def test_fa_3_a_wrong_certificate(connect: Connect, certificate: ServerCertificate, why: str) -> None:
    async with wire_server(certificate) as server:
        with pytest.raises(errors.TlsFailed, match=why) as raised:
            await connect(server.endpoint).exchange(LIST, timeout_s=10)

        assert not raised.value.retryable
        assert server.requests == []


async def test_a_key_exchange_that_takes_long(connect: Connect) -> None:
    async with choosing(FFDHE8192) as port:
        with pytest.raises(
            errors.TlsFailed, match=r"chooses ffdhe8192 .* Let it offer X25519, P-256 or P-384"
        ) as raised:
            await connect(Endpoint(f"https://127.0.0.1:{port}")).exchange(LIST, timeout_s=30)

    assert not raised.value.retryable


async def test_a_handshake_that_is_too_large(connect: Connect) -> None:
    names = tuple(f"{number:050}.invalid" for number in range(800))
    async with wire_server(authority().issue(("127.0.0.1", *names))) as server:
        with pytest.raises(
            errors.TlsFailed, match=r"more than 16384 bytes in the handshake\. Let it send fewer"
        ) as raised:
            await connect(server.endpoint).exchange(LIST, timeout_s=30)

    assert not raised.value.retryable


async def test_a_handshake_that_takes_long(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.network.keyexchange._LONGEST_S", -1.0)
    async with wire_server(authority().issue()) as server:
        with pytest.raises(errors.TlsFailed, match=r"took \d+ ms of processor time\. Let its server send fewer"):
            await connect(server.endpoint).exchange(LIST, timeout_s=30)


async def test_a_server_without_tls(connect: Connect) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    plain = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = plain.sockets[0].getsockname()[1]
    async with plain:
        with pytest.raises(errors.TlsFailed, match="the handshake failed"):
            await connect(Endpoint(f"https://127.0.0.1:{port}")).exchange(LIST, timeout_s=10)


async def test_a_closed_port(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = Endpoint(f"https://127.0.0.1:{taken.getsockname()[1]}")

        with pytest.raises(errors.Unreachable, match="no connection"):
            await connect(endpoint).exchange(LIST, timeout_s=10)


async def test_an_unknown_host(connect: Connect) -> None:
    with pytest.raises(errors.Unreachable, match="DNS") as raised:
        await connect(Endpoint("https://nowhere.invalid")).exchange(LIST, timeout_s=30)

    assert raised.value.reason == "DnsFailed"


async def test_a_handshake_that_hangs_ends_after_the_connect_timeout(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = Endpoint(f"https://127.0.0.1:{silent.getsockname()[1]}")

        with pytest.raises(errors.TimedOut, match=r"no connection within 0.2 s"):
            await connect(endpoint, replace(LIMITS, connect_timeout_s=0.2)).exchange(LIST, timeout_s=30)


async def test_a_server_that_hangs_is_let_go_after_the_timeout(server: WireServer, connect: Connect) -> None:
    server.answers = [None]

    with pytest.raises(errors.TimedOut, match=r"no complete answer to list pods within its 1 s"):
        await connect(server.endpoint).exchange(LIST, timeout_s=1)

    await until(lambda: not server.open_connections)
