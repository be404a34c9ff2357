"""The state of the fleet on the start page: counts with links, order, filter, and the query that is shown."""

import json
from urllib.parse import unquote

from playwright.async_api import Page, expect

from tests.demo.serving import DemoServer
from tests.server.http_parts import TOKEN
from tests.web.chromium import Window
from tests.web.conftest import Visiting
from tests.web.landingpage import badge, row
from tests.web.landingserver import FakeCluster, FakeFleet, served

NAMES = "() => [...document.querySelectorAll('#rows tr')].map((row) => row.dataset.name)"


def _fleet(fleet: FakeFleet) -> None:
    fleet.known = {
        "calm": FakeCluster(labels={"env": "prod"}),
        "behind": FakeCluster(labels={"env": "prod"}, wrong={"behind": 2}),
        "dead": FakeCluster(version=None, status="UNREACHABLE", error="no connection."),
        "worse": FakeCluster(labels={"env": "test"}, wrong={"badNodes": 1, "badPods": 7, "warnings": None}),
    }


async def _show(page: Page, *names: str) -> None:
    """Waits until the table has these rows, in this order."""
    await page.wait_for_function(
        f"(names) => JSON.stringify(({NAMES})()) === names", arg=json.dumps(names, separators=(",", ":"))
    )


async def test_the_worst_cluster_is_the_first(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    _fleet(fleet)

    async with visit(origin) as opened:
        await opened.page.goto(origin)

        await _show(opened.page, "dead", "worse", "behind", "calm")
        worse = row(opened.page, "worse")
        await expect(worse.locator("[data-name=Nodes]")).to_have_text("1 / 3")
        await expect(worse.locator("[data-name=Pods]")).to_have_text("7 / 40")
        await expect(worse.locator("[data-name=Warnings]")).to_have_text("\u2013")
        await expect(opened.page.locator("#summary")).to_contain_text("7 pods not ready · 2 deployments behind")
        await expect(worse.locator("[data-name=Warnings] span")).to_have_attribute(
            "title", "there are too many watches"
        )
        assert opened.complaints == []


async def test_a_heading_orders_and_orders_back(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    _fleet(fleet)

    async with visit(origin) as opened:
        await opened.page.goto(origin)
        await _show(opened.page, "dead", "worse", "behind", "calm")
        heading = opened.page.get_by_role("columnheader", name="Cluster")
        await heading.get_by_role("button").press("Enter")

        await _show(opened.page, "behind", "calm", "dead", "worse")
        await expect(heading).to_have_attribute("aria-sort", "ascending")
        await heading.get_by_role("button").click()
        await _show(opened.page, "worse", "dead", "calm", "behind")


async def test_words_and_labels_filter(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    _fleet(fleet)

    async with visit(origin) as opened:
        page = opened.page
        await page.goto(origin)
        await expect(badge(page, "calm")).to_have_text("answers")
        await page.keyboard.press("/")
        await page.keyboard.type("ENV=prod")

        await expect(page.locator("#rows tr")).to_have_count(2)
        await expect(page.locator("#filtered")).to_have_text("2 of 4 shown")
        await page.keyboard.press("Escape")
        await row(page, "worse").get_by_role("button", name="env=test").click()
        await _show(page, "worse")
        await expect(page.get_by_role("searchbox")).to_have_value("env=test")


async def test_the_focus_stays_on_a_link_while_rows_change(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    _fleet(fleet)

    async with visit(origin) as opened:
        await opened.page.goto(origin)
        await expect(row(opened.page, "worse").locator("[data-name=Pods]")).to_have_text("7 / 40")
        await row(opened.page, "worse").locator("[data-name=Pods] a").first.focus()
        fleet.known = {**fleet.known, "worse": FakeCluster(version="v1.38.0", wrong={"badPods": 7})}
        await expect(row(opened.page, "worse").locator(".version")).to_have_text("v1.38.0")

        await expect(row(opened.page, "worse").locator("[data-name=Pods] a").first).to_be_focused()


async def test_each_number_leads_to_a_query_that_the_server_answers(visit: Visiting, demo_server: DemoServer) -> None:
    async with visit(demo_server.url) as opened:
        await opened.page.goto(demo_server.url)
        cells = row(opened.page, "prod-eu-1")
        await expect(cells.locator("td a")).to_have_count(6)
        await expect(opened.page.locator("#summary a")).to_have_count(6)
        links = await cells.locator("td a").all() + await opened.page.locator("#summary a").all()
        found = [(await link.text_content(), await link.get_attribute("href")) for link in links]

        for number, address in found:
            query = unquote((address or "").removeprefix("/graphiql#query="))
            answer = await opened.page.request.post(f"{demo_server.url}/graphql", data={"query": query})
            (listed,) = (await answer.json())["data"].values()
            assert listed["nodes"] or number == "0"


async def test_a_hundred_clusters_are_a_few_screens(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    labels = {"env": "prod", "region": "eu-west-1", "tier": "critical"}
    fleet.known = {
        f"prod-{n:03}": FakeCluster(labels=labels, description="A long description of it") for n in range(100)
    }

    async with visit(origin, Window(1280, 800)) as opened:
        await opened.page.goto(origin)
        await expect(opened.page.locator("#rows tr")).to_have_count(100)
        await expect(badge(opened.page, "prod-000")).to_have_text("answers")

        height = await opened.page.evaluate("document.querySelector('#rows').getBoundingClientRect().height")
        assert height < 100 * 34
        assert await opened.page.evaluate("document.documentElement.scrollWidth") == 1280


async def test_labels_are_not_cut_off(visit: Visiting, fleet: FakeFleet, origin: str) -> None:
    fleet.known = {"far": FakeCluster(labels={"env": "staging", "region": "ap-southeast-1", "tier": "internal"})}

    async with visit(origin, Window(1280, 800)) as opened:
        await opened.page.goto(origin)
        labels = opened.page.locator("#rows .labels li")
        await expect(labels).to_have_count(3)

        assert await labels.evaluate_all("items => items.every((item) => item.scrollWidth <= item.clientWidth)")


async def test_without_a_grant_it_says_whom_to_ask(visit: Visiting, fleet: FakeFleet) -> None:
    fleet.known, fleet.viewer = {}, {"name": "oidc:ada", "administrator": False}

    with served(fleet, is_token_required=True, contact="the platform team") as origin:
        async with visit(origin) as opened:
            await opened.page.goto(origin)
            await opened.page.get_by_label("API token").fill(TOKEN)
            await opened.page.keyboard.press("Enter")

            place = opened.page.locator("#ungranted")
            await expect(place).to_contain_text("signed in as oidc:ada, and no cluster is granted to you")
            await expect(place).to_contain_text("Ask the platform team for a grant.")
            await expect(opened.page.locator("#empty")).to_be_hidden()
            assert "--admin" not in await opened.page.content()


async def test_the_query_that_is_shown_is_the_one_that_runs(visit: Visiting, demo_server: DemoServer) -> None:
    async with visit(demo_server.url) as opened:
        page = opened.page
        await page.goto(demo_server.url)
        query = page.get_by_label("The query")
        await query.fill('{ clusters(names: ["it\'s"]) { name } viewer { name } }')
        await query.press("Control+Enter")

        await expect(page.locator("#result pre")).to_contain_text('"name": "demo"')
        await page.locator("summary").click()
        await expect(page.locator("#curl")).to_contain_text("""names: [\\"it'\\''s\\"]""")
        assert await page.locator("#in-graphiql").get_attribute("href") == await page.evaluate(
            "'/graphiql#query=' + encodeURIComponent(document.getElementById('query').value)"
        )
