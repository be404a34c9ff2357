"""Pages of text in a browser: the manual, errors."""

import re

import pytest
from playwright.async_api import expect

from server.pages.manual import manual_folder
from tests.web.chromium import Window
from tests.web.conftest import Visiting

WIDE, NARROW = Window(1280, 800), Window(400, 800)
PAGES = ("/docs/", *(f"/docs/{path.stem}" for path in sorted(manual_folder().glob("*.md"))))
CUT_TABLES = """[...document.querySelectorAll('main table')]
  .filter((table) => table.scrollWidth > table.clientWidth + 1)
  .map((table) => table.querySelector('th').textContent)"""


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=lambda window: str(window.width))
async def test_pages_of_text_fit(visit: Visiting, origin: str, window: Window) -> None:
    async with visit(origin, window) as opened:
        for path in PAGES:
            await opened.page.goto(f"{origin}{path}")
            assert await opened.page.evaluate("document.documentElement.scrollWidth") == window.width, path
            if window == WIDE:
                assert await opened.page.evaluate(CUT_TABLES) == [], path
        assert (opened.complaints, opened.foreign()) == ([], [])

        await opened.page.goto(f"{origin}/nothing")
        assert await opened.page.evaluate("document.documentElement.scrollWidth") == window.width


async def test_the_search_leads_to_a_section(visit: Visiting, origin: str) -> None:
    async with visit(origin, WIDE) as opened:
        page = opened.page
        await page.goto(f"{origin}/docs/cli")
        await page.keyboard.press("/")
        await page.keyboard.type("GROUPS requested")
        await expect(page.get_by_role("option", selected=True)).to_contain_text("Groups")
        await page.keyboard.press("Enter")

        await page.wait_for_url("**/docs/schema#groups")
        assert opened.complaints == []


@pytest.mark.parametrize("words", ["FLEETGRAPH_MAX_COST", "--allow", 'path: "', "FLEETGRAPH_URL (", "[type=Ready]"])
async def test_the_search_takes_punctuation_as_it_is(visit: Visiting, origin: str, words: str) -> None:
    async with visit(origin, WIDE) as opened:
        page = opened.page
        await page.goto(f"{origin}/docs/")
        await page.get_by_role("combobox").fill(words)

        marks = page.get_by_role("option").locator("mark")
        await expect(marks.first).to_have_text(re.compile("|".join(map(re.escape, words.split())), re.IGNORECASE))


async def test_the_search_says_that_nothing_is_there(visit: Visiting, origin: str) -> None:
    async with visit(origin, WIDE) as opened:
        await opened.page.goto(f"{origin}/docs/cli")
        await opened.page.get_by_role("combobox").fill("<b>xyzzy")

        await expect(opened.page.get_by_role("listbox")).to_contain_text("Nothing has all of these words.")
        await opened.page.keyboard.press("Escape")
        await expect(opened.page.get_by_role("listbox")).to_be_hidden()


async def test_code_is_copied_as_it_is_written(visit: Visiting, origin: str) -> None:
    async with visit(origin, WIDE) as opened:
        await opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
        await opened.page.goto(f"{origin}/docs/demo")
        block = opened.page.locator(".code").first
        await block.hover()
        await block.get_by_role("button", name="Copy").click()

        await expect(block.get_by_role("button", name="Copied")).to_be_visible()
        assert (
            await opened.page.evaluate("navigator.clipboard.readText()") == await block.locator("code").text_content()
        )


async def test_in_a_narrow_window_the_pages_are_behind_a_button_on_top(visit: Visiting, origin: str) -> None:
    async with visit(origin, NARROW) as opened:
        page = opened.page
        await page.goto(f"{origin}/docs/schema")
        pages, button = page.get_by_role("navigation", name="Documentation"), page.get_by_role("button", name="Pages")
        await expect(pages).to_be_hidden()
        box, title = await button.bounding_box(), await page.locator("h1").bounding_box()
        assert box is not None
        assert title is not None
        assert box["y"] < title["y"]

        await button.click()
        await pages.get_by_role("link", name="Groups").click()
        await page.wait_for_url("**/docs/schema#groups")
        await expect(pages).to_be_hidden()
