"""A Prometheus over the network, direct and through an API server, with servers on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from k8s import errors
from k8s.credentials.credential import BearerToken, Secret
from k8s.credentials.tokens import IssuedToken, RenewedToken
from k8s.network.addresses import LOOPBACK, AddressPolicy
from k8s.prometheus.address import PrometheusEndpoint
from k8s.prometheus.prometheus import Prometheus
from k8s.prometheus.rangequery import RangeQuery, RecordedSeries, Taking
from k8s.transport.bodymemory import FREE_BYTES
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import QUERY_RANGE_PATH
from k8s.transport.responsehead import NotOfApiServer
from tests.k8s.wireserver import CUT, WireServer, http, plain_server, wire_server

LIMITS = ConnectionLimits(connect_timeout_s=30)
EXPRESSION = 'sum by (pod) (rate(x{namespace=~"a|b",pod!=""}[5m])) + 100 % 7 # \u00e9&;'
QUERY = RangeQuery(EXPRESSION, 1_000, 1_060, 60)
ANSWER_BODY = (
    b'{"status":"success","data":{"resultType":"matrix","result":'
    b'[{"metric":{"pod":"web-0"},"values":[[1000,"1"],[1060,"2"]]}]}}'
)
ANSWER = http(ANSWER_BODY)
REDIRECT = http(b"s3cret", "302 Found", headers="Location: http://127.0.0.1:1/s3cret\r\n")
LARGE = http().replace(b"Length: 2", b"Length: %d" % (LIMITS.body_bytes + 1))
WEIRD = "a\\u202eb\\u0000\\n c" + "d" * 200
SERIES = [RecordedSeries({"pod": "web-0"}, {1000: 1.0, 1060: 2.0})]
SERVICE = "service:monitoring/prometheus:9090"


def refusal(status: str, error_type: str, text: str) -> bytes:
    """Returns an error as Prometheus sends it."""
    return http(f'{{"status":"error","errorType":"{error_type}","error":"{text}"}}'.encode(), status)


def kubernetes(status: str, reason: str) -> bytes:
    """Returns an error of the API server itself."""
    return http(f'{{"kind":"Status","reason":"{reason}","message":"s3cret"}}'.encode(), status)


@asynccontextmanager
async def asked(address: str, connection: Connection) -> AsyncIterator[Prometheus]:
    """Opens a client for a while."""
    try:
        yield Prometheus(connection, address)
    finally:
        await connection.close()


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with plain_server(ANSWER) as wire:
        yield wire


@pytest.fixture
async def direct(server: WireServer) -> AsyncIterator[Prometheus]:
    address = f"http://127.0.0.1:{server.port}/select/0"
    async with asked(
        address, Connection("alpha", PrometheusEndpoint(address), credential=None, limits=LIMITS)
    ) as client:
        yield client


@pytest.fixture
async def api_server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        wire.answers = [ANSWER]
        yield wire


@pytest.fixture
async def through(api_server: WireServer) -> AsyncIterator[Prometheus]:
    token = BearerToken(Secret("s3cret-token"))
    async with asked(SERVICE, Connection("alpha", api_server.endpoint, credential=token, limits=LIMITS)) as client:
        yield client


async def ask(client: Prometheus, *, most_points: int = 10, timeout_s: float = 30) -> list[RecordedSeries]:
    """Returns the answer to `QUERY`."""
    return (await client.series(QUERY, taking=Taking(most_points), deadline=Deadline(timeout_s))).series


def asked_for(wire: WireServer) -> tuple[str, dict[str, str]]:
    """Returns path and parameters of the only request."""
    (line,) = wire.lines
    method, target, _ = line.split(" ")
    assert method == "GET"
    assert " " not in target
    parameters = dict(parse_qsl(urlsplit(target).query, strict_parsing=True))
    assert 1_000 < int(parameters.pop("timeout").removesuffix("ms")) <= 30_000
    return urlsplit(target).path, parameters


PARAMETERS = {"query": EXPRESSION, "start": "1000", "end": "1060", "step": "60"}


async def test_a_direct_one_is_asked_below_its_prefix_without_credentials(
    direct: Prometheus, server: WireServer
) -> None:
    assert await ask(direct) == SERIES

    assert asked_for(server) == ("/select/0/api/v1/query_range", PARAMETERS)
    assert server.headers().keys() == {"host", "accept", "accept-encoding", "user-agent"}


async def test_a_service_is_asked_through_the_api_server_with_the_credential_of_its_sender(
    through: Prometheus, api_server: WireServer
) -> None:
    assert await ask(through) == SERIES

    path = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query_range"
    assert asked_for(api_server) == (path, PARAMETERS)
    assert api_server.headers()["authorization"] == "Bearer s3cret-token"


def test_a_direct_one_is_asked_without_rights_and_may_have_labels(direct: Prometheus, through: Prometheus) -> None:
    assert (direct.is_direct, through.is_direct) == (True, False)
    assert (direct.labels, through.labels) == ({}, {})
    assert Prometheus(direct.sender, 'https://thanos{cluster="a"}').labels == {"cluster": "a"}
    assert Prometheus(direct.sender, "https://thanos{cluster}").labels == {}


async def test_a_check_asks_for_a_constant(direct: Prometheus, server: WireServer) -> None:
    server.answers = [http(ANSWER_BODY.replace(b'[1000,"1"],[1060,"2"]', b""))]
    await direct.check(Deadline(30))
    assert asked_for(server)[1]["query"] == "vector(1)"

    server.answers = [http(b'{"status":"success","data":{"resultType":"matrix","result":[]}}')]
    with pytest.raises(errors.ProtocolBroken, match="is its address right"):
        await direct.check(Deadline(30))


async def test_a_check_looks_for_the_labels_of_the_cluster(direct: Prometheus, server: WireServer) -> None:
    labelled = Prometheus(direct.sender, f'{direct.text}{{cluster="a"}}')
    one = http(ANSWER_BODY.replace(b'[1000,"1"],[1060,"2"]', b""))
    server.answers = [one, one]
    await labelled.check(Deadline(30))
    queries = [dict(parse_qsl(urlsplit(line.split(" ")[1]).query))["query"] for line in server.lines]
    assert queries == ["vector(1)", 'count(container_memory_working_set_bytes{cluster="a"})']

    server.answers = [one, http(b'{"status":"success","data":{"resultType":"matrix","result":[]}}')]
    with pytest.raises(errors.ProtocolBroken, match="with the labels of its address; is it right"):
        await labelled.check(Deadline(30))


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_its_refusal_behind_the_api_server_says_nothing_about_the_token(
    status: str, api_server: WireServer
) -> None:
    issued: list[IssuedToken] = []

    async def issue() -> IssuedToken:
        issued.append(IssuedToken(Secret(f"token-{len(issued)}"), datetime.now(UTC) + timedelta(hours=1)))
        return issued[-1]

    source = RenewedToken(issue, is_local=True)
    api_server.answers = [http(b"no", status, "text/plain")]
    connection = Connection("alpha", api_server.endpoint, credential=source, limits=LIMITS)
    async with asked(SERVICE, connection) as client:
        with pytest.raises(errors.Invalid):
            await ask(client)

        with pytest.raises(errors.Invalid):
            await connection.send(Call(QUERY_RANGE_PATH, "get", "x", is_passed_on=True), Deadline(30))

    assert len(issued) == 1
    assert len(api_server.requests) == 2


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (refusal("400 Bad Request", "bad_data", "parse error"), errors.Invalid, "HTTP 400: parse error"),
        (refusal("422 X", "execution", "s3cret: too many samples"), errors.Invalid, "HTTP 422: too many samples"),
        (refusal("422 X", "execution", "rpc error: dial s3cret"), errors.Invalid, "HTTP 422."),
        (refusal("500 X", "internal", "s3cret exceeds the Limit"), errors.ServerFailed, "500: a limit of its own"),
        (refusal("503 X", "timeout", "query timed out"), errors.ServerFailed, "HTTP 503: the query timed out"),
        (refusal("400 X", "bad_data", WEIRD), errors.Invalid, "400: a\ufffdb\ufffd c" + "d" * 151 + "..."),
        (refusal("500 X", "internal", "s3cret"), errors.ServerFailed, "answered HTTP 500."),
        (refusal("400 X", "s3cret", "s3cret"), errors.Invalid, "answered HTTP 400."),
        (http(b'{"errorType":1,"error":"s3cret"}', "400 X"), errors.Invalid, "answered HTTP 400."),
        (http(b"[" * 100_000, "400 X"), errors.Invalid, "answered HTTP 400."),
        (http(b"s3cret", "401 X", "text/plain"), errors.Invalid, "answered HTTP 401; it must answer queries without"),
        (http(b"s3cret", "403 X", "text/plain"), errors.Invalid, "answered HTTP 403; it must answer queries without"),
        (http(b"s3cret", "404 X", "text/html"), errors.Invalid, "answered HTTP 404."),
        (REDIRECT, NotOfApiServer, "a redirect (HTTP 302)"),
        (http(b"<html>s3cret", content_type="text/html"), errors.ProtocolBroken, "not JSON; is its address right"),
        (http(b'{"s3cret":1}'), errors.ProtocolBroken, "no result of a query over a range"),
        (LARGE, errors.AnswerTooLarge, "FLEETGRAPH_MAX_ANSWER_BYTES"),
        (CUT, errors.BrokenOff, "the connection broke off"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
async def test_each_failure_is_an_error_of_the_cluster_either_way(
    answer: bytes,
    kind: type[errors.ClusterError],
    cause: str,
    direct: Prometheus,
    server: WireServer,
    through: Prometheus,
    api_server: WireServer,
) -> None:
    server.answers, api_server.answers = [answer], [answer]
    for client in (direct, through):
        with pytest.raises(kind) as failure:
            await ask(client)

        assert type(failure.value) is kind
        assert str(failure.value).startswith("cluster 'alpha': ")
        assert cause in str(failure.value)
        assert client is through or "its Prometheus" in str(failure.value)
        assert "s3cret" not in str(failure.value)


async def test_the_memory_of_a_body_is_taken_until_its_series_are_decoded(
    direct: Prometheus, server: WireServer
) -> None:
    server.answers = [http(ANSWER_BODY.replace(b'"web-0"', b'"%b"' % (b"x" * 2 * FREE_BYTES)))]
    taken: list[int] = []
    taking = Taking(10, charge=lambda _points: taken.append(LIMITS.bodies.taken_bytes))

    await direct.series(QUERY, taking=taking, deadline=Deadline(30))

    assert taken[0] > FREE_BYTES
    assert LIMITS.bodies.taken_bytes == 0


async def test_no_redirect_is_followed(direct: Prometheus, server: WireServer) -> None:
    target = f"http://127.0.0.1:{server.port}/elsewhere"
    server.answers = [http(b"{}", "307 X", headers=f"Location: {target}\r\n")]

    with pytest.raises(errors.ProtocolBroken):
        await ask(direct)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (
            kubernetes("403 Forbidden", "Forbidden"),
            errors.Forbidden,
            "its RBAC does not allow to get services/proxy prometheus:9090 in namespace 'monitoring'.",
        ),
        (
            kubernetes("404 Not Found", "NotFound"),
            errors.ResourceNotFound,
            "it has no services/proxy prometheus:9090 in namespace 'monitoring'.",
        ),
        (
            kubernetes("503 Service Unavailable", "ServiceUnavailable"),
            errors.ServerFailed,
            "it answered HTTP 503 to get services/proxy prometheus:9090 in namespace 'monitoring'.",
        ),
    ],
)
async def test_an_error_of_the_api_server_stays_as_it_is(
    answer: bytes, kind: type[errors.ClusterError], cause: str, through: Prometheus, api_server: WireServer
) -> None:
    api_server.answers = [answer]

    with pytest.raises(kind) as failure:
        await ask(through)

    assert str(failure.value) == f"cluster 'alpha': {cause}"


async def test_a_slow_one_is_an_error_at_the_deadline(direct: Prometheus, server: WireServer) -> None:
    server.answers = [None]

    with pytest.raises(errors.TimedOut, match="its Prometheus: no complete answer"):
        await ask(direct, timeout_s=0.3)


async def test_an_address_that_nobody_serves_is_an_error(server: WireServer) -> None:
    async with plain_server(ANSWER) as gone:
        address = f"http://127.0.0.1:{gone.port}"
    connection = Connection("alpha", PrometheusEndpoint(address), credential=None, limits=LIMITS)
    async with asked(address, connection) as client:
        with pytest.raises(errors.Unreachable, match=r"^cluster 'alpha': its Prometheus: no connection"):
            await ask(client)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_address_policy_of_clusters_applies(host: str, server: WireServer) -> None:
    address = f"http://{host}:{server.port}"
    limits = ConnectionLimits(addresses=AddressPolicy(denied=frozenset(LOOPBACK)))
    connection = Connection("alpha", PrometheusEndpoint(address), credential=None, limits=limits)
    async with asked(address, connection) as client:
        with pytest.raises(errors.AddressDenied, match="its Prometheus: its address"):
            await ask(client)

    assert not server.connections


async def test_a_certificate_that_the_system_does_not_trust_is_refused(api_server: WireServer) -> None:
    address = f"https://127.0.0.1:{api_server.port}"
    connection = Connection("alpha", PrometheusEndpoint(address), credential=None, limits=LIMITS)
    async with asked(address, connection) as client:
        with pytest.raises(errors.TlsFailed, match="its Prometheus: TLS: its certificate was refused"):
            await ask(client)

    assert not api_server.requests


@pytest.mark.parametrize("text", ["https://u:s3cret@x", "service:a/b", "x"])
async def test_a_stored_address_that_is_invalid_is_an_error_of_the_cluster(
    text: str, through: Prometheus, api_server: WireServer
) -> None:
    with pytest.raises(errors.CredentialUnusable, match="set it with `fleetgraph clusters prometheus`") as failure:
        await ask(Prometheus(through.sender, text))

    assert "s3cret" not in str(failure.value)
    assert not api_server.requests
