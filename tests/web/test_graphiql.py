"""GraphiQL in a browser, with the demo fleet: loaded once, since each page takes seconds of a processor."""

import re

import httpx
import msgspec
import pytest
from playwright.async_api import expect

import web
from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

DEAD = "dr-us-2"
EXAMPLES = ("Trouble", "Fleet", "Envelope", "Links", "Later", "Counts")


async def test_it_loads_without_a_complaint_and_asks_nobody_else(loaded: GraphiqlPage) -> None:
    await loaded.wait_for_worker("graphql.worker")

    assert loaded.visit.complaints == []
    assert loaded.visit.foreign() == []
    assert f"{loaded.visit.origin}/graphql" in loaded.visit.requests


async def test_what_the_policy_forbids_is_seen(visit: Visiting, graphiql_origin: str) -> None:
    async with visit(graphiql_origin) as opened:
        await opened.page.goto(f"{graphiql_origin}/graphiql", wait_until="commit")
        await opened.page.evaluate("fetch('https://elsewhere.invalid/').catch(() => null)")

    assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def test_the_policy_allows_no_script_but_ours(graphiql_origin: str) -> None:
    answer = httpx.get(f"{graphiql_origin}/graphiql", timeout=60)

    assert answer.headers["content-security-policy"] == web.GRAPHIQL_CSP
    assert "script-src 'self';" in web.GRAPHIQL_CSP
    assert "unsafe-eval" not in web.GRAPHIQL_CSP
    assert re.findall(r"<script(?![^>]*\bsrc=)|\bon\w+=|https?://", answer.text) == []


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_runs_and_only_the_dead_cluster_fails(empty_tab: GraphiqlPage, name: str) -> None:
    await empty_tab.choose_tab(name)

    response = await empty_tab.run()

    assert response["data"] is not None
    assert {error["extensions"].get("cluster") for error in response["errors"]} == {DEAD}
    assert empty_tab.visit.complaints == []


async def test_an_example_shows_pods_of_several_clusters(empty_tab: GraphiqlPage) -> None:
    await empty_tab.choose_tab("Trouble")

    pods = (await empty_tab.run())["data"]["pods"]["nodes"]

    assert {"prod-us-1", "prod-eu-1"} <= {pod["cluster"]["name"] for pod in pods}
    assert pods[0]["restarts"] > 0
    assert all(pod["node"] is None or "name" in pod["node"] for pod in pods)


async def test_the_dead_and_the_slow_cluster_are_named_above_the_response(empty_tab: GraphiqlPage) -> None:
    await empty_tab.choose_tab("Envelope")

    await empty_tab.run()

    await expect(empty_tab.answer.locator(".bad")).to_have_text(f"{DEAD} unreachable")
    await expect(empty_tab.answer.locator(".slow")).to_contain_text("prod-ap-1")
    await expect(empty_tab.answer.locator(".good")).to_have_text("5 OK")


async def test_payloads_are_merged_and_their_clusters_named(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste(
        "{ clusters { name ... @defer { nodes { totalCount clusters { cluster { name } status } } } } }"
    )

    async with empty_tab.page.expect_response("**/graphql") as answered:
        response = await empty_tab.run()

    assert (await answered.value).headers["content-type"].startswith("multipart/mixed")
    assert all(
        cluster["nodes"]["totalCount"] > 0 for cluster in response["data"]["clusters"] if cluster["name"] != DEAD
    )
    await expect(empty_tab.answer.locator(".bad")).to_have_text(f"{DEAD} unreachable")
    await expect(empty_tab.answer.locator(".good")).to_have_text("5 OK")
    assert empty_tab.visit.complaints == []


async def test_what_is_there_is_shown_while_the_rest_is_on_its_way(empty_tab: GraphiqlPage) -> None:
    await empty_tab.choose_tab("Later")
    shown = await empty_tab.page.evaluate_handle(
        """() => {
          const shown = []
          const model = __MONACO.editor.getModels().find(each => each.uri.path.endsWith('response.json'))
          model.onDidChangeContent(() => shown.push(model.getValue()))
          return shown
        }"""
    )

    whole = (await empty_tab.run())["data"]["nodes"]

    parts = [msgspec.json.decode(text)["data"]["nodes"] for text in await shown.json_value() if '"nodes"' in text]
    assert any(len(part["nodes"]) < whole["totalCount"] and "clusters" not in part for part in parts)
    assert len(whole["nodes"]) == whole["totalCount"]
    assert {cluster["status"] for cluster in whole["clusters"]} == {"OK", "UNREACHABLE"}
    assert all("pods" in node for node in whole["nodes"])
    await expect(empty_tab.answer.locator(".bad")).to_have_text(f"{DEAD} unreachable")
    assert empty_tab.visit.complaints == []


async def test_a_field_name_is_completed_while_typing(empty_tab: GraphiqlPage) -> None:
    await empty_tab.type("{ deploymen")

    await expect(empty_tab.page.locator(".suggest-widget .monaco-list-row").first).to_contain_text("deployment")
    await empty_tab.page.locator(".suggest-widget .monaco-list-row", has_text="deployments").first.click()

    assert re.search(r"\bdeployments\b", await empty_tab.text("operation.graphql"))


async def test_a_wrong_field_is_underlined(empty_tab: GraphiqlPage) -> None:
    await expect(empty_tab.page.locator(".squiggly-error")).to_have_count(0)

    await empty_tab.type("{ pots { totalCount } }")

    await expect(empty_tab.page.locator(".squiggly-error").first).to_be_visible()


async def test_the_documentation_has_the_descriptions_of_kubernetes(empty_tab: GraphiqlPage) -> None:
    await empty_tab.page.get_by_role("button", name="Show Documentation Explorer").click()
    await empty_tab.page.get_by_role("link", name="PodSpec", exact=True).first.click()

    docs = empty_tab.page.locator(".graphiql-plugin")
    await expect(docs).to_contain_text("PodSpec is a description of a pod.")
    await expect(docs).to_contain_text("restartPolicy")


async def test_the_explorer_writes_the_query(empty_tab: GraphiqlPage) -> None:
    await empty_tab.page.get_by_role("button", name="Show GraphiQL Explorer").click()

    await empty_tab.page.locator(".graphiql-explorer-clusters > span").first.click()

    await expect(empty_tab.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("clusters")
    assert empty_tab.visit.complaints == []


async def test_the_menu_opens_an_example_in_a_new_tab_with_its_variables(empty_tab: GraphiqlPage) -> None:
    await empty_tab.page.get_by_role("button", name="Examples").click()
    await empty_tab.page.get_by_role("menuitem", name=re.compile("^Counts")).click()

    await expect(empty_tab.tabs("Counts")).to_have_count(2)
    assert "query Counts" in await empty_tab.text("operation.graphql")
    assert '"env=prod"' in await empty_tab.text("variables.json")


async def test_tabs_are_there_again_after_a_reload(empty_tab: GraphiqlPage) -> None:
    await empty_tab.type("query Mine { clusters { name } }")
    stored = "() => localStorage.getItem('graphiql:tabState').includes('query Mine { clusters { name } }')"
    await empty_tab.page.wait_for_function(stored)  # all of it: a part of it would be opened beside the rest

    await empty_tab.open()

    await expect(empty_tab.tabs("Mine")).to_be_visible()
    assert await empty_tab.text("operation.graphql") == "query Mine { clusters { name } }"


async def test_a_server_that_has_gone_is_said_in_words(empty_tab: GraphiqlPage) -> None:
    await empty_tab.choose_tab("Trouble")
    await empty_tab.page.route("**/graphql", lambda route: route.abort())

    await empty_tab.press_run()

    await expect(empty_tab.page.locator(".result-window .view-lines")).to_contain_text("does not answer")
    assert msgspec.json.decode(await empty_tab.text("response.json")) == {
        "errors": [{"message": "The server does not answer. Is it still running?"}]
    }
    await empty_tab.page.unroute("**/graphql")


async def test_each_page_of_the_documentation_begins_at_its_top(empty_tab: GraphiqlPage) -> None:
    await empty_tab.page.get_by_role("button", name="Show Documentation Explorer").click()
    plugin = empty_tab.page.locator(".graphiql-plugin")
    await plugin.get_by_role("link", name="PodSpec", exact=True).first.scroll_into_view_if_needed()
    assert await plugin.evaluate("element => element.scrollTop") > 0

    await plugin.get_by_role("link", name="PodSpec", exact=True).first.click()

    await expect(plugin).to_contain_text("PodSpec is a description of a pod.")
    assert await plugin.evaluate("element => element.scrollTop") == 0


async def test_what_was_run_is_in_the_history(empty_tab: GraphiqlPage) -> None:
    await empty_tab.choose_tab("Trouble")
    await empty_tab.run()

    await empty_tab.page.get_by_role("button", name="Show History").click()

    await expect(empty_tab.page.locator(".graphiql-history-item").first).to_contain_text("Trouble")


async def test_where_no_token_is_needed_there_is_no_field(empty_tab: GraphiqlPage) -> None:
    await expect(empty_tab.page.get_by_label("Token", exact=True)).to_have_count(0)
