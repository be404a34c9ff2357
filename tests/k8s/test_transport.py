"""What stands on the wire, and what comes back as which error; against a server on loopback."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from k8s import errors
from k8s.call import Call
from k8s.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.kinds import CLUSTER_ROLE, POD
from k8s.limits import ConnectionLimits
from k8s.path import list_path, object_path
from k8s.translation import BrokenOff
from k8s.transport import Transport
from tests.controlplane.certificates import CertificateAuthority, ServerCertificate
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.wireserver import CLOSE, CUT, WireServer, http, until, wire_server

TOKEN = "s3cret-token"
LIST = Call(list_path(POD), "list", "pods")
LIMITS = ConnectionLimits(connect_timeout_s=0.2, body_bytes=2**20)
Connect = Callable[..., Transport]


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        yield wire


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    made: list[Transport] = []

    def transport(endpoint: Endpoint, limits: ConnectionLimits = LIMITS) -> Transport:
        made.append(Transport("alpha", endpoint, credential=BearerToken(Secret(TOKEN)), limits=limits))
        return made[-1]

    yield transport
    for each in made:
        await each.close()


async def test_the_headers_are_ours_alone(
    server: WireServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    await connect(server.endpoint).exchange(LIST, timeout_s=1)

    assert server.lines == ["GET /api/v1/pods HTTP/1.1"]
    assert server.headers() == {
        "host": f"127.0.0.1:{server.port}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": "fleetgraph",
        "authorization": f"Bearer {TOKEN}",
    }


async def test_a_body_is_posted_as_json(server: WireServer, connect: Connect) -> None:
    await connect(server.endpoint).exchange(Call(list_path(POD), "create", "pods", body=b'{"a":1}'), timeout_s=1)

    assert server.lines == ["POST /api/v1/pods HTTP/1.1"]
    assert server.headers()["content-type"] == "application/json"
    assert server.requests[0].endswith(b'\r\n\r\n{"a":1}')


async def test_the_path_is_sent_as_it_was_built(server: WireServer, connect: Connect) -> None:
    path = object_path(CLUSTER_ROLE, None, "system:a+b@c~d..e.")
    endpoint = Endpoint(f"{server.endpoint.server}/k8s/clusters/c-1", ca_pem=server.endpoint.ca_pem)

    await connect(endpoint).exchange(Call(path, "get", "role"), timeout_s=1)

    sent = "/k8s/clusters/c-1/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a+b@c~d..e."
    assert server.lines == [f"GET {sent} HTTP/1.1"]


async def test_pt_2_a_query_value_cannot_add_another_key(server: WireServer, connect: Connect) -> None:
    value = "a=b&watch=1;x#y?z +%26ü"

    await connect(server.endpoint).exchange(
        Call(list_path(POD), "list", "pods", query=(("limit", "1"), ("labelSelector", value))), timeout_s=1
    )

    _, _, query = server.lines[0].split(" ")[1].partition("?")
    assert query == "limit=1&labelSelector=a%3Db%26watch%3D1%3Bx%23y?z+%2B%2526%C3%BC"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_im_8_a_redirect_is_not_followed(server: WireServer, connect: Connect, status: str) -> None:
    async with wire_server() as elsewhere:
        server.answers = [http(status=status, headers=f"Location: {elsewhere.endpoint.server}/api/v1/pods\r\n")]

        with pytest.raises(errors.ProtocolBroken, match="redirect"):
            await connect(server.endpoint).exchange(LIST, timeout_s=1)

        assert elsewhere.connections == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (http(b"<html>", content_type="text/html"), errors.ProtocolBroken),
        (http(b"{}", content_type="text/plain"), errors.ProtocolBroken),
        (b"HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n\r\n", errors.ProtocolBroken),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", errors.ProtocolBroken),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", errors.ProtocolBroken),
        (http(b" " * (2**20 + 1)), errors.ProtocolBroken),
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
        await connect(server.endpoint).exchange(LIST, timeout_s=1)

    assert raised.type is wanted
    assert raised.value.cluster == "alpha"
    assert TOKEN not in f"{raised.value!r} {raised.value.__cause__!r} {vars(raised.value)}"


@pytest.mark.parametrize("headers", ["", "Content-Encoding: gzip\r\n"])
async def test_a_body_that_ends_early_is_broken_off(server: WireServer, connect: Connect, headers: str) -> None:
    server.answers = [CLOSE + http(gzip.compress(b"{}"), headers=headers)[:-1]]

    with pytest.raises(BrokenOff):
        await connect(server.endpoint).exchange(LIST, timeout_s=1)
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
            await connect(server.endpoint).exchange(LIST, timeout_s=1)

        assert not raised.value.retryable
        assert server.requests == []


async def test_a_server_without_tls(connect: Connect) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    plain = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = plain.sockets[0].getsockname()[1]
    async with plain:
        with pytest.raises(errors.TlsFailed, match="no secure connection"):
            await connect(Endpoint(f"https://127.0.0.1:{port}")).exchange(LIST, timeout_s=1)


async def test_a_closed_port(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = Endpoint(f"https://127.0.0.1:{taken.getsockname()[1]}")

        with pytest.raises(errors.Unreachable, match="no connection"):
            await connect(endpoint).exchange(LIST, timeout_s=1)


async def test_an_unknown_host(connect: Connect) -> None:
    with pytest.raises(errors.Unreachable, match="DNS") as raised:
        await connect(Endpoint("https://nowhere.invalid")).exchange(LIST, timeout_s=3)

    assert raised.value.reason == "DnsFailed"


async def test_a_handshake_that_hangs_ends_after_the_connect_timeout(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = Endpoint(f"https://127.0.0.1:{silent.getsockname()[1]}")

        with pytest.raises(errors.TimedOut, match=r"no connection within 0.2 s"):
            await connect(endpoint).exchange(LIST, timeout_s=5)


async def test_a_server_that_hangs_is_let_go_after_the_timeout(server: WireServer, connect: Connect) -> None:
    server.answers = [None]

    with pytest.raises(errors.TimedOut, match=r"no complete answer to list pods within its 0\.1 s"):
        await connect(server.endpoint).exchange(LIST, timeout_s=0.1)

    await until(lambda: not server.open_connections)


async def test_a_connection_is_used_again(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint)

    await transport.exchange(LIST, timeout_s=1)
    await transport.exchange(LIST, timeout_s=1)

    assert server.connections == 1


async def test_no_more_connections_than_allowed(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint, ConnectionLimits(connections=2))

    await asyncio.gather(*(transport.exchange(LIST, timeout_s=1) for _ in range(10)))

    assert server.connections == 2
    assert len(server.requests) == 10


async def test_retiring_ends_idle_connections(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint)
    await transport.exchange(LIST, timeout_s=1)

    await transport.retire()

    await until(lambda: not server.open_connections)


async def test_retiring_lets_a_request_under_way_finish(server: WireServer, connect: Connect) -> None:
    server.answers = [http()[:-1], CUT]
    transport = connect(server.endpoint)
    exchange = asyncio.create_task(transport.exchange(LIST, timeout_s=0.2))
    await until(lambda: len(server.requests) == 1)

    await transport.retire()
    await asyncio.sleep(0)

    assert server.open_connections == 1
    with pytest.raises(errors.TimedOut):
        await exchange
    await until(lambda: not server.open_connections)


async def test_what_is_asked_after_retiring_leaves_nothing_open(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint)
    await transport.retire()

    assert await transport.exchange(LIST, timeout_s=1) == b"{}"

    await until(lambda: not server.open_connections)


async def test_closing_fails_what_is_under_way(server: WireServer, connect: Connect) -> None:
    server.answers = [None]
    transport = connect(server.endpoint)
    exchange = asyncio.create_task(transport.exchange(LIST, timeout_s=5))
    await until(lambda: len(server.requests) == 1)

    await transport.close()

    with pytest.raises(BrokenOff):
        await exchange
