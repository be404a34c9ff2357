"""The start page in Chromium: how the clusters are, whoever they are and whatever they say."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest
from playwright.async_api import Locator, Page, expect

from tests.demo.serving import DemoServer
from tests.server.http_parts import TOKEN
from tests.web.chromium import Scheme, Visit, Window
from tests.web.conftest import Visiting
from tests.web.landingserver import FakeCluster, FakeFleet, served

SIZES = (1280, 800), (400, 800)
MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>'
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input')]
  .filter(element => element.checkVisibility())
  .filter(element => !(element.textContent.trim() || element.ariaLabel || element.labels?.length))
  .map(element => element.outerHTML)"""
SEEN = """isSeen => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => !isSeen})
  document.dispatchEvent(new Event('visibilitychange'))
}"""


def _row(page: Page, name: str) -> Locator:
    return page.locator("#rows tr").filter(has=page.locator(".name").get_by_text(name, exact=True))


def _assert_well(visit: Visit) -> None:
    assert visit.complaints == []
    assert visit.foreign() == []


@pytest.fixture
def fleet() -> FakeFleet:
    return FakeFleet({"alpha": FakeCluster(), "beta": FakeCluster(labels={"env": "prod"}, version="v1.36.0")})


@pytest.fixture
def origin(fleet: FakeFleet) -> Iterator[str]:
    with served(fleet) as origin:
        yield origin


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_demos_clusters_are_there_at_once(
    visit: Visiting, demo_server: DemoServer, width: int, height: int, scheme: Scheme
) -> None:
    async with visit(demo_server.url, Window(width, height, scheme)) as opened:
        await opened.page.goto(demo_server.url)

        await expect(opened.page.locator("#summary")).to_have_text(re.compile(r"^5 of 6 clusters answer · .* pods$"))
        await expect(_row(opened.page, "prod-eu-1")).to_contain_text("v1.36.2")
        await expect(_row(opened.page, "prod-eu-1").locator(".labels li")).to_have_text(
            ["env=prod", "region=eu-west-1", "tier=critical"]
        )
        await expect(_row(opened.page, "prod-ap-1")).to_contain_text("answers slowly")
        await expect(_row(opened.page, "dr-us-2").locator(".badge")).to_have_text("unreachable")
        await expect(_row(opened.page, "dr-us-2").locator(".why")).to_have_text("no connection (Connection refused).")
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
    fleet.clusters = {"aaa": FakeCluster(is_hanging=True)} | fleet.clusters

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(_row(opened.page, "alpha").locator(".badge")).to_have_text("answers")
        await expect(_row(opened.page, "beta").locator(".badge")).to_have_text("answers")
        await expect(_row(opened.page, "aaa").locator(".badge")).to_have_text("asking …")


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_markup_of_a_cluster_is_text(
    visit: Visiting, fleet: FakeFleet, origin: str, width: int, height: int
) -> None:
    long = "x" * 300
    hostile = FakeCluster(description=MARKUP, labels={"k": MARKUP, long: long}, version=MARKUP, error=MARKUP)
    broken = FakeCluster(version=None, status="UNREACHABLE", error=f"{MARKUP} {long} \u202egnp.exe")
    fleet.clusters = {MARKUP: hostile, long: broken}
    fleet.pods = {
        "totalCount": 1,
        "nodes": [_pod({"namespace": MARKUP, "name": long, "reason": MARKUP})],
        "clusters": [{"cluster": {"name": MARKUP}, "status": "TIMEOUT"}],
    }

    async with visit(origin, Window(width, height)) as opened:
        await opened.page.goto(origin)

        row = _row(opened.page, MARKUP)
        await expect(row.locator("th .hint")).to_have_text(MARKUP)
        await expect(row.locator(".version")).to_have_text(MARKUP)
        await expect(row.locator("td .hint")).to_have_text(MARKUP)
        await expect(row.locator(".labels li").first).to_have_text(f"k={MARKUP}")
        await expect(_row(opened.page, long).locator(".why")).to_contain_text(MARKUP)
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
    fleet.clusters = {"last-night": FakeCluster(taken_at="2026-11-24T02:00:00Z")}

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(_row(opened.page, "last-night").locator("th .hint")).to_contain_text(
            re.compile("Snapshot of .*2026")
        )


async def test_a_cluster_that_forbids_a_list_says_so(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.clusters = {"alpha": FakeCluster(status="FORBIDDEN", error="cluster 'alpha': nodes is forbidden.")}

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(_row(opened.page, "alpha").locator(".badge")).to_have_text("forbidden")
        await expect(_row(opened.page, "alpha").locator("td .hint")).to_have_text("nodes is forbidden.")
        await expect(_row(opened.page, "alpha").locator(".version")).to_have_text("v1.37.2")


async def test_without_clusters_it_says_how_to_get_some(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.clusters = {}

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await expect(opened.page.locator("#empty")).to_contain_text("fleetgraph clusters import --all")


async def test_it_asks_again_and_draws_what_was(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    async with visit(origin) as opened:
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(_row(opened.page, "alpha").locator(".sparkline circle")).to_have_count(1)
        await expect(_row(opened.page, "alpha").locator(".sparkline polyline")).to_have_count(0)
        fleet.clusters["alpha"] = FakeCluster(version="v1.38.0")

        await opened.page.clock.run_for(6_000)

        await expect(_row(opened.page, "alpha").locator(".version")).to_have_text("v1.38.0")
        await expect(_row(opened.page, "alpha").locator(".sparkline polyline")).to_have_count(1)
        assert fleet.asked.count("alpha") == 2


async def test_a_cluster_that_fails_is_asked_less_often(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.clusters["beta"] = FakeCluster(version=None, status="UNREACHABLE", error="cluster 'beta': gone.")

    async with visit(origin) as opened:
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(_row(opened.page, "beta").locator(".why")).to_have_text("gone.")
        for _ in range(12):
            async with opened.page.expect_response(lambda answer: "alpha" in (answer.request.post_data or "")):
                await opened.page.clock.run_for(6_000)

    assert fleet.asked.count("beta") < fleet.asked.count("alpha") / 2


async def test_new_clusters_appear_and_old_ones_go(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    async with visit(origin) as opened:
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(_row(opened.page, "beta").locator(".badge")).to_have_text("answers")
        fleet.clusters = {"alpha": fleet.clusters["alpha"], "gamma": FakeCluster()}

        await opened.page.clock.run_for(31_000)

        await expect(opened.page.locator("#rows .name")).to_have_text(["alpha", "gamma"])


@pytest.mark.parametrize("way", ["hidden", "paused"])
async def test_nobody_is_asked_while_nobody_looks(visit: Visiting, fleet: FakeFleet, origin: str, way: str) -> None:
    async with visit(origin) as opened:
        pause = opened.page.locator("#pause")
        await opened.page.clock.install()
        await opened.page.goto(origin)
        await expect(_row(opened.page, "beta").locator(".badge")).to_have_text("answers")
        await (pause.click() if way == "paused" else opened.page.evaluate(SEEN, False))
        asked, lists = len(fleet.asked), fleet.lists

        await opened.page.clock.run_for(120_000)
        while_away = (len(fleet.asked), fleet.lists)
        await (pause.click() if way == "paused" else opened.page.evaluate(SEEN, True))
        async with opened.page.expect_response("**/graphql"):
            await opened.page.clock.run_for(500)

        assert while_away == (asked, lists)
        await expect(opened.page.locator("#updated")).to_have_text("live")


async def test_what_is_old_is_called_old(visit: Visiting, fleet: FakeFleet) -> None:
    with ExitStack() as running:
        origin = running.enter_context(served(fleet))
        async with visit(origin) as opened:
            await opened.page.clock.install()
            await opened.page.goto(origin)
            await expect(_row(opened.page, "alpha").locator(".badge")).to_have_text("answers")
            running.close()

            await opened.page.clock.run_for(120_000)

            notice = opened.page.locator("#notice")
            await expect(notice).to_contain_text("fleetgraph does not answer. What is shown is from ")
            await expect(opened.page.locator("#updated")).to_have_text(re.compile(r"^\d+ s old$"))
            await expect(opened.page.locator("#rows tr.old")).to_have_count(2)
            await expect(_row(opened.page, "alpha")).to_contain_text("as of ")


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

            await expect(_row(opened.page, "alpha").locator(".badge")).to_have_text("answers")
            await expect(token).to_be_hidden()
            assert asked_before == ([], 0)
            assert await opened.page.evaluate("sessionStorage.getItem('fleetgraph.token')") == TOKEN
            assert TOKEN not in await opened.page.content()
            _assert_well(opened)


async def test_a_wrong_token_is_refused_in_words_and_forgotten(visit: Visiting, fleet: FakeFleet) -> None:
    with served(fleet, is_token_required=True) as origin:
        async with visit(origin) as opened:
            await opened.page.goto(origin)
            await opened.page.get_by_label("API token").fill("wrong")
            await opened.page.get_by_role("button", name="Sign in").click()

            await expect(opened.page.get_by_role("alert")).to_contain_text("This token is not valid, or not any more.")
            await expect(opened.page.get_by_label("API token")).to_be_focused()
            assert await opened.page.evaluate("sessionStorage.getItem('fleetgraph.token')") is None
            assert (fleet.asked, fleet.lists) == ([], 0)


async def test_signing_out_leaves_nothing(visit: Visiting, fleet: FakeFleet) -> None:
    with served(fleet, is_token_required=True) as origin:
        async with visit(origin) as opened:
            await opened.page.goto(origin)
            await opened.page.evaluate("token => sessionStorage.setItem('fleetgraph.token', token)", TOKEN)
            await opened.page.reload()
            await expect(_row(opened.page, "alpha").locator(".badge")).to_have_text("answers")

            await opened.page.get_by_role("button", name="Sign out").click()

            await expect(opened.page.get_by_label("API token")).to_be_visible()
            await expect(opened.page.locator("#rows tr")).to_have_count(0)
            assert await opened.page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_everything_has_a_name_and_a_role(visit: Visiting, origin: str, width: int, height: int) -> None:
    async with visit(origin, Window(width, height)) as opened:
        await opened.page.goto(origin)
        await expect(_row(opened.page, "beta").locator(".badge")).to_have_text("answers")

        assert await opened.page.evaluate(NAMELESS) == []
        table = opened.page.get_by_role("table").first
        await expect(table.get_by_role("columnheader")).to_have_count(6)
        await expect(table.get_by_role("rowheader")).to_have_count(2)
        await expect(table.get_by_role("cell")).to_have_count(10)
        await expect(opened.page.get_by_role("status")).to_have_text("2 of 2 clusters answer")


@pytest.mark.parametrize("path", ["/docs/", "/docs/schema", "/docs/settings", "/nothing"])
@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_pages_of_text_fit(visit: Visiting, origin: str, path: str, width: int, height: int) -> None:
    async with visit(origin, Window(width, height)) as opened:
        await opened.page.goto(f"{origin}{path}")

        assert await opened.page.evaluate("document.documentElement.scrollWidth") == width
        if path != "/nothing":  # Chromium itself complains of the status 404
            assert opened.complaints == []
        assert opened.foreign() == []
