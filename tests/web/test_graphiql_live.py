"""A subscription in GraphiQL: its list as it changes, until it is stopped."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.demo.serving import DemoServer
from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

DEAD = "dr-us-2"


@pytest.fixture(scope="module")
def moving_origin(built_graphiql: None) -> Iterator[str]:
    """Runs the demo fleet with its clock: pods crash, are replaced and come back."""
    with DemoServer("--no-open") as server:
        yield server.url


async def test_a_subscription_shows_its_list_as_it_changes_until_it_is_stopped(
    visit: Visiting, moving_origin: str
) -> None:
    async with visit(moving_origin) as opened:
        graphiql = GraphiqlPage(opened)
        await graphiql.open()
        await _follow(graphiql)


async def _follow(graphiql: GraphiqlPage) -> None:
    await graphiql.choose_tab("Live")
    await graphiql.press_run()
    await expect(graphiql.answer).to_contain_text("live · ")
    await expect(graphiql.answer.locator(".good")).to_have_text("5 OK")
    await expect(graphiql.answer.locator(".bad")).to_have_text(f"{DEAD} unreachable")
    cells = graphiql.page.locator(".table-view tbody")
    first = await cells.inner_text()
    assert "prod-us-1" in first

    await expect(cells).not_to_have_text(first, use_inner_text=True, timeout=120_000)
    await graphiql.page.get_by_role("button", name="Stop query").click()

    await expect(graphiql.answer).to_contain_text("ended · ")
    assert graphiql.visit.complaints == []


async def test_a_subscription_that_is_refused_says_why(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste('subscription { pods(where: [{ path: "nothing", value: 1 }]) { changes { id type } } }')
    await empty_tab.press_run()

    await expect(empty_tab.page.locator(".result-window")).to_contain_text("nothing")
