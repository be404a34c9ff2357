"""The start page follows the fleet, for as long as somebody looks."""

import re
from contextlib import ExitStack
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visiting
from tests.web.landingpage import badge, row, until
from tests.web.landingserver import FakeCluster, FakeFleet, served

FOLLOWED = ["badNodes", "badPods", "behind", "fleet", "warnings"]
SEEN = """isSeen => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => !isSeen})
  document.dispatchEvent(new Event('visibilitychange'))
}"""


async def test_it_asks_once_and_draws_what_was(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    async with visit(origin) as opened:
        await opened.page.goto(origin)
        await expect(row(opened.page, "alpha").locator(".sparkline circle")).to_have_count(1)
        await expect(row(opened.page, "alpha").locator(".sparkline polyline")).to_have_count(0)
        fleet.known["alpha"] = FakeCluster(version="v1.38.0", wrong={"badPods": 3})

        await expect(row(opened.page, "alpha").locator(".version")).to_have_text("v1.38.0")
        await expect(row(opened.page, "alpha").locator(".sparkline polyline")).to_have_count(1)
        await expect(row(opened.page, "alpha").locator("[data-name=Pods]")).to_have_text("3 / 40")
        fleet.known["alpha"] = FakeCluster(version="v1.38.0", wrong={"badPods": 1})
        await expect(row(opened.page, "alpha").locator("[data-name=Pods]")).to_have_text("1 / 40")
        assert (sorted(fleet.asked), fleet.lists) == (FOLLOWED, 1)
        assert (opened.complaints, opened.foreign()) == ([], [])


async def test_a_cluster_that_dies_says_why_and_comes_back(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    async with visit(origin) as opened:
        await opened.page.goto(origin)
        await expect(badge(opened.page, "beta")).to_have_text("answers")
        well = fleet.known["beta"]
        fleet.known["beta"] = replace(well, version=None, status="UNREACHABLE", error="cluster 'beta': gone.")

        await expect(row(opened.page, "beta").locator(".why")).to_have_text("gone.")
        await expect(opened.page.locator("#summary")).to_contain_text("1 of 2 clusters answer")
        fleet.known["beta"] = well
        await expect(badge(opened.page, "beta")).to_have_text("answers")
        await expect(row(opened.page, "beta").locator("[data-name=Warnings]")).to_have_text("0")


async def test_new_clusters_appear_and_old_ones_go(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    async with visit(origin) as opened:
        await opened.page.goto(origin)
        await expect(badge(opened.page, "beta")).to_have_text("answers")
        fleet.known = {"alpha": fleet.known["alpha"], "gamma": FakeCluster()}

        await expect(opened.page.locator("#rows .name")).to_have_text(["alpha", "gamma"])


@pytest.mark.parametrize("way", ["hidden", "paused"])
async def test_nobody_is_asked_while_nobody_looks(visit: Visiting, fleet: FakeFleet, origin: str, way: str) -> None:
    async with visit(origin) as opened:
        pause = opened.page.locator("#pause")
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(opened.page.locator("#rows [data-name=Warnings]")).to_have_text(["0", "0"])
        await until(lambda: sorted(fleet.followers) == FOLLOWED)
        await (pause.click() if way == "paused" else opened.page.evaluate(SEEN, False))
        await until(lambda: not fleet.followers)

        await opened.page.clock.run_for(120_000)
        while_away = (len(fleet.asked), fleet.lists)
        fleet.known = {"alpha": FakeCluster(wrong={"warnings": 2})}
        await (pause.click() if way == "paused" else opened.page.evaluate(SEEN, True))

        await expect(opened.page.locator("#rows [data-name=Warnings]")).to_have_text(["2"])
        await expect(opened.page.locator("#updated")).to_contain_text("live · last answer at ")
        assert while_away == (len(FOLLOWED), 1)


async def test_what_is_old_is_called_old_until_the_server_is_back(visit: Visiting, fleet: FakeFleet) -> None:
    with ExitStack() as running:
        origin = running.enter_context(served(fleet))
        async with visit(origin) as opened:
            await opened.page.clock.install()
            await opened.page.goto(origin)
            await expect(badge(opened.page, "alpha")).to_have_text("answers")
            running.close()
            notice = opened.page.locator("#notice")
            await expect(notice).to_contain_text("The data is from ")

            await opened.page.clock.run_for(120_000)

            await expect(notice).to_contain_text("fleetgraph does not answer. The data is from ")
            await expect(opened.page.locator("#updated")).to_have_text(re.compile(r"^last answer at .*, \d+ s ago$"))
            await expect(opened.page.locator("#rows tr.old")).to_have_count(2)
            await expect(row(opened.page, "alpha")).to_contain_text("as of ")

            fleet.known = {"alpha": FakeCluster(version="v1.38.0")}
            running.enter_context(served(fleet, port=int(origin.rpartition(":")[2])))
            await opened.page.clock.run_for(31_000)  # the longest wait, and too short for silence
            await expect(row(opened.page, "alpha").locator(".version")).to_have_text("v1.38.0")
            await expect(opened.page.locator("#rows tr.old")).to_have_count(0)
            await expect(opened.page.locator("#rows tr")).to_have_count(1)
            await expect(notice).to_be_hidden()
