"""Hostile requests of any sort are read in linear time, and with little memory."""

import asyncio
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from server.ratelimit.anonymous import AnonymousLimits
from tests.server.hostileinput import PIECES, require_linear_and_short
from tests.server.http_parts import Fakes, post_scope

HEADERS = (
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-request-method",
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "fleetgraph-explain",
    "forwarded",
    "host",
    "if-none-match",
    "origin",
    "range",
    "sec-fetch-mode",
    "traceparent",
    "x-request-id",
)
STARTS = {"authorization": "bearer fgt_", "content-type": "application/json;", "traceparent": "00-"}


class Asking:
    """A client that sends requests to an application, one after the other."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._runner = asyncio.Runner()

    def __call__(self, **scope: object) -> None:
        self._runner.run(self._ask(scope))

    def close(self) -> None:
        self._runner.close()

    async def _ask(self, scope: MutableMapping[str, object]) -> None:
        bodies = asyncio.Queue[Message]()
        bodies.put_nowait({"type": "http.request", "body": b'{"query":"{ ok }"}', "more_body": False})

        async def send(_message: MutableMapping[str, Any]) -> None:
            """Drops the response."""

        await self._app({**post_scope(), **scope}, bodies.get, send)


@pytest.fixture(scope="module")
def ask() -> Iterator[Asking]:
    limits = AnonymousLimits(requests_per_minute=10_000_000)
    fakes = Fakes(cors_origins=frozenset({"https://portal.example.com"}), is_traced=True, anonymous_limits=limits)
    asking = Asking(fakes.app())
    asking(method="GET", path="/schema.graphql")
    yield asking
    asking.close()


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize(("method", "path"), [("POST", "/graphql"), ("GET", "/schema.graphql")])
def test_a_hostile_header_is_read_in_linear_time(ask: Asking, header: str, method: str, path: str) -> None:
    usual = [pair for pair in post_scope()["headers"] if pair[0] != header.encode()]

    def read(text: str) -> None:
        ask(method=method, path=path, headers=[*usual, (header.encode(), text.encode())])

    for piece in PIECES:
        require_linear_and_short(read, STARTS.get(header, ""), piece)


@pytest.mark.parametrize("start", ["", "query=", "variables=", "query={ok}&"])
def test_a_hostile_query_string_is_read_in_linear_time(ask: Asking, start: str) -> None:
    for piece in PIECES:
        require_linear_and_short(lambda text: ask(method="GET", query_string=text.encode()), start, piece)


@pytest.mark.parametrize("start", ["/", "/docs/", "/graphiql/assets/", "/graphql"])
def test_a_hostile_path_is_read_in_linear_time(ask: Asking, start: str) -> None:
    for piece in PIECES[::3]:
        require_linear_and_short(lambda text: ask(method="GET", path=text), start, piece)
