"""GraphiQL's tools: links, commands, headers, explanations, tables and downloads."""

import asyncio
import csv
import io
import json
import re
import shlex
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from playwright.async_api import Route, expect

from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

QUERY = "query Mine($n: Int) { nodes(first: $n) { totalCount nodes { name } } } # it's \"&#+%"
VARIABLES = '{"n": 2}'
PODS: dict[str, Any] = {
    "pods": {
        "totalCount": 3,
        "clusters": [{"status": "OK"}],
        "nodes": [
            {
                "name": "a",
                "restarts": 3,
                "metadata": {"labels": {"app": "x", "a/b": "y"}},
                "spec": {"containers": [{"image": "i1"}, {"image": "i2"}]},
                "node": None,
            },
            {
                "name": "=1+1",
                "restarts": -2,
                "metadata": {"labels": {}},
                "spec": {"containers": []},
                "node": {"name": 'say "n", yes'},
            },
        ],
    }
}
COLUMNS = ["name", "restarts", "metadata.labels", "spec.containers.image", "node.name"]


@pytest.fixture
async def clipboard(empty_tab: GraphiqlPage) -> AsyncIterator[GraphiqlPage]:
    """Returns the page with an operation, allowed to copy."""
    await empty_tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await empty_tab.paste(QUERY)
    await empty_tab.show_tool("Variables")
    await empty_tab.page.keyboard.insert_text(VARIABLES)
    yield empty_tab
    await empty_tab.page.get_by_role("button", name="Hide editor tools").click()


async def test_a_link_holds_the_operation_in_its_fragment_and_opens_it(clipboard: GraphiqlPage) -> None:
    await clipboard.page.get_by_role("button", name="Share").click()
    await expect(clipboard.answer).to_contain_text("Link copied.")
    link = await _copied(clipboard)
    assert urlsplit(link).query == ""
    assert parse_qs(urlsplit(link).fragment) == {"query": [QUERY], "variables": [VARIABLES]}

    other = await clipboard.page.context.new_page()
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.post_data or ""))
    await other.goto(link)
    await expect(other.locator(".graphiql-query-editor .view-lines")).to_contain_text("query Mine")

    await other.get_by_role("button", name="Variables").click()  # what is not shown is not drawn, or not all of it
    await expect(other.locator("[aria-label=Variables] .view-lines").first).to_contain_text('"n": 2')
    assert urlsplit(other.url).fragment == ""
    assert [body for body in asked if "query Mine" in body] == []
    await other.close()


async def test_a_command_holds_a_variable_instead_of_a_token(clipboard: GraphiqlPage) -> None:
    await clipboard.show_tool("Headers")
    await clipboard.page.keyboard.insert_text(
        '{"authorization": "Bearer SECRET1", "X-Api-Key": "SECRET2", "Fleetgraph-Explain": "1"}'
    )
    await clipboard.page.get_by_role("button", name="Copy as curl").click()
    await expect(clipboard.answer).to_contain_text("Command copied.")
    words = shlex.split((await _copied(clipboard)).replace("\\\n", ""))

    assert words[:3] == ["curl", "-sS", f"{clipboard.visit.origin}/graphql"]
    assert [word for word in words[3:-2] if word != "-H"] == [
        "Content-Type: application/json",
        "Authorization: Bearer $FLEETGRAPH_TOKEN",
        "X-Api-Key: $X_API_KEY",
        "Fleetgraph-Explain: 1",
    ]
    assert json.loads(words[-1]) == {"query": QUERY, "operationName": "Mine", "variables": {"n": 2}}
    await clipboard.show_tool("Headers")
    await clipboard.page.keyboard.press("Control+A")
    await clipboard.page.keyboard.press("Delete")


async def test_headers_are_sent_and_stored_nowhere(visit: Visiting, graphiql_origin: str) -> None:
    async with visit(graphiql_origin) as opened:
        page = GraphiqlPage(opened)
        await page.open()
        await page.show_tool("Headers")
        await opened.page.keyboard.insert_text('{"Authorization": "Bearer SECRET1"}')

        async with opened.page.expect_request(lambda request: "query Trouble" in (request.post_data or "")) as sent:
            await page.press_run()
        await opened.page.get_by_role("button", name="Show History").click()
        await expect(opened.page.locator(".graphiql-history-item").first).to_contain_text("Trouble")
        await opened.page.wait_for_function("() => localStorage.getItem('graphiql:tabState')?.includes('Trouble')")

        assert (await (await sent.value).all_headers())["authorization"] == "Bearer SECRET1"
        assert "SECRET1" not in await opened.page.evaluate("JSON.stringify(localStorage)")


async def test_a_header_that_cannot_be_sent_is_named(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste("{ clusters { name } }")
    await empty_tab.show_tool("Headers")
    await empty_tab.page.keyboard.insert_text('{"a b": "1"}')

    await empty_tab.press_run()

    await expect(empty_tab.page.locator(".result-window .view-lines")).to_contain_text("A header is invalid")
    await empty_tab.page.get_by_role("button", name="Hide editor tools").click()


async def test_explain_asks_once(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste("{ nodes { totalCount } }")

    await empty_tab.page.get_by_role("button", name="Explain").click()

    await expect(empty_tab.answer).to_contain_text(" ms")
    assert "requests" in msgspec.json.decode(await empty_tab.text("response.json"))["extensions"]["explain"]
    assert "extensions" not in await empty_tab.run()


async def test_a_selection_without_fields_gets_names(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste("{ pods(first: 1) clusters }")

    data = (await empty_tab.run())["data"]

    assert [set(pod) for pod in data["pods"]["nodes"]] == [{"cluster", "namespace", "name"}]
    assert {frozenset(cluster) for cluster in data["clusters"]} == {frozenset({"name"})}


async def test_a_list_is_shown_as_a_table(empty_tab: GraphiqlPage) -> None:
    await _respond(empty_tab, PODS)

    await empty_tab.page.get_by_role("button", name="Table", exact=True).click()

    table = empty_tab.page.get_by_role("region", name="Response as a table")
    await expect(table.get_by_role("columnheader")).to_have_text(COLUMNS)
    await expect(table.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(
        ["a", "3", "app=x, a/b=y", "i1, i2", ""]
    )
    await expect(empty_tab.page.locator(".result-window")).to_be_hidden()
    await empty_tab.page.get_by_role("button", name="JSON", exact=True).click()
    await expect(empty_tab.page.locator(".result-window")).to_be_visible()


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        ({"clusters": [{"name": "c", "pods": {"nodes": [{"name": "p"}]}}]}, ["name", "pods.nodes.name"]),
        ({"pods": {"edges": [{"cursor": "x", "node": {"name": "p"}}]}}, ["name"]),
        ({"pods": {"clusters": [{"status": "OK"}], "groups": [{"key": ["a"], "count": 1}]}}, ["key", "count"]),
        ({"a": {"pods": {"nodes": [{"name": "p"}]}}, "nodes": None}, ["name"]),
    ],
)
async def test_the_first_list_is_the_table(empty_tab: GraphiqlPage, data: dict[str, Any], columns: list[str]) -> None:
    await _respond(empty_tab, data)
    await empty_tab.page.get_by_role("button", name="Table", exact=True).click()

    await expect(empty_tab.page.get_by_role("columnheader")).to_have_text(columns)
    await empty_tab.page.get_by_role("button", name="JSON", exact=True).click()


async def test_a_response_without_a_list_says_so(empty_tab: GraphiqlPage) -> None:
    await _respond(empty_tab, {"viewer": {"name": "me"}})
    await empty_tab.page.get_by_role("button", name="Table", exact=True).click()

    await expect(empty_tab.page.get_by_text("This response has no list.")).to_be_visible()
    await empty_tab.page.get_by_role("button", name="JSON", exact=True).click()


async def test_downloads_hold_the_response_and_its_table(empty_tab: GraphiqlPage) -> None:
    await _respond(empty_tab, PODS)

    saved = await _downloaded(empty_tab, "JSON")
    table = list(csv.reader(io.StringIO(await _downloaded(empty_tab, "CSV"), newline="")))

    assert json.loads(saved)["data"] == PODS
    assert table == [
        COLUMNS,
        ["a", "3", "app=x, a/b=y", "i1, i2", ""],
        ["'=1+1", "-2", "", "", 'say "n", yes'],
    ]


async def _downloaded(graphiql: GraphiqlPage, kind: str) -> str:
    await graphiql.page.get_by_role("button", name="Download").click()
    async with graphiql.page.expect_download() as download:
        await graphiql.page.get_by_role("menuitem", name=re.compile(f"^{kind}")).click()
    path = await (await download.value).path()
    return (await asyncio.to_thread(path.read_bytes)).decode()


async def _respond(graphiql: GraphiqlPage, data: dict[str, Any]) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(body=msgspec.json.encode({"data": data}), content_type="application/json")

    await graphiql.paste("{ clusters { name } }")
    await graphiql.page.route("**/graphql", answer)
    await graphiql.run()
    await graphiql.page.unroute("**/graphql")


async def _copied(graphiql: GraphiqlPage) -> str:
    text = await graphiql.page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text
