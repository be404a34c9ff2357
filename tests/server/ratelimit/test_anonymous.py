"""Limits of anonymous clients, and callers who do not wait for them."""

import asyncio
import json
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from k8s.turns.turns import WORKING_FOR
from server.app.draining import Draining
from server.app.probes import Probes
from server.http.pieces import PIECE_BYTES
from server.http.responses import Refusal
from server.observe.logs import configure_logging
from server.ratelimit import anonymous, tokenbucket
from server.ratelimit.anonymous import AnonymousLimiter, AnonymousLimits
from server.ratelimit.bearerrequests import BearerRequests
from server.ratelimit.middleware import AnonymousPacingMiddleware
from server.ratelimit.ratelimit import CallerLimits
from server.serve.connectionbounds import ConnectionBounds, OpenConnections
from server.serve.connectionusage import ConnectionUsage
from server.settings.settings import Settings
from tests.server.http_parts import AUTHORIZED, Fakes, code_of, post_scope


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets the wait for a turn or a place to 10 ms, and stops the clock of rates."""
    monkeypatch.setattr(anonymous, "_WAIT_S", 0.01)
    monkeypatch.setattr(tokenbucket, "monotonic", lambda: 0.0)


async def test_a_browser_that_loads_all_files_of_graphiql_is_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymous, "_WAIT_S", 60.0)  # on a machine of any speed
    async with Fakes().client() as client:
        answers = await asyncio.gather(*(client.get("/landing/icon.svg") for _ in range(300)))

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", ["/", "/schema.graphql", "/docs/", "/none", "/graphql/"])
async def test_over_the_rate_anonymous_clients_are_refused_and_callers_and_probes_are_not(path: str) -> None:
    fakes = Fakes(anonymous_limits=AnonymousLimits(requests_per_minute=60))
    async with fakes.client() as client:
        for _ in range(5):
            await client.get(path)
        refused = await client.get(path)
        probes = [await client.get(probe) for probe in ("/healthz", "/readyz")]
        caller = await client.post("/graphql", json={"query": "{ ok }"}, headers=AUTHORIZED)
        metrics = await client.get("/metrics", headers=AUTHORIZED)

    assert (refused.status_code, code_of(refused), refused.headers["retry-after"]) == (503, "TOO_MANY_REQUESTS", "1")
    assert (
        "or are answered without one: more than 60 in a minute (FLEETGRAPH_MAX_ANONYMOUS_REQUESTS_PER_MINUTE)"
        in refused.text
    )
    assert [answer.status_code for answer in (*probes, caller, metrics)] == [200] * 4


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("probe", ["/healthz", "/readyz"])
async def test_other_methods_than_those_of_probes_are_anonymous_requests(probe: str) -> None:
    async with Fakes(anonymous_limits=AnonymousLimits(requests_per_minute=1)).client() as client:
        answers = [await client.post(probe, headers={"Accept": "text/html"}) for _ in range(2)]
        probes = [await client.request(method, probe) for method in ("GET", "HEAD")]

    assert [answer.status_code for answer in answers] == [405, 503]
    assert [answer.status_code for answer in probes] == [200] * 2


BARE = "GET /graphql", {**AUTHORIZED, "Accept": "text/html"}
PREFLIGHT = "OPTIONS /graphql", {"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"}
UPGRADE = "GET /graphql", {"Connection": "upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("request_line", "headers"),
    [
        *((f"{method} /graphql", {}) for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW")),
        ("POST /graphql", {"Authorization": "Basic eDp5"}),
        ("PUT /graphql", AUTHORIZED),
        ("GET /metrics", {}),
        ("POST /metrics", AUTHORIZED),
        BARE,
        PREFLIGHT,
        UPGRADE,
    ],
)
async def test_whatever_is_answered_without_looking_at_a_token_takes_of_the_anonymous_rate(
    request_line: str, headers: Mapping[str, str]
) -> None:
    method, path = request_line.split()
    fakes = Fakes(
        anonymous_limits=AnonymousLimits(requests_per_minute=1), cors_origins=frozenset({"https://portal.test"})
    )
    async with fakes.client() as client:
        answers = [await client.request(method, path, headers=headers) for _ in range(2)]
        caller = await client.post("/graphql", json={"query": "{ ok }"}, headers=AUTHORIZED)

    assert [answer.status_code == 503 for answer in answers] == [False, True]
    assert caller.status_code == 200


@pytest.mark.usefixtures("impatient")
async def test_preflights_of_listed_origins_and_callers_without_a_query_take_nothing_of_the_anonymous_rate() -> None:
    fakes = Fakes(
        anonymous_limits=AnonymousLimits(requests_per_minute=1), cors_origins=frozenset({"https://portal.test"})
    )
    asking = {"Origin": "https://portal.test", "Access-Control-Request-Method": "POST"}
    async with fakes.client() as client:
        refused = [await client.get("/graphql", headers={"Origin": "https://portal.test"}) for _ in range(2)]
        preflights = [await client.options("/graphql", headers=asking) for _ in range(20)]
        bare = [await client.get("/graphql", headers=AUTHORIZED) for _ in range(20)]

    assert [answer.status_code for answer in refused] == [401, 503]
    assert {answer.status_code for answer in preflights} == {204}
    assert {answer.status_code for answer in bare} == {400}
    for answer in (*refused, *preflights):
        assert answer.headers["access-control-allow-origin"] == "https://portal.test"
        assert "Origin" in answer.headers["vary"]


@pytest.mark.usefixtures("impatient")
async def test_over_the_places_anonymous_clients_are_refused() -> None:
    limiter = AnonymousLimiter(AnonymousLimits(requests=1))

    async with limiter.place(ConnectionUsage()):
        with pytest.raises(Refusal, match=r"under way: 1, which is the limit \(FLEETGRAPH_MAX_ANONYMOUS_REQ"):
            async with limiter.place(ConnectionUsage()):
                pass
    async with limiter.place(ConnectionUsage()):
        pass


async def test_a_place_is_free_again_while_the_body_is_sent() -> None:
    fakes = Fakes(anonymous_limits=AnonymousLimits(requests=1))
    fakes.executor.sdl = "x" * (3 * PIECE_BYTES)
    app, pieces, is_held = fakes.app(), list[int](), asyncio.Event()

    async def send(message: Message) -> None:
        pieces.append(len(message.get("body", b"")))
        if len(pieces) > 1:
            is_held.set()
            await asyncio.Event().wait()

    scope = {**post_scope(), "method": "GET", "path": "/schema.graphql"}
    slow = asyncio.create_task(_run(app, scope, send))
    await is_held.wait()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://fleetgraph.test") as client:
        other = await client.get("/schema.graphql")
    slow.cancel()

    assert other.status_code == 200
    assert pieces == [0, PIECE_BYTES]


async def _run(app: Starlette, scope: Scope, send: Send) -> None:
    await app(scope, asyncio.Queue[Message]().get, send)


async def test_anonymous_clients_hold_no_place_of_callers_while_their_tokens_are_verified() -> None:
    fakes = Fakes(caller_limits=CallerLimits(requests=1))
    fakes.tokens.gate = asyncio.Event()
    async with fakes.client() as client:
        waiting = [
            asyncio.create_task(client.post("/graphql", headers={"Authorization": f"Bearer fgt_{number}"}))
            for number in range(20)
        ]
        while len(fakes.tokens.verified) < 20:  # noqa: ASYNC110  no event says so
            await asyncio.sleep(0)
        fakes.tokens.gate.set()
        caller = await client.post("/graphql", json={"query": "{ ok }"}, headers=AUTHORIZED)
        refused = await asyncio.gather(*waiting)

    assert caller.status_code == 200
    assert {answer.status_code for answer in refused} == {401}


async def test_many_refusals_of_anonymous_clients_leave_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = list[float]()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(tokenbucket, "monotonic", lambda: 0.0)
    limiter = AnonymousLimiter(AnonymousLimits())
    monkeypatch.setattr(anonymous, "asyncio", _Sleeping(sleep))

    for _ in range(1500):
        await limiter.delay_refusal()

    spaced = waited[:900]
    assert 1300 <= len(waited) <= 1400
    assert spaced == sorted(spaced)
    assert max(waited) <= 5.0


class _Sleeping:
    """The module `asyncio`, with another `sleep`."""

    def __init__(self, sleep: object) -> None:
        self.sleep = sleep


async def test_refusals_of_callers_are_not_delayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymous, "_REFUSALS_AT_ONCE", 0)
    monkeypatch.setattr(anonymous, "_REFUSALS_PER_S", 0.001)
    monkeypatch.setattr(anonymous, "_LONGEST_DELAY_S", 3600.0)
    fakes = Fakes()

    async with asyncio.timeout(30):
        refused = await fakes.post(b"no JSON")

    assert refused.status_code == 400


async def test_a_flood_of_refusals_is_twenty_lines_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tokenbucket, "monotonic", lambda: 0.0)
    configure_logging(Settings())
    async with Fakes().client() as client:
        await asyncio.gather(*(client.get("/" + "x" * 5000) for _ in range(90)))

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == 20
    assert max(len(line["path"]) for line in requests) == 200


async def test_a_flood_of_preflights_is_twenty_lines_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tokenbucket, "monotonic", lambda: 0.0)
    configure_logging(Settings())
    asking = {"Origin": "https://portal.test", "Access-Control-Request-Method": "POST"}
    async with Fakes(cors_origins=frozenset({"https://portal.test"})).client() as client:
        answers = await asyncio.gather(*(client.options("/graphql", headers=asking) for _ in range(90)))

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {answer.status_code for answer in answers} == {204}
    assert sum(line["event"] == "request" for line in lines) == 20


async def test_all_who_ask_for_readiness_at_once_share_one_check_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.app.probes._FRESH_S", 3600.0)
    store = _Checked()
    health = Probes(store, Draining())
    request = Request({"type": "http"})

    answers = await asyncio.gather(*(health.ready(request) for _ in range(100)))
    again = await health.ready(request)

    assert {answer.status_code for answer in (*answers, again)} == {200}
    assert store.checks == 1


class _Checked:
    """A store that works, and counts its checks."""

    def __init__(self) -> None:
        self.checks = 0

    async def check(self) -> None:
        self.checks += 1
        await asyncio.sleep(0)


async def test_no_request_works_for_those_of_the_one_before() -> None:
    worked_for = list[str]()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        worked_for.append(WORKING_FOR.get())
        WORKING_FOR.set("alice")

    async def send(_message: Message) -> None:
        raise AssertionError

    callers = BearerRequests(methods={}, endpoint="/graphql", is_token_required=True)
    pacing = AnonymousPacingMiddleware(app, AnonymousLimiter(AnonymousLimits()), bearer_requests=callers)
    for path in ("/graphql", "/", "/healthz"):
        await pacing({**post_scope(), "method": "GET", "path": path}, asyncio.Queue[Message]().get, send)

    assert worked_for == ["", "", " probes"]


async def test_preflights_of_one_moment_take_turns_and_are_not_lined_up(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter, answered = AnonymousLimiter(AnonymousLimits()), 0
    monkeypatch.setattr(limiter, "_counted", lambda: 1000)  # more than are lined up in the same turn of the loop

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        nonlocal answered
        answered += 1

    async def send(_message: Message) -> None:
        raise AssertionError

    callers = BearerRequests(methods={}, endpoint="/graphql", is_token_required=True)
    pacing = AnonymousPacingMiddleware(app, limiter, bearer_requests=callers)
    scopes = [{**post_scope(), "method": "OPTIONS"} for _ in range(20)]
    async with asyncio.timeout(30):
        await asyncio.gather(*(pacing(scope, asyncio.Queue[Message]().get, send) for scope in scopes))

    assert answered == 20


class _Busy:
    """A connection that is busy with a request."""

    is_idle = False

    def __init__(self, *, is_authenticated: bool) -> None:
        self.is_authenticated = is_authenticated
        self.is_aborted = False

    def is_overdue(self, _now_s: float) -> bool:
        return False

    def abort(self) -> None:
        self.is_aborted = True


async def test_a_full_server_gives_up_the_oldest_connection_of_an_anonymous_client() -> None:
    connections = OpenConnections(ConnectionBounds(connections=3))
    caller, oldest, newest = (_Busy(is_authenticated=known) for known in (True, False, False))

    taken = [connections.add(connection) for connection in (caller, oldest, newest, _Busy(is_authenticated=False))]

    assert taken == [True] * 4
    assert [connection.is_aborted for connection in (caller, oldest, newest)] == [False, True, False]
