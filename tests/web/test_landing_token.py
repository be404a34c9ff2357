"""Signing in on the start page."""

import asyncio

from playwright.async_api import Route, expect

from tests.server.http_parts import TOKEN
from tests.web.conftest import Visiting
from tests.web.landingpage import badge, until
from tests.web.landingserver import FakeFleet, served


async def test_a_token_is_asked_for_where_one_is_needed(visit: Visiting, fleet: FakeFleet) -> None:
    with served(fleet, is_token_required=True) as origin:
        async with visit(origin) as opened:
            await opened.page.goto(origin)
            token = opened.page.get_by_label("API token")
            await expect(token).to_be_visible()
            await expect(opened.page.locator("#clusters")).to_be_hidden()
            asked_before = (fleet.asked[:], fleet.lists)

            await token.fill(f"  {TOKEN} ")
            await token.press("Enter")

            await expect(badge(opened.page, "alpha")).to_have_text("answers")
            await expect(token).to_be_hidden()
            assert asked_before == ([], 0)
            assert await opened.page.evaluate("sessionStorage.getItem('fleetgraph.token')") == TOKEN
            assert TOKEN not in await opened.page.content()
            assert (opened.complaints, opened.foreign()) == ([], [])


async def test_a_wrong_token_is_refused_in_words_and_forgotten(visit: Visiting, fleet: FakeFleet) -> None:
    with served(fleet, is_token_required=True) as origin:
        async with visit(origin) as opened:
            await opened.page.goto(origin)
            await opened.page.get_by_label("API token").fill("wrong")
            await opened.page.get_by_role("button", name="Sign in").click()

            await expect(opened.page.get_by_role("alert")).to_contain_text("This token is not valid.")
            await expect(opened.page.get_by_label("API token")).to_be_focused()
            assert await opened.page.evaluate("sessionStorage.getItem('fleetgraph.token')") is None
            assert (fleet.asked, fleet.lists) == ([], 0)


async def test_signing_out_leaves_nothing(visit: Visiting, fleet: FakeFleet) -> None:
    with served(fleet, is_token_required=True) as origin:
        async with visit(origin) as opened:
            await opened.page.goto(origin)
            await opened.page.evaluate("token => sessionStorage.setItem('fleetgraph.token', token)", TOKEN)
            await opened.page.reload()
            await expect(badge(opened.page, "alpha")).to_have_text("answers")

            await opened.page.get_by_role("button", name="Sign out").click()

            await expect(opened.page.get_by_label("API token")).to_be_visible()
            await expect(opened.page.locator("#rows tr")).to_have_count(0)
            await expect(opened.page.locator("#summary")).to_have_text("")
            assert await opened.page.evaluate("sessionStorage.length") == 0
            await until(lambda: not fleet.followers)


async def test_a_response_after_signing_out_is_not_shown(visit: Visiting, fleet: FakeFleet) -> None:
    held = asyncio.Event()

    async def answer(route: Route) -> None:
        if "canary" not in (route.request.post_data or ""):
            await route.continue_()
            return
        await held.wait()
        await route.fulfill(json={"data": {"secret": "of the one before"}})

    with served(fleet, is_token_required=True) as origin:
        async with visit(origin) as opened:
            page = opened.page
            await page.goto(origin)
            await page.evaluate("token => sessionStorage.setItem('fleetgraph.token', token)", TOKEN)
            await page.reload()
            await page.route("**/graphql", answer)
            await page.locator("#query").fill("{ canary }")
            async with page.expect_request(lambda request: "canary" in (request.post_data or "")):
                await page.locator("#run").click()

            await page.get_by_role("button", name="Sign out").click()
            held.set()

            await expect(page.locator("#run")).to_be_enabled()
            assert await page.locator("#result").text_content() == ""
