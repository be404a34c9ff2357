"""The refreshing of the start page, and its content meanwhile."""

import re
from contextlib import ExitStack

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visiting
from tests.web.landingpage import badge, row
from tests.web.landingserver import FakeCluster, FakeFleet, served

SEEN = """isSeen => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => !isSeen})
  document.dispatchEvent(new Event('visibilitychange'))
}"""


async def test_it_asks_again_and_draws_what_was(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    async with visit(origin) as opened:
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(row(opened.page, "alpha").locator(".sparkline circle")).to_have_count(1)
        await expect(row(opened.page, "alpha").locator(".sparkline polyline")).to_have_count(0)
        fleet.clusters["alpha"] = FakeCluster(version="v1.38.0")

        await opened.page.clock.run_for(6_000)

        await expect(row(opened.page, "alpha").locator(".version")).to_have_text("v1.38.0")
        await expect(row(opened.page, "alpha").locator(".sparkline polyline")).to_have_count(1)
        assert fleet.queried.count("alpha") == 2


async def test_a_cluster_that_fails_is_asked_less_often(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.clusters["beta"] = FakeCluster(version=None, status="UNREACHABLE", error="cluster 'beta': gone.")

    async with visit(origin) as opened:
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(row(opened.page, "beta").locator(".why")).to_have_text("gone.")
        for _ in range(12):
            async with opened.page.expect_response(lambda answer: "alpha" in (answer.request.post_data or "")):
                await opened.page.clock.run_for(6_000)

    assert fleet.queried.count("beta") < fleet.queried.count("alpha") / 2


async def test_new_clusters_appear_and_old_ones_go(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    async with visit(origin) as opened:
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(badge(opened.page, "beta")).to_have_text("answers")
        fleet.clusters = {"alpha": fleet.clusters["alpha"], "gamma": FakeCluster()}

        await opened.page.clock.run_for(31_000)

        await expect(opened.page.locator("#rows .name")).to_have_text(["alpha", "gamma"])


@pytest.mark.parametrize("way", ["hidden", "paused"])
async def test_nobody_is_asked_while_nobody_looks(visit: Visiting, fleet: FakeFleet, origin: str, way: str) -> None:
    async with visit(origin) as opened:
        pause = opened.page.locator("#pause")
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(opened.page.locator("#rows [data-name=Warnings]")).to_have_text(["0", "0"])
        await (pause.click() if way == "paused" else opened.page.evaluate(SEEN, False))
        before = (len(fleet.queried), len(fleet.states), fleet.lists)

        await opened.page.clock.run_for(120_000)
        while_away = (len(fleet.queried), len(fleet.states), fleet.lists)
        await (pause.click() if way == "paused" else opened.page.evaluate(SEEN, True))
        async with opened.page.expect_response("**/graphql"):
            await opened.page.clock.run_for(500)

        assert while_away == before
        await expect(opened.page.locator("#updated")).to_contain_text("live · last answer at ")


async def test_what_is_old_is_called_old(visit: Visiting, fleet: FakeFleet) -> None:
    with ExitStack() as running:
        origin = running.enter_context(served(fleet))
        async with visit(origin) as opened:
            await opened.page.clock.install()
            await opened.page.goto(origin)
            await expect(badge(opened.page, "alpha")).to_have_text("answers")
            running.close()

            await opened.page.clock.run_for(120_000)

            notice = opened.page.locator("#notice")
            await expect(notice).to_contain_text("fleetgraph does not answer. The data is from ")
            await expect(opened.page.locator("#updated")).to_have_text(re.compile(r"^last answer at .*, \d+ s ago$"))
            await expect(opened.page.locator("#rows tr.old")).to_have_count(2)
            await expect(row(opened.page, "alpha")).to_contain_text("as of ")
