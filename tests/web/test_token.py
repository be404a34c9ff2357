"""GraphiQL with a server that wants a token."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
from playwright.async_api import Locator, expect

from tests.server.serverprocess import ROOT, ServerProcess
from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Returns the environment of a registry of its own, without clusters."""
    folder = tmp_path_factory.mktemp("registry")
    home = {name: str(folder / name) for name in ("XDG_DATA_HOME", "XDG_STATE_HOME")}
    return {"HOME": str(folder), **home, "FLEETGRAPH_DATABASE_URL": f"sqlite:///{folder}/fleetgraph.db"}


@pytest.fixture(scope="module")
def token(environment: Mapping[str, str]) -> str:
    """Returns an administrator's token."""
    completed = subprocess.run(
        [sys.executable, "-m", "server.main", "tokens", "create", "--name", "web", "--admin"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return completed.stdout.strip()


@pytest.fixture(scope="module")
def origin(built_graphiql: None, environment: Mapping[str, str], token: str) -> Iterator[str]:
    """Runs `fleetgraph serve`, and returns its origin."""
    with ServerProcess(environment) as server:
        yield server.url


@pytest.fixture
async def graphiql(visit: Visiting, origin: str) -> AsyncIterator[GraphiqlPage]:
    """Opens GraphiQL, which is loaded but has no schema yet."""
    async with visit(origin) as opened:
        page = GraphiqlPage(opened)
        await page.open()
        yield page


async def _use(graphiql: GraphiqlPage, token: str) -> None:
    await graphiql.page.get_by_label("Token", exact=True).fill(token)
    await graphiql.page.get_by_role("button", name="Use", exact=True).click()


def _reason(graphiql: GraphiqlPage) -> Locator:
    return graphiql.page.locator("#token-reason[role=alert]")


async def test_without_a_token_one_is_asked_for_and_nothing_sent(graphiql: GraphiqlPage) -> None:
    await expect(_reason(graphiql)).to_have_text("This server needs a token. Paste yours into the field above.")
    assert f"{graphiql.visit.origin}/graphql" not in graphiql.visit.requests


async def test_a_wrong_token_is_said_to_be_wrong(graphiql: GraphiqlPage) -> None:
    await _use(graphiql, "wrong")

    await expect(_reason(graphiql)).to_contain_text("The server does not accept this token.")
    assert graphiql.visit.requests.count(f"{graphiql.visit.origin}/graphql") == 1


async def test_the_right_token_loads_the_schema_and_answers(graphiql: GraphiqlPage, token: str) -> None:
    await _use(graphiql, "wrong")
    await expect(_reason(graphiql)).to_contain_text("does not accept")

    await _use(graphiql, token)

    await expect(graphiql.page.get_by_role("button", name="In use")).to_be_visible()
    await expect(_reason(graphiql)).to_be_empty()
    await graphiql.choose_tab("Counts")
    assert (await graphiql.run())["data"] == {"clusters": []}


async def test_the_token_is_kept_in_the_session_alone(graphiql: GraphiqlPage, token: str) -> None:
    await _use(graphiql, token)
    await graphiql.run()
    await graphiql.page.wait_for_function("() => localStorage.getItem('graphiql:tabState') !== null")

    assert await graphiql.page.evaluate("sessionStorage.getItem('fleetgraph.token')") == token
    assert token not in await graphiql.page.evaluate("JSON.stringify(localStorage)")
    assert [url for url in graphiql.visit.requests if token in url] == []
    assert await graphiql.page.context.cookies() == []


async def test_a_reload_keeps_the_token_and_another_tab_has_none(
    graphiql: GraphiqlPage, visit: Visiting, token: str
) -> None:
    await _use(graphiql, token)
    await graphiql.run()
    await graphiql.open()
    other = await graphiql.page.context.new_page()
    await other.goto(f"{graphiql.visit.origin}/graphiql")

    assert "errors" not in await graphiql.run()
    assert await other.evaluate("sessionStorage.getItem('fleetgraph.token')") is None
