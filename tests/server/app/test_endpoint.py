"""`POST /graphql` by the rules of the GraphQL-over-HTTP specification."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.types import Message

from server.app.endpoint import HttpLimits
from tests.server.http_parts import AUTHORIZED, FakeAnswer, Fakes, code_of, post_scope

JSON = "application/json; charset=utf-8"
GRAPHQL = "application/graphql-response+json; charset=utf-8"
INVALID = FakeAnswer(b'{"errors":[{"message":"Syntax Error"}]}', executed=False)


async def test_a_request_reaches_the_executor_as_it_was_sent() -> None:
    fakes = Fakes()
    body = b'{"query":"query A { a }","variables":{"n":1},"operationName":"A","extensions":{"x":1},"other":2}'

    response = await fakes.post(body)

    (request,) = fakes.executor.requests
    assert (request.query, request.variables, request.operation_name) == ("query A { a }", {"n": 1}, "A")
    assert (response.status_code, response.content) == (200, b'{"data":{"ok":true}}')


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("Application/JSON; charset=UTF-8", JSON),
        ("application/graphql-response+json", GRAPHQL),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL),
        ("application/json, application/graphql-response+json", GRAPHQL),
        ("application/json, application/graphql-response+json;q=0.5", JSON),
        ("text/html, */*;q=0.1", JSON),
        ("application/json;q=0, */*", GRAPHQL),
    ],
)
async def test_the_answer_has_the_media_type_that_is_preferred(accept: str, content_type: str) -> None:
    response = await Fakes().post(accept=accept)

    assert (response.status_code, response.headers["content-type"]) == (200, content_type)


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/json;q=0", "application/json; charset=latin-1", "image/*", "application/json;q=2"],
)
async def test_406_for_what_there_is_not_and_nothing_is_executed(accept: str) -> None:
    fakes = Fakes()

    response = await fakes.post(accept=accept)

    assert (response.status_code, response.headers["content-type"], code_of(response)) == (406, JSON, "BAD_USER_INPUT")
    assert fakes.executor.requests == []


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), ("application/graphql-response+json", 400)])
async def test_a_document_that_is_not_executed(accept: str, status: int) -> None:
    fakes = Fakes()
    fakes.executor.answer = INVALID

    response = await fakes.post(accept=accept)

    assert (response.status_code, response.content) == (status, INVALID.body)


async def test_errors_of_an_executed_document_are_no_http_errors() -> None:
    fakes = Fakes()
    fakes.executor.answer = FakeAnswer(b'{"data":null,"errors":[{"message":"x"}]}')

    response = await fakes.post(accept="application/graphql-response+json")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
    ],
)
async def test_415_for_other_content_types(content_type: str) -> None:
    fakes = Fakes()

    response = await fakes.post(content_type=content_type)

    assert (response.status_code, code_of(response)) == (415, "BAD_USER_INPUT")
    assert fakes.executor.requests == []


async def test_415_without_a_content_type() -> None:
    fakes = Fakes()

    async with fakes.client() as client:
        response = await client.post("/graphql", content=b'{"query":"{ ok }"}', headers=AUTHORIZED)

    assert response.status_code == 415


async def test_415_for_a_compressed_body() -> None:
    response = await Fakes().post(content_encoding="gzip")

    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b'"x"',
        b"null",
        b"true",
        b"{}",
        b"{",
        b'{"query":"{ ok }"} x',
        b'{"query":1}',
        b'{"query":null}',
        b'{"query":["{ ok }"]}',
        b'{"query":"{ ok }","variables":"x"}',
        b'{"query":"{ ok }","variables":[1]}',
        b'{"query":"{ ok }","operationName":1}',
        b'{"query":"{ ok }","extensions":"x"}',
        b'[{"query":"{ ok }"}]',
        b"  []",
        b'{"query":"\xff"}',
        b"\xff\xfe{\x00",
        b"\x1f\x8b\x08\x00",
        b'{"query":"\\ud800"}',
        b'{"query":"{ ok }","variables":{"n":NaN}}',
        b'{"query":"{ ok }","variables":{"n":' + b"9" * 5000 + b"}}",
        b'{"query":"{ ok }","variables":{"n":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"a":' * 100_000,
    ],
    ids=lambda body: repr(body[:40]),
)
async def test_f8_a_body_that_is_no_request_is_refused_with_400(body: bytes) -> None:
    fakes = Fakes()

    response = await fakes.post(body)

    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")
    assert fakes.executor.requests == []


async def test_400_has_the_media_type_that_the_caller_wants() -> None:
    response = await Fakes().post(b"1", accept="application/graphql-response+json")

    assert (response.status_code, response.headers["content-type"]) == (400, GRAPHQL)
    assert "data" not in response.json()


async def test_variables_may_be_null() -> None:
    fakes = Fakes()

    response = await fakes.post(b'{"query":"{ ok }","variables":null,"operationName":null}')

    assert response.status_code == 200
    assert fakes.executor.requests[0].variables is None


async def test_413_for_an_announced_size_without_reading_it() -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=100))

    response = await fakes.post(b"x" * 801)

    assert (response.status_code, code_of(response), response.headers["connection"]) == (413, "LIMIT_EXCEEDED", "close")


@pytest.mark.parametrize("size", [101, 800])
async def test_413_for_an_announced_size_that_is_read_to_its_end(size: int) -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=100))

    response = await fakes.post(b"x" * size)

    assert (response.status_code, code_of(response)) == (413, "LIMIT_EXCEEDED")
    assert "connection" not in response.headers
    assert fakes.executor.requests == []


async def test_413_without_reading_for_a_client_that_waits_for_100() -> None:
    response = await Fakes(limits=HttpLimits(body_bytes=100)).post(b"x" * 101, expect="100-continue")

    assert (response.status_code, response.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("first", [b"{", b"x" * 101])
async def test_a_body_that_stops_is_refused_for_its_size_if_that_is_known(first: bytes) -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=100, body_timeout_s=0.01))

    async def never() -> AsyncIterator[bytes]:
        yield first
        await asyncio.Event().wait()

    headers = {**AUTHORIZED, "Content-Type": "application/json"}
    async with fakes.client() as client:
        response = await client.post("/graphql", content=never(), headers=headers)

    assert (response.status_code, response.headers["connection"]) == (408 if first == b"{" else 413, "close")


async def test_413_for_chunks_that_are_too_many_and_no_more_of_them_is_read() -> None:
    fakes = Fakes(limits=HttpLimits(body_bytes=100))
    messages = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(50):
            messages.append(number)
            yield b" " * 60

    headers = {**AUTHORIZED, "Content-Type": "application/json"}
    async with fakes.client() as client:
        response = await client.post("/graphql", content=chunks(), headers=headers)

    assert (response.status_code, code_of(response)) == (413, "LIMIT_EXCEEDED")
    assert len(messages) == 800 // 60 + 1


async def test_a_body_just_within_the_limit_is_read() -> None:
    body = b'{"query":"{ ok }"}'
    fakes = Fakes(limits=HttpLimits(body_bytes=len(body)))

    response = await fakes.post(body)

    assert response.status_code == 200


async def test_408_for_a_body_that_does_not_arrive() -> None:
    fakes = Fakes(limits=HttpLimits(body_timeout_s=0.01))

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    headers = {**AUTHORIZED, "Content-Type": "application/json"}
    async with fakes.client() as client:
        response = await client.post("/graphql", content=never(), headers=headers)

    assert response.status_code == 408
    assert fakes.executor.requests == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_405_for_other_methods(method: str) -> None:
    fakes = Fakes()

    async with fakes.client() as client:
        response = await client.request(method, "/graphql?query={ok}", headers=AUTHORIZED)

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert fakes.executor.requests == []


async def test_unknown_paths_are_404() -> None:
    async with Fakes().client() as client:
        response = await client.get("/graphql/../x")

    assert (response.status_code, code_of(response)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/graphql", "/healthz", "/readyz", "/nothing"])
async def test_every_answer_keeps_browsers_from_guessing(path: str) -> None:
    async with Fakes().client() as client:
        response = await client.get(path)

    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_work_ends_when_the_caller_goes_away() -> None:
    fakes = Fakes()
    fakes.executor.gate = asyncio.Event()
    messages: Iterator[Message] = iter(
        [{"type": "http.request", "body": b'{"query":"{ ok }"}', "more_body": False}, {"type": "http.disconnect"}]
    )
    replies: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        replies.append(message)

    await fakes.app()(post_scope(), receive, send)

    assert replies == []
    assert fakes.executor.was_cancelled
