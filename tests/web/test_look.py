"""The look of GraphiQL: dark and light, wide and narrow, and for screen readers."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.web.chromium import Window, visiting
from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

DARK, WHITE = "rgb(33, 42, 59)", "rgb(255, 255, 255)"
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, select, textarea')]
  .filter(element => element.checkVisibility())
  .filter(element => !(element.textContent.trim() || element.ariaLabel || element.title || element.labels?.length))
  .map(element => element.outerHTML)"""


@pytest.fixture(scope="module")
async def wide(browser: Browser, graphiql_origin: str) -> AsyncIterator[GraphiqlPage]:
    """Opens GraphiQL as on a desk."""
    async with visiting(browser, graphiql_origin, Window(1280, 800)) as opened:
        page = GraphiqlPage(opened)
        await page.open()
        yield page


@pytest.fixture(scope="module")
async def narrow(browser: Browser, graphiql_origin: str) -> AsyncIterator[GraphiqlPage]:
    """Opens GraphiQL as on a telephone."""
    async with visiting(browser, graphiql_origin, Window(400, 800)) as opened:
        page = GraphiqlPage(opened)
        await page.open()
        yield page


async def test_it_is_as_dark_as_the_system(visit: Visiting, wide: GraphiqlPage) -> None:
    async with visit(wide.visit.origin, Window(scheme="dark")) as opened:
        dark = GraphiqlPage(opened)
        await dark.open()

        assert (await dark.ground(), await wide.ground()) == (DARK, WHITE)


async def test_a_chosen_theme_stays(graphiql: GraphiqlPage) -> None:
    await graphiql.page.get_by_label("Theme").select_option("dark")
    before = await graphiql.ground()

    await graphiql.open()

    assert (before, await graphiql.ground()) == (DARK, DARK)
    await expect(graphiql.page.get_by_label("Theme")).to_have_value("dark")


async def test_everything_is_in_reach_on_a_desk(wide: GraphiqlPage) -> None:
    await _run_and_reach(wide)


async def test_everything_is_in_reach_on_a_telephone(narrow: GraphiqlPage) -> None:
    await _run_and_reach(narrow)


async def _run_and_reach(graphiql: GraphiqlPage) -> None:
    window = graphiql.page.viewport_size
    assert window is not None

    await graphiql.run()

    assert await graphiql.page.evaluate("document.documentElement.scrollWidth") == window["width"]
    for place in (".graphiql-execute-button", ".answer .bad", ".result-window", "#graphiql-session", ".bar nav"):
        box = await graphiql.page.locator(place).bounding_box()
        assert box is not None, place
        assert box["x"] >= 0, place
        assert box["x"] + box["width"] <= window["width"], place
        assert box["y"] + box["height"] <= window["height"], place


async def test_editors_and_response_stand_below_each_other_where_it_is_narrow(narrow: GraphiqlPage) -> None:
    editors = await narrow.page.locator(".graphiql-editors").bounding_box()
    response = await narrow.page.locator(".graphiql-response").bounding_box()

    assert editors is not None
    assert response is not None
    assert response["y"] >= editors["y"] + editors["height"]
    assert min(editors["height"], response["height"]) > 200
    assert min(editors["width"], response["width"]) > 350


async def test_the_documentation_takes_the_place_where_it_is_narrow(narrow: GraphiqlPage) -> None:
    await narrow.page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(narrow.page.locator(".graphiql-sessions")).to_be_hidden()
    await narrow.page.get_by_role("button", name="Hide Documentation Explorer").click()

    await expect(narrow.page.locator(".graphiql-sessions")).to_be_visible()


async def test_everything_that_can_be_used_has_a_name(wide: GraphiqlPage) -> None:
    assert await wide.page.evaluate(NAMELESS) == []
    for name in ("Operation", "Response"):
        await expect(wide.page.get_by_role("textbox", name=name)).to_have_count(1)


async def test_the_keyboard_runs_the_operation(wide: GraphiqlPage) -> None:
    await wide.choose_tab("Fleet")
    await expect(wide.answer.locator(".bad")).to_have_count(0)
    await wide.page.locator(".graphiql-query-editor .view-lines").click()

    await wide.page.keyboard.press("Control+Enter")

    await expect(wide.answer.locator(".bad")).to_be_visible()
