"""Requests on the wire, and the life of connections; against a server on loopback."""

import asyncio
import gc
import gzip
from dataclasses import replace

import pytest

from k8s import errors
from k8s.endpoint import Endpoint
from k8s.errors import BrokenOff
from k8s.kinds.builtin import CLUSTER_ROLE, POD
from k8s.transport.call import SMALL_ANSWER_BYTES, Call
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import ApiPath, list_path, object_path
from tests.k8s.transports import LIST, TOKEN, Connect
from tests.k8s.wireserver import CUT, WireServer, http, until, wire_server


async def test_the_headers_are_ours_alone(
    server: WireServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    await connect(server.endpoint).exchange(LIST, timeout_s=10)

    assert server.lines == ["GET /api/v1/pods HTTP/1.1"]
    assert server.headers() == {
        "host": f"127.0.0.1:{server.port}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": "fleetgraph",
        "authorization": f"Bearer {TOKEN}",
    }


async def test_a_body_is_posted_as_json(server: WireServer, connect: Connect) -> None:
    await connect(server.endpoint).exchange(Call(list_path(POD), "create", "pods", body=b'{"a":1}'), timeout_s=10)

    assert server.lines == ["POST /api/v1/pods HTTP/1.1"]
    assert server.headers()["content-type"] == "application/json"
    assert server.requests[0].endswith(b'\r\n\r\n{"a":1}')


async def test_the_path_is_sent_as_it_was_built(server: WireServer, connect: Connect) -> None:
    path = object_path(CLUSTER_ROLE, None, "system:a+b@c~d..e.")
    endpoint = Endpoint(f"{server.endpoint.server}/k8s/clusters/c-1", ca_pem=server.endpoint.ca_pem)

    await connect(endpoint).exchange(Call(path, "get", "role"), timeout_s=10)

    sent = "/k8s/clusters/c-1/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a+b@c~d..e."
    assert server.lines == [f"GET {sent} HTTP/1.1"]


async def test_a_name_that_needs_escapes_is_sent_as_one_segment(server: WireServer, connect: Connect) -> None:
    path = object_path(CLUSTER_ROLE, None, "..;a?b#c d\\é")

    await connect(server.endpoint).exchange(Call(path, "get", "role", query=(("a", "b"),)), timeout_s=10)

    sent = "/apis/rbac.authorization.k8s.io/v1/clusterroles/..%3Ba%3Fb%23c%20d%5C%C3%A9?a=b"
    assert server.lines == [f"GET {sent} HTTP/1.1"]


async def test_pt_2_a_query_value_cannot_add_another_key(server: WireServer, connect: Connect) -> None:
    value = "a=b&watch=1;x#y?z +%26ü"

    await connect(server.endpoint).exchange(
        Call(list_path(POD), "list", "pods", query=(("limit", "1"), ("labelSelector", value))), timeout_s=10
    )

    _, _, query = server.lines[0].split(" ")[1].partition("?")
    assert query == "limit=1&labelSelector=a%3Db%26watch%3D1%3Bx%23y?z+%2B%2526%C3%BC"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_im_8_a_redirect_is_not_followed(server: WireServer, connect: Connect, status: str) -> None:
    async with wire_server() as elsewhere:
        server.answers = [http(status=status, headers=f"Location: {elsewhere.endpoint.server}/api/v1/pods\r\n")]

        with pytest.raises(errors.ProtocolBroken, match="redirect"):
            await connect(server.endpoint).exchange(LIST, timeout_s=10)

        assert elsewhere.connections == 0
    assert len(server.requests) == 1


async def test_a_connection_is_used_again(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint)

    await transport.exchange(LIST, timeout_s=10)
    await transport.exchange(LIST, timeout_s=10)

    assert server.connections == 1


async def test_no_more_connections_than_allowed(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint, ConnectionLimits(connections=2))

    await asyncio.gather(*(transport.exchange(LIST, timeout_s=10) for _ in range(10)))

    assert server.connections == 2
    assert len(server.requests) == 10


async def test_retiring_ends_idle_connections(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint)
    await transport.exchange(LIST, timeout_s=10)

    await transport.retire()

    await until(lambda: not server.open_connections)


async def test_retiring_lets_a_request_under_way_finish(server: WireServer, connect: Connect) -> None:
    server.answers = [http()[:-1], CUT]
    transport = connect(server.endpoint)
    exchange = asyncio.create_task(transport.exchange(LIST, timeout_s=1))
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

    assert await transport.exchange(LIST, timeout_s=10) == b"{}"

    await until(lambda: not server.open_connections)


async def test_closing_fails_what_is_under_way(server: WireServer, connect: Connect) -> None:
    server.answers = [None]
    transport = connect(server.endpoint)
    exchange = asyncio.create_task(transport.exchange(LIST, timeout_s=5))
    await until(lambda: len(server.requests) == 1)

    await transport.close()

    with pytest.raises(BrokenOff):
        await exchange


SMALL = Call(ApiPath("/version"), "get", "its version")
LARGE = ConnectionLimits(body_bytes=32 * 2**20)


async def test_an_answer_that_says_it_is_too_large_is_not_read(server: WireServer, connect: Connect) -> None:
    """The rest of it never arrives, and reading would wait for it."""
    length = SMALL_ANSWER_BYTES + 1
    server.answers = [
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n ".encode()
    ]

    with pytest.raises(
        errors.AnswerTooLarge, match="its answer to get its version is larger than 1 MiB, the limit for"
    ):
        await connect(server.endpoint, LARGE).exchange(SMALL, timeout_s=20)

    assert len(server.requests) == 1


@pytest.mark.parametrize("is_gzip", [False, True])
async def test_an_answer_that_says_nothing_is_read_as_far_as_its_limit(
    server: WireServer, connect: Connect, *, is_gzip: bool
) -> None:
    body = b'"' + b"x" * SMALL_ANSWER_BYTES + b'"'
    wire_body = gzip.compress(body) if is_gzip else body
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    head += "Content-Encoding: gzip\r\n\r\n" if is_gzip else "\r\n"
    server.answers = [head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(wire_body), wire_body)]
    transport = connect(server.endpoint, LARGE)

    with pytest.raises(errors.AnswerTooLarge, match="larger than 1 MiB, the limit for answers of this sort"):
        await transport.exchange(SMALL, timeout_s=20)

    assert await transport.exchange(replace(SMALL, most_bytes=None), timeout_s=20) == body


async def test_what_the_settings_allow_is_allowed_at_most(server: WireServer, connect: Connect) -> None:
    server.answers = [http(b" " * 2000)]

    with pytest.raises(errors.AnswerTooLarge, match="FLEETGRAPH_MAX_ANSWER_BYTES"):
        await connect(server.endpoint, ConnectionLimits(body_bytes=1000)).exchange(SMALL, timeout_s=20)


@pytest.mark.parametrize("turns", range(12))
async def test_a_request_that_is_cancelled_before_it_connects_leaves_nothing(connect: Connect, turns: int) -> None:
    sending = asyncio.create_task(connect(Endpoint("https://127.0.0.1:1")).exchange(LIST, timeout_s=10))
    for _ in range(turns):
        await asyncio.sleep(0)

    sending.cancel()

    with pytest.raises((asyncio.CancelledError, errors.Unreachable)):
        await sending
    gc.collect()  # pytest fails for a coroutine that was never awaited
