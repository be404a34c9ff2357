"""Every fault, acted out between a plain client and a real API server."""

import asyncio
import errno
import gzip
import json
import ssl
import time
from collections.abc import Callable

import aiohttp
import pytest

from tests.controlplane import faults
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.proxy import FaultProxy
from tests.controlplane.users import HARNESS
from tests.k8s.wireserver import until

pytestmark = pytest.mark.controlplane

NAMESPACES = "/api/v1/namespaces"
PATIENCE_S = 0.4
IDENTITY = {"Accept-Encoding": "identity"}


@pytest.fixture
def proxy(fault_proxy: Callable[..., FaultProxy], alpha: Cluster) -> FaultProxy:
    return fault_proxy(alpha)


async def get(
    proxy: FaultProxy, path: str = NAMESPACES, *, user: str = HARNESS, timeout_s: float = 30.0
) -> tuple[int, bytes]:
    async with (
        asyncio.timeout(timeout_s),
        connect(proxy.cluster, user) as session,
        session.get(path, allow_redirects=False) as response,
    ):
        return response.status, await response.read()


async def test_refuse_closes_the_port_and_clear_opens_the_same(proxy: FaultProxy) -> None:
    proxy.fault = faults.Refuse()
    with pytest.raises(aiohttp.ClientConnectorError) as caught:
        await get(proxy)
    assert isinstance(caught.value.os_error, ConnectionRefusedError)

    proxy.clear()

    assert (await get(proxy))[0] == 200


async def test_hang_handshake_accepts_and_is_silent(proxy: FaultProxy) -> None:
    proxy.fault = faults.HangHandshake()

    with pytest.raises(TimeoutError):
        await get(proxy, timeout_s=PATIENCE_S)

    assert (proxy.connections, proxy.handshakes, proxy.requests) == (1, 0, [])


async def test_hang_reads_the_request_and_never_answers(proxy: FaultProxy) -> None:
    proxy.fault = faults.Hang()
    asking = asyncio.create_task(get(proxy, timeout_s=60))
    await until(lambda: bool(proxy.requests))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asking, PATIENCE_S)

    assert [r.path for r in proxy.requests] == [NAMESPACES]


async def test_delay_is_added_to_a_right_answer(proxy: FaultProxy) -> None:
    proxy.fault = faults.Delay(ms=100)
    began = time.monotonic()

    status, _ = await get(proxy)

    assert status == 200
    assert time.monotonic() - began >= 0.1


async def test_stall_sends_headers_and_stops(proxy: FaultProxy) -> None:
    proxy.fault = faults.Stall(after_bytes=10)

    async with connect(proxy.cluster) as session, session.get(NAMESPACES, headers=IDENTITY) as response:
        assert len(await response.content.readexactly(10)) == 10
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(response.content.readany(), PATIENCE_S)


async def test_drip_sends_byte_by_byte(proxy: FaultProxy) -> None:
    proxy.fault = faults.Drip(size=1, every_s=0.01)

    async with connect(proxy.cluster) as session, session.get(NAMESPACES, headers=IDENTITY) as response:
        pieces = [await response.content.readany() for _ in range(3)]

    assert max(map(len, pieces)) < 10


async def test_cut_resets_within_the_body(proxy: FaultProxy) -> None:
    proxy.fault = faults.Cut(after_bytes=10)

    async with connect(proxy.cluster) as session, session.get(NAMESPACES, headers=IDENTITY) as response:
        assert await response.content.readexactly(10) == b'{"kind":"N'
        with pytest.raises(aiohttp.ClientError) as caught:
            await response.read()

    assert "Connection reset by peer" in str(caught.value)


async def test_cut_before_headers_resets_without_answer(proxy: FaultProxy) -> None:
    proxy.fault = faults.Cut(before_headers=True)

    with pytest.raises(aiohttp.ClientOSError) as caught:
        await get(proxy)

    assert caught.value.errno == errno.ECONNRESET


async def test_truncate_ends_the_body_early(proxy: FaultProxy) -> None:
    proxy.fault = faults.Truncate(after_bytes=10)

    with pytest.raises(aiohttp.ClientPayloadError):
        await get(proxy)


async def test_rewrite_replaces_only_what_is_given(proxy: FaultProxy) -> None:
    proxy.fault = faults.Rewrite(status=418, headers={"X-Injected": "yes"})

    async with connect(proxy.cluster) as session, session.get(NAMESPACES) as response:
        body = await response.json()

    assert (response.status, response.headers["X-Injected"], body["kind"]) == (418, "yes", "NamespaceList")


async def test_rewrite_replaces_the_body(proxy: FaultProxy) -> None:
    proxy.fault = faults.Rewrite(body=b"other")

    assert await get(proxy) == (200, b"other")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (faults.too_many_requests(), 429),
        (faults.unavailable(), 503),
        (faults.unauthorized(), 401),
        (faults.forbidden(), 403),
        (faults.gone(), 410),
        (faults.server_error(), 500),
        (faults.html_page(), 200),
        (faults.invalid_json(), 200),
        (faults.null_items(), 200),
        (faults.redirect("https://elsewhere.invalid/"), 307),
        (faults.no_content(), 204),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else None,
)
async def test_an_answer_of_its_own_never_reaches_the_server(
    proxy: FaultProxy, alpha: Cluster, answer: faults.Answer, status: int
) -> None:
    proxy.fault, mark = answer, alpha.audit.mark()

    received = await get(proxy, user="nobody")

    assert received == (status, answer.body)
    assert alpha.audit.requests_since(mark, user="nobody") == []


async def test_too_many_requests_says_when_to_retry(proxy: FaultProxy) -> None:
    proxy.fault = faults.too_many_requests(retry_after="30")

    async with connect(proxy.cluster) as session, session.get(NAMESPACES) as response:
        assert response.headers["Retry-After"] == "30"


def test_gzip_bomb_is_small_on_the_wire() -> None:
    bomb = faults.gzip_bomb(10_000_000)

    assert len(bomb.body) < 20_000
    assert json.loads(gzip.decompress(bomb.body))["items"] == []


async def test_a_rule_takes_its_path_and_so_many_requests(proxy: FaultProxy) -> None:
    proxy.when("/api/v1/nodes", faults.server_error(), times=1)

    statuses = [(await get(proxy, path))[0] for path in (NAMESPACES, "/api/v1/nodes", "/api/v1/nodes")]

    assert statuses == [200, 500, 200]


def test_a_rule_cannot_close_the_port_for_one_path(proxy: FaultProxy) -> None:
    with pytest.raises(TypeError, match="concerns connections"):
        proxy.when(NAMESPACES, faults.Refuse())  # type: ignore[arg-type]  # the subject of the test


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("expired", "expired"), ("not_yet_valid", "not yet valid"), ("wrong_host", "mismatch"), ("stranger", "self")],
)
async def test_wrong_certificates_are_found_wrong(
    proxy: FaultProxy, control_planes: ControlPlanes, kind: str, reason: str
) -> None:
    authority = control_planes.authority
    stranger = CertificateAuthority.create("stranger")
    proxy.certificate = stranger.issue() if kind == "stranger" else getattr(authority, kind)()

    with pytest.raises(aiohttp.ClientConnectorCertificateError) as caught:
        await get(proxy)

    assert isinstance(caught.value.certificate_error, ssl.SSLCertVerificationError)
    assert (kind == "stranger") or reason in caught.value.certificate_error.verify_message
    assert (proxy.handshakes, proxy.requests) == (0, [])
