"""The log of requests, and the responses to unexpected errors."""

import json
from collections.abc import Mapping

import pytest

from server.observe.logs import configure_logging
from server.settings.observation import LogFormat, LogLevel
from server.settings.settings import Settings
from tests.server.http_parts import AUTHORIZED, TOKEN, FakeExecutor, Fakes, code_of


def _events(text: str) -> list[Mapping[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_er_1_an_unexpected_error_is_masked_and_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    fakes = Fakes(FakeExecutor(error=RuntimeError("dsn postgres://u:canary@h/db")))

    response = await fakes.post()

    error_id = response.json()["errors"][0]["extensions"]["id"]
    assert (response.status_code, code_of(response)) == (500, "INTERNAL")
    assert "canary" not in response.text
    unexpected = [event for event in _events(capsys.readouterr().err) if event["event"] == "unexpected error"]
    assert [event["id"] for event in unexpected] == [error_id]
    assert "RuntimeError" in str(unexpected[0]["exception"])


async def test_a_request_is_one_line_with_its_caller_and_without_its_query_string(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(Settings())
    fakes = Fakes()

    headers = {**AUTHORIZED, "Content-Type": "application/json"}
    async with fakes.client() as client:
        response = await client.post("/graphql?secret=canary", content=b'{"query":"{ ok }"}', headers=headers)

    (event,) = _events(capsys.readouterr().err)
    assert (event["event"], event["path"], event["status"], event["caller"]) == ("request", "/graphql", 200, "robot")
    assert event["request_id"] == response.headers["x-request-id"]
    assert "canary" not in str(event)


async def test_er_5_even_at_debug_no_token_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_level=LogLevel.DEBUG))

    await Fakes().post()

    assert TOKEN not in capsys.readouterr().err


@pytest.mark.parametrize("log_format", list(LogFormat))
async def test_er_6_a_hostile_path_is_one_line(log_format: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_format=log_format))

    async with Fakes().client() as client:
        await client.get("/x%0d%0a%1b[31m{}%22")

    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
