"""Requests that are accepted without a token, and no others."""

from collections.abc import Mapping

import httpx
import pytest
from starlette.types import Message

from server.auth.development import DevelopmentIdentity
from tests.server.http_parts import AUTHORIZED, TOKEN, Fakes, code_of, post_scope

PORT = 8000
HOST = f"localhost:{PORT}"
OWN_PAGE = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
PEER = ("127.0.0.1", 50000)


def _fakes(*, port: int = PORT) -> Fakes:
    return Fakes(development=DevelopmentIdentity(port=port))


async def _post(
    fakes: Fakes, headers: Mapping[str, str] | None = None, *, peer: tuple[str, int] = PEER
) -> httpx.Response:
    sent = {"Host": HOST, **(headers or {})}
    transport = httpx.ASGITransport(app=fakes.app(), client=peer)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.post("/graphql", json={"query": "{ ok }"}, headers=sent)


def _assert_refused(fakes: Fakes, response: httpx.Response, words: str) -> None:
    assert (response.status_code, code_of(response)) == (403, "FORBIDDEN")
    message = response.json()["errors"][0]["message"]
    assert words in message
    assert "`fleetgraph serve`, which needs a token," in message
    assert (fakes.executor.requests, fakes.tokens.verified) == ([], [])


async def test_a_program_on_this_machine_needs_no_token() -> None:
    fakes = _fakes()

    response = await _post(fakes)

    assert response.status_code == 200
    assert [request.query for request in fakes.executor.requests] == ["{ ok }"]
    assert fakes.tokens.verified == []


async def test_our_own_page_needs_no_token() -> None:
    assert (await _post(_fakes(), OWN_PAGE)).status_code == 200


async def test_without_a_development_identity_the_same_request_needs_a_token() -> None:
    response = await _post(Fakes(), OWN_PAGE)

    assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "127.3.2.1:8000", "localhost:8000", "LocalHost:8000", "[::1]:8000"])
async def test_names_that_nobody_can_point_elsewhere_are_ours(host: str) -> None:
    assert (await _post(_fakes(), {"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example:8000",
        "evil.example",
        "localhost",
        "localhost:8001",
        "localhost:080000",
        "localhost.:8000",
        "localhost.evil.example:8000",
        "127.0.0.1.evil.example:8000",
        "127.0.0.1",
        "127.0.0.999:8000",
        "127.1:8000",
        "2130706433:8000",
        "0.0.0.0:8000",
        "10.0.0.1:8000",
        "[::]:8000",
        "[fe80::1]:8000",
        "::1:8000",
        "localhost:8000@evil.example",
        "localhost:8000, evil.example",
    ],
)
async def test_a_name_that_points_here_is_not_enough(host: str) -> None:
    fakes = _fakes()

    response = await _post(fakes, {"Host": host})

    _assert_refused(fakes, response, "Use http://localhost:8000.")


@pytest.mark.parametrize("count", [0, 2])
async def test_there_is_exactly_one_host(count: int) -> None:
    fakes, sent = _fakes(), list[Message]()
    scope = post_scope()
    scope["headers"] = [(b"content-type", b"application/json"), *([(b"host", HOST.encode())] * count)]

    async def receive() -> Message:
        return {"type": "http.request", "body": b'{"query":"{ ok }"}'}

    async def send(message: Message) -> None:
        sent.append(message)

    await fakes.app()(scope, receive, send)

    assert sent[0]["status"] == 403
    assert fakes.executor.requests == []


async def test_at_port_80_browsers_leave_it_out() -> None:
    response = await _post(_fakes(port=80), {"Host": "localhost", "Origin": "http://localhost"})

    assert response.status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
async def test_callers_on_this_machine_are_let_in(address: str) -> None:
    assert (await _post(_fakes(), peer=(address, 1))).status_code == 200


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.0.7", "fe80::1", "::ffff:10.0.0.1", "", "testclient"])
async def test_callers_elsewhere_are_not(address: str) -> None:
    fakes = _fakes()

    response = await _post(fakes, peer=(address, 1))

    _assert_refused(fakes, response, "from another machine")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:8000",
        "http://localhost:5173",
        "http://127.0.0.1:8000",
        "https://localhost:8000",
        "http://localhost:8000.evil.example",
        "http://localhost:8000/",
        "null",
        "",
    ],
)
async def test_pages_of_others_are_refused(origin: str) -> None:
    fakes = _fakes()

    response = await _post(fakes, {"Origin": origin})

    _assert_refused(fakes, response, "Open http://localhost:8000/graphiql")


LISTED = "http://localhost:5173"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_pages_of_listed_origins_are_answered(site: str) -> None:
    fakes = Fakes(development=DevelopmentIdentity(port=PORT, origins=frozenset({LISTED})))

    response = await _post(fakes, {"Origin": LISTED, "Sec-Fetch-Site": site})

    assert (response.status_code, len(fakes.executor.requests)) == (200, 1)


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost:5174"}, {"Sec-Fetch-Site": "same-site"}])
async def test_a_list_lets_no_others_in(headers: Mapping[str, str]) -> None:
    fakes = Fakes(development=DevelopmentIdentity(port=PORT, origins=frozenset({LISTED})))

    _assert_refused(fakes, await _post(fakes, headers), "list the page's origin in FLEETGRAPH_CORS_ORIGINS")


@pytest.mark.parametrize("headers", [{"Host": "evil.example:8000"}, {"X-Forwarded-For": "127.0.0.1"}])
async def test_a_listed_origin_excuses_nothing_else(headers: Mapping[str, str]) -> None:
    fakes = Fakes(development=DevelopmentIdentity(port=PORT, origins=frozenset({LISTED})))

    response = await _post(fakes, {"Origin": LISTED, **headers})

    assert (response.status_code, fakes.executor.requests) == (403, [])


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
async def test_requests_that_a_browser_calls_foreign_are_refused(site: str) -> None:
    fakes = _fakes()

    response = await _post(fakes, {"Sec-Fetch-Site": site})

    _assert_refused(fakes, response, "a page of another origin")


async def test_an_address_that_a_user_typed_is_nobodys_page() -> None:
    assert (await _post(_fakes(), {"Sec-Fetch-Site": "none"})).status_code == 200


@pytest.mark.parametrize(
    "header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"]
)
async def test_what_a_proxy_passes_on_is_refused(header: str) -> None:
    fakes = _fakes()

    response = await _post(fakes, {header: "127.0.0.1"})

    _assert_refused(fakes, response, "through a proxy")


@pytest.mark.parametrize("value", ["Bearer nonsense", "Bearer", "", "Basic ZGVtbzpkZW1v"])
async def test_a_token_that_is_sent_must_be_right(value: str) -> None:
    fakes = _fakes()

    response = await _post(fakes, {"Authorization": value})

    assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
    assert fakes.executor.requests == []


async def test_a_right_token_is_its_owners() -> None:
    fakes = _fakes()

    response = await _post(fakes, AUTHORIZED)

    assert (response.status_code, fakes.tokens.verified) == (200, [TOKEN])


async def test_pages_of_others_are_refused_with_a_token_too() -> None:
    fakes = _fakes()

    response = await _post(fakes, {**AUTHORIZED, "Origin": "http://evil.example"})

    _assert_refused(fakes, response, "a page of another origin")
