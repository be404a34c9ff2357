"""Chromium, GraphiQL as it is built now, and servers of it."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import NoReturn, TypeAlias

import pytest
from playwright.async_api import Browser, expect

from tests.demo.serving import DemoServer
from tests.web.chromium import Visit, Window, chromium_program, launched, visiting
from tests.web.graphiqlpage import GraphiqlPage
from tests.web.landingserver import FakeCluster, FakeFleet, served
from web.build import build
from web.node import NodeJs

REQUIRED = "FLEETGRAPH_REQUIRE_BROWSER"
REASON = "no Chromium on the PATH; on Debian and Ubuntu: apt install chromium"

Visiting: TypeAlias = Callable[..., AbstractAsyncContextManager[Visit]]


def _give_up() -> NoReturn:
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REASON} ({REQUIRED}=1)", pytrace=False)
    pytest.skip(REASON)


@pytest.fixture(scope="session")
def built_graphiql(node: NodeJs) -> None:
    """Builds `web/dist/` from its sources; quick if they have not changed."""
    build()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Runs one Chromium for all tests; each page has storage of its own."""
    program = chromium_program()
    if program is None:
        _give_up()
    async with launched(program) as browser:
        yield browser


@pytest.fixture(scope="session")
def graphiql_origin(built_graphiql: None, request: pytest.FixtureRequest) -> str:
    """Runs a server of the demo fleet that starts after GraphiQL was built."""
    server = request.getfixturevalue("demo_server")
    assert isinstance(server, DemoServer)
    return server.url


@pytest.fixture
def visit(browser: Browser) -> Visiting:
    """Returns a function that opens pages; each is closed at the end of its `async with`."""

    def open_page(origin: str, window: Window | None = None) -> AbstractAsyncContextManager[Visit]:
        return visiting(browser, origin, window or Window())

    return open_page


@pytest.fixture
async def graphiql(visit: Visiting, graphiql_origin: str) -> AsyncIterator[GraphiqlPage]:
    """Opens GraphiQL with the demo fleet."""
    async with visit(graphiql_origin) as opened:
        page = GraphiqlPage(opened)
        await page.open()
        yield page


@pytest.fixture(scope="module")
async def loaded(browser: Browser, graphiql_origin: str) -> AsyncIterator[GraphiqlPage]:
    """Opens GraphiQL for all tests of a file, since each page takes seconds of a processor."""
    async with visiting(browser, graphiql_origin, Window()) as opened:
        page = GraphiqlPage(opened)
        await page.open()
        yield page


@pytest.fixture
async def empty_tab(loaded: GraphiqlPage) -> AsyncIterator[GraphiqlPage]:
    """Returns that page with an empty tab, without a response or a plugin."""
    await loaded.open_empty_tab()
    await expect(loaded.answer).not_to_contain_text(" ms")
    loaded.visit.complaints.clear()
    yield loaded
    await loaded.hide_plugin()


@pytest.fixture
def fleet() -> FakeFleet:
    """Returns two clusters that respond, for the start page."""
    return FakeFleet({"alpha": FakeCluster(), "beta": FakeCluster(labels={"env": "prod"}, version="v1.36.0")})


@pytest.fixture
def origin(fleet: FakeFleet) -> Iterator[str]:
    """Runs the server of `fleet`."""
    with served(fleet) as origin:
        yield origin
