"""The start page in Chromium: the state of the clusters, with any names and messages."""

import re
from collections.abc import Mapping

import pytest
from playwright.async_api import expect

from tests.demo.serving import DemoServer
from tests.web.chromium import Scheme, Visit, Window
from tests.web.conftest import Visiting
from tests.web.landingpage import badge, row
from tests.web.landingserver import FakeCluster, FakeFleet

SIZES = (1280, 800), (400, 800)
MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>'
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, textarea')]
  .filter(element => element.checkVisibility())
  .filter(element => !(element.textContent.trim() || element.ariaLabel || element.labels?.length))
  .map(element => element.outerHTML)"""


def _assert_well(visit: Visit) -> None:
    assert visit.complaints == []
    assert visit.foreign() == []


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_demos_clusters_are_there_at_once(
    visit: Visiting, demo_server: DemoServer, width: int, height: int, scheme: Scheme
) -> None:
    async with visit(demo_server.url, Window(width, height, scheme)) as opened:
        await opened.page.goto(demo_server.url)

        await expect(opened.page.locator("#summary")).to_have_text(
            re.compile(r"^5 of 6 clusters answer · .* pods · 1 node not ready · .* warnings? in 1 h$")
        )
        await expect(row(opened.page, "prod-eu-1")).to_contain_text("v1.36.2")
        await expect(row(opened.page, "prod-eu-1").locator(".labels li")).to_have_text(
            ["env=prod", "region=eu-west-1", "tier=critical"]
        )
        await expect(row(opened.page, "prod-ap-1")).to_contain_text("answers slowly")
        await expect(badge(opened.page, "dr-us-2")).to_have_text("unreachable")
        await expect(row(opened.page, "dr-us-2").locator(".why")).to_have_text("no connection (Connection refused).")
        await expect(opened.page.locator("#result")).to_contain_text("Without dr-us-2, which did not answer.")
        await expect(opened.page.locator("#sign-in")).to_be_hidden()
        assert await opened.page.evaluate("document.documentElement.scrollWidth") == width
        _assert_well(opened)


async def test_its_ground_is_as_dark_as_the_system(visit: Visiting, origin: str) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        async with visit(origin, Window(scheme=scheme)) as opened:
            await opened.page.goto(origin)
            grounds.append(await opened.page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert grounds == ["rgb(248, 249, 252)", "rgb(20, 26, 36)"]


async def test_a_cluster_that_hangs_delays_no_other(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.known = {"aaa": FakeCluster(is_hanging=True)} | fleet.known

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(badge(opened.page, "alpha")).to_have_text("answers")
        await expect(badge(opened.page, "beta")).to_have_text("answers")
        await expect(badge(opened.page, "aaa")).to_have_text("asking …")


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_markup_of_a_cluster_is_text(
    visit: Visiting, fleet: FakeFleet, origin: str, width: int, height: int
) -> None:
    long = "x" * 300
    labels = {"k": MARKUP, long: long}
    hostile = FakeCluster(description=MARKUP, labels=labels, version=MARKUP, status="FORBIDDEN", error=MARKUP)
    broken = FakeCluster(version=None, status="UNREACHABLE", error=f"{MARKUP} {long} \u202egnp.exe")
    fleet.known = {MARKUP: hostile, long: broken}
    fleet.pods = {
        "totalCount": 1,
        "nodes": [_pod({"namespace": MARKUP, "name": long, "reason": MARKUP})],
        "clusters": [{"cluster": {"name": MARKUP}, "status": "TIMEOUT"}],
    }

    async with visit(origin, Window(width, height)) as opened:
        await opened.page.goto(origin)

        hostile_row = row(opened.page, MARKUP)
        await expect(hostile_row.locator("th .hint")).to_have_text(MARKUP)
        await expect(hostile_row.locator(".version")).to_have_text(MARKUP)
        await expect(hostile_row.locator("td .hint")).to_have_text(MARKUP)
        await expect(hostile_row.locator(".labels li").first).to_have_text(f"k={MARKUP}")
        await expect(row(opened.page, long).locator(".why")).to_contain_text(MARKUP)
        await expect(opened.page.locator("#result")).to_contain_text(MARKUP)
        assert await opened.page.locator("main :is(img, b, script)").count() == 0
        assert await opened.page.title() == "fleetgraph"
        assert await opened.page.evaluate("document.documentElement.scrollWidth") == width
        _assert_well(opened)


def _pod(fields: Mapping[str, object]) -> Mapping[str, object]:
    return {"cluster": {"name": MARKUP}, "restarts": 1, "node": {"name": MARKUP, "ready": False}, **fields}


async def test_an_example_without_a_list_says_why(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.pods = None

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(opened.page.locator("#result")).to_have_text("too many pods")


async def test_a_snapshot_says_of_when_it_is(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.known = {"last-night": FakeCluster(taken_at="2026-11-24T02:00:00Z")}

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(row(opened.page, "last-night").locator("th .hint")).to_contain_text(
            re.compile("Snapshot of .*2026")
        )


async def test_a_cluster_that_forbids_a_list_says_so(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.known = {"alpha": FakeCluster(status="FORBIDDEN", error="cluster 'alpha': nodes is forbidden.")}

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(badge(opened.page, "alpha")).to_have_text("forbidden")
        await expect(row(opened.page, "alpha").locator("td .hint")).to_have_text("nodes is forbidden.")
        await expect(row(opened.page, "alpha").locator(".version")).to_have_text("v1.37.2")


async def test_a_cluster_that_does_not_tell_its_version_answers(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.known = {"alpha": FakeCluster(version=None)}

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(badge(opened.page, "alpha")).to_have_text("answers")
        await expect(row(opened.page, "alpha").locator(".version")).to_have_text("unknown")


async def test_without_clusters_it_says_how_to_get_some(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.known = {}

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(opened.page.locator("#empty")).to_contain_text("fleetgraph clusters import --all")


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_everything_has_a_name_and_a_role(visit: Visiting, origin: str, width: int, height: int) -> None:
    async with visit(origin, Window(width, height)) as opened:
        await opened.page.goto(origin)
        await expect(badge(opened.page, "beta")).to_have_text("answers")

        assert await opened.page.evaluate(NAMELESS) == []
        table = opened.page.get_by_role("table").first
        await expect(table.get_by_role("columnheader")).to_have_count(8)
        await expect(table.get_by_role("rowheader")).to_have_count(2)
        await expect(table.get_by_role("cell")).to_have_count(14)
        await expect(opened.page.get_by_role("status")).to_have_text("2 of 2 clusters answer")
