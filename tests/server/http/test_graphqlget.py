"""`GET /graphql`: the same requests in a query string, for queries only, and never from a foreign page."""

import json
from collections.abc import Mapping

import httpx
import pytest

from server.app.endpoint import HttpLimits
from server.auth.development import DevelopmentIdentity
from tests.server.http_parts import AUTHORIZED, FakeAnswer, Fakes, code_of


async def get(fakes: Fakes, headers: Mapping[str, str] | None = None, **parameters: str) -> httpx.Response:
    async with fakes.client() as client:
        return await client.get("/graphql", params=parameters, headers=AUTHORIZED if headers is None else headers)


async def test_a_request_reaches_the_executor_as_it_was_sent() -> None:
    fakes = Fakes()

    response = await get(
        fakes, query="query A { a }", variables='{"n": 1}', operationName="A", extensions='{"x": 1}', other="2"
    )

    (request,) = fakes.executor.requests
    assert (request.query, request.variables, request.operation_name) == ("query A { a }", {"n": 1}, "A")
    assert request.is_safe
    assert (response.status_code, response.content) == (200, b'{"data":{"ok":true}}')
    assert response.headers["cache-control"] == "no-store"


async def test_a_post_may_do_more_than_read() -> None:
    fakes = Fakes()

    await fakes.post()

    assert not fakes.executor.requests[0].is_safe


async def test_empty_parameters_are_none() -> None:
    fakes = Fakes()

    await get(fakes, query="{ ok }", variables="", operationName="", extensions="")

    (request,) = fakes.executor.requests
    assert (request.variables, request.operation_name) == (None, None)


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=",
        "variables={}",
        "query={ok}&query={ok}",
        "query={ok}&variables=1",
        "query={ok}&variables=[]",
        "query={ok}&variables=x",
        "query={ok}&extensions=[]",
        "query={ok}&variables=%ff",
        "query=%ff",
        "query={ok}&documentId=sha256:00",
        "query={ok}&variables=" + "[" * 20_000,
        "&".join(["a=1"] * 200),
    ],
)
async def test_what_is_no_request_is_refused_with_400(query_string: str) -> None:
    fakes = Fakes()

    async with fakes.client() as client:
        response = await client.get(f"/graphql?{query_string}", headers=AUTHORIZED)

    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")
    assert fakes.executor.requests == []


async def test_414_for_a_query_string_that_is_too_long() -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=100))

    response = await get(fakes, query="x" * 100)

    assert (response.status_code, code_of(response)) == (414, "LIMIT_EXCEEDED")


async def test_405_for_what_does_more_than_read() -> None:
    fakes = Fakes()
    fakes.executor.answer = FakeAnswer(executed=False, needs_post=True)

    response = await get(fakes, query="mutation { ok }")

    assert (response.status_code, response.headers["allow"], code_of(response)) == (405, "POST", "BAD_USER_INPUT")


async def test_a_token_in_the_query_string_is_none() -> None:
    fakes = Fakes()

    response = await get(fakes, {}, query="{ ok }", access_token="secret")

    assert response.status_code == 401
    assert fakes.tokens.verified == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Accept": "application/graphql-response+json"}, 403),
        ({"Content-Type": "text/plain"}, 403),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ({"GraphQL-Require-Preflight": "1"}, 200),
        ({"Apollo-Require-Preflight": "true"}, 200),
        ({"X-Apollo-Operation-Name": "A"}, 200),
        ({"GraphQL-Require-Preflight": "1", "Origin": "http://elsewhere.test"}, 403),
    ],
)
async def test_csrf_without_a_token_only_what_another_origin_must_ask_for(
    headers: Mapping[str, str], status: int
) -> None:
    fakes = Fakes(development=DevelopmentIdentity(port=8000))
    transport = httpx.ASGITransport(app=fakes.app(), client=("127.0.0.1", 1))

    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        response = await client.get("/graphql", params={"query": "{ ok }"}, headers=headers)

    assert response.status_code == status
    assert len(fakes.executor.requests) == (status == 200)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_csrf_forms_are_no_requests(content_type: str) -> None:
    fakes = Fakes()

    response = await fakes.post(json.dumps({"query": "{ ok }"}).encode(), content_type=content_type)

    assert response.status_code == 415
    assert fakes.executor.requests == []
