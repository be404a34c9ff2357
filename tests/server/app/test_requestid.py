"""The id of a request, chosen by the caller or made."""

import json

import httpx
import pytest

from server.observe.logs import configure_logging
from server.settings.settings import Settings
from tests.server.http_parts import AUTHORIZED, Fakes


async def _answered(*headers: tuple[str, str]) -> httpx.Response:
    all_headers = [*AUTHORIZED.items(), ("Content-Type", "application/json"), *headers]
    async with Fakes().client() as client:
        return await client.post("/graphql", content=b'{"query":"{ ok }"}', headers=all_headers)


async def test_a_sane_one_is_returned_and_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())

    response = await _answered(("X-Request-Id", "req-0123:abc/DEF="))

    assert response.headers["x-request-id"] == "req-0123:abc/DEF="
    (event,) = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert event["request_id"] == "req-0123:abc/DEF="


@pytest.mark.parametrize(
    "value", ["", "short", "a" * 129, "with space", '{"a":"b"}', "-leading", "x\x1b[31mred", "x\tcontrol"]
)
async def test_any_other_is_replaced(value: str) -> None:
    response = await _answered(("X-Request-Id", value))

    request_id = response.headers["x-request-id"]
    assert len(request_id) == 16
    assert value not in request_id or not value


async def test_of_two_none_is_believed() -> None:
    response = await _answered(("X-Request-Id", "first-one"), ("X-Request-Id", "second-one"))

    assert response.headers["x-request-id"] not in {"first-one", "second-one"}


async def test_each_request_without_one_gets_another() -> None:
    first, second = await _answered(), await _answered()

    assert first.headers["x-request-id"] != second.headers["x-request-id"]
