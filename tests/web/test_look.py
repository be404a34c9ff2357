"""The look of GraphiQL: dark and light, wide and narrow, and for screen readers."""

import pytest
from playwright.async_api import expect

from tests.web.chromium import Scheme, Window
from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

DARK, WHITE = "rgb(33, 42, 59)", "rgb(255, 255, 255)"
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, select, textarea')]
  .filter(element => element.checkVisibility())
  .filter(element => !(element.textContent.trim() || element.ariaLabel || element.title || element.labels?.length))
  .map(element => element.outerHTML)"""
SIZES = (1280, 800), (400, 800)


@pytest.mark.parametrize(("scheme", "ground"), [("dark", DARK), ("light", WHITE)])
async def test_it_is_as_dark_as_the_system(visit: Visiting, graphiql_origin: str, scheme: Scheme, ground: str) -> None:
    async with visit(graphiql_origin, Window(scheme=scheme)) as opened:
        graphiql = GraphiqlPage(opened)
        await graphiql.open()

        assert await graphiql.ground() == ground


async def test_a_chosen_theme_stays(graphiql: GraphiqlPage) -> None:
    await graphiql.page.get_by_label("Theme").select_option("dark")
    before = await graphiql.ground()

    await graphiql.open()

    assert (before, await graphiql.ground()) == (DARK, DARK)
    await expect(graphiql.page.get_by_label("Theme")).to_have_value("dark")


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_everything_is_in_reach(visit: Visiting, graphiql_origin: str, width: int, height: int) -> None:
    async with visit(graphiql_origin, Window(width, height)) as opened:
        graphiql = GraphiqlPage(opened)
        await graphiql.open()
        await graphiql.run()

        assert await opened.page.evaluate("document.documentElement.scrollWidth") == width
        for place in (".graphiql-execute-button", ".answer .bad", ".result-window", "#graphiql-session", ".bar nav"):
            box = await opened.page.locator(place).bounding_box()
            assert box is not None, place
            assert box["x"] >= 0, place
            assert box["x"] + box["width"] <= width, place
            assert box["y"] + box["height"] <= height, place


async def test_editors_and_response_stand_below_each_other_where_it_is_narrow(
    visit: Visiting, graphiql_origin: str
) -> None:
    async with visit(graphiql_origin, Window(400, 800)) as opened:
        await GraphiqlPage(opened).open()
        editors = await opened.page.locator(".graphiql-editors").bounding_box()
        response = await opened.page.locator(".graphiql-response").bounding_box()

    assert editors is not None
    assert response is not None
    assert response["y"] >= editors["y"] + editors["height"]
    assert min(editors["height"], response["height"]) > 200
    assert min(editors["width"], response["width"]) > 350


async def test_the_documentation_takes_the_place_where_it_is_narrow(visit: Visiting, graphiql_origin: str) -> None:
    async with visit(graphiql_origin, Window(400, 800)) as opened:
        await GraphiqlPage(opened).open()
        await opened.page.get_by_role("button", name="Show Documentation Explorer").click()
        await expect(opened.page.locator(".graphiql-sessions")).to_be_hidden()
        await opened.page.get_by_role("button", name="Hide Documentation Explorer").click()

        await expect(opened.page.locator(".graphiql-sessions")).to_be_visible()


async def test_everything_that_can_be_used_has_a_name(graphiql: GraphiqlPage) -> None:
    assert await graphiql.page.evaluate(NAMELESS) == []
    for name in ("Operation", "Response"):
        await expect(graphiql.page.get_by_role("textbox", name=name)).to_have_count(1)


async def test_the_keyboard_runs_the_operation(graphiql: GraphiqlPage) -> None:
    await graphiql.page.locator(".graphiql-query-editor .view-lines").click()

    await graphiql.page.keyboard.press("Control+Enter")

    await expect(graphiql.answer.locator(".bad")).to_be_visible()
