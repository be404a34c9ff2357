"""Authentication, and that no caller learns the cause of a refusal."""

import httpx
import pytest

from resolvers.caller import OPERATOR, Caller
from store.errors import StoreUnavailable
from store.names import RESERVED_USERS
from tests.server.http_parts import TOKEN, FakeExecutor, Fakes, FakeTokens, code_of, record

BODY = b'{"query":"{ ok }"}'
JSON = ("Content-Type", "application/json")


async def _post(fakes: Fakes, *headers: tuple[str, str], path: str = "/graphql") -> httpx.Response:
    async with fakes.client() as client:
        return await client.post(path, content=BODY, headers=[JSON, *headers])


@pytest.mark.parametrize("value", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN}"])
async def test_a_valid_token_is_accepted(value: str) -> None:
    response = await _post(Fakes(), ("Authorization", value))

    assert response.status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Token {TOKEN}",
        "Basic Y2FuYXJ5OmNhbmFyeQ==",
        f"Bearer {TOKEN[:-1]}d",
        f"Bearer {TOKEN[:16]}",
        f"Bearer {TOKEN} x",
        f"Bearer {TOKEN},Bearer {TOKEN}",
        f"Bearer\t{TOKEN}",
        "Bearer " + "x" * 9000,
    ],
)
async def test_cr_8_every_other_header_gets_the_same_401(value: str) -> None:
    fakes = Fakes()
    without = await _post(Fakes())

    response = await _post(fakes, ("Authorization", value))

    assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
    assert response.content == without.content
    assert response.headers["www-authenticate"] == 'Bearer realm="fleetgraph"'
    assert fakes.executor.requests == []


async def test_jw_8_two_authorization_headers_are_refused_unread() -> None:
    fakes = Fakes()

    response = await _post(fakes, ("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}"))

    assert response.status_code == 401
    assert fakes.tokens.verified == []


@pytest.mark.parametrize("parameter", ["access_token", "token", "authorization"])
async def test_jw_8_tokens_in_query_strings_are_refused(parameter: str) -> None:
    fakes = Fakes()

    response = await _post(fakes, path=f"/graphql?{parameter}={TOKEN}")

    assert response.status_code == 401
    assert fakes.tokens.verified == []


async def test_who_is_not_authenticated_learns_nothing_about_his_body() -> None:
    fakes = Fakes()

    async with fakes.client() as client:
        response = await client.post("/graphql", content=b"[", headers={"Content-Type": "text/plain", "Accept": "x/y"})

    assert response.status_code == 401


@pytest.mark.parametrize("is_administrator", [True, False])
async def test_the_caller_is_whom_the_token_stands_for(is_administrator: bool) -> None:
    fakes = Fakes(tokens=FakeTokens(record=record(is_administrator=is_administrator)))

    response = await _post(fakes, ("Authorization", f"Bearer {TOKEN}"))

    assert response.status_code == 200
    assert fakes.executor.callers == [Caller(name="robot", groups=frozenset({"ci"}), is_administrator=is_administrator)]


async def test_503_while_the_store_cannot_tell() -> None:
    fakes = Fakes(FakeExecutor(), FakeTokens(error=StoreUnavailable("postgres at 10.1.2.3 is down")))

    response = await _post(fakes, ("Authorization", f"Bearer {TOKEN}"))

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert "10.1.2.3" not in response.text
    assert fakes.executor.requests == []


def test_no_token_stands_for_the_operator() -> None:
    assert OPERATOR.name in RESERVED_USERS
