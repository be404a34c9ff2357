"""Values of Secrets in GraphiQL: hidden until somebody asks for them, however they were read."""

from typing import Any

import msgspec
import pytest
from playwright.async_api import Route, expect

from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

VALUE = "c2VjcmV0"
MARK = "•••••• #"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

HIDDEN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("{ secrets { nodes { name data } } }", {"secrets": {"nodes": [{"name": "a", "data": {"k": VALUE}}]}}),
    ("{ secrets { nodes { name: stringData } } }", {"secrets": {"nodes": [{"name": {"k": VALUE}}]}}),
    (
        '{ secrets { nodes { reveal(keys: ["k"]) { key value text } } } }',
        {"secrets": {"nodes": [{"reveal": [{"key": "k", "value": VALUE, "text": VALUE}]}]}},
    ),
    (
        '{ object(id: "x") { ... on Secret { r: reveal(keys: ["k"]) { v: value } } } }',
        {"object": {"r": [{"v": VALUE}]}},
    ),
    ('{ secret(cluster: "c", name: "n") { data } }', {"secret": {"data": {"k": VALUE}}}),
    ('{ object(id: "x") { ... on Secret { data } } }', {"object": {"data": {"k": VALUE}}}),
    (
        "query Q { secrets { edges { node { ...F } } } } fragment F on Secret { data }",
        {"secrets": {"edges": [{"node": {"data": {"k": VALUE}}}]}},
    ),
    (
        '{ secrets { groups(by: ["data.k"]) { key max(path: "data.k") nodes { data } } } }',
        {"secrets": {"groups": [{"key": [VALUE], "max": VALUE, "nodes": [{"data": {"k": VALUE}}]}]}},
    ),
    (
        "{ clusters { secrets { nodes { metadata { annotations } } } } }",
        {"clusters": [{"secrets": {"nodes": [{"metadata": {"annotations": {APPLIED: VALUE}}}]}}]},
    ),
    (
        '{ object(id: "x") { metadata { annotations } } }',
        {"object": {"metadata": {"annotations": {APPLIED: VALUE}}}},
    ),
    (
        'query Q($by: [String!]! = ["data.k"]) { secrets { groups(by: $by) { key } } }',
        {"secrets": {"groups": [{"key": [VALUE]}]}},
    ),
    (
        '{ secrets { groups(by: ["data.k[0]"]) { key } } }',  # a path that only the server may know
        {"secrets": {"groups": [{"key": [VALUE]}]}},
    ),
    (
        'query Q($o: [OrderInput!] = [{path: "data.k"}]) { secrets(orderBy: $o) { pageInfo { endCursor } } }',
        {"secrets": {"pageInfo": {"endCursor": VALUE}}},
    ),
    (
        '{ secrets(orderBy: [{path: "data.k"}]) { edges { cursor node { name } } } }',
        {"secrets": {"edges": [{"cursor": VALUE, "node": {"name": "a"}}]}},
    ),
)
SHOWN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("{ configMaps { nodes { data } } }", {"configMaps": {"nodes": [{"data": {"k": VALUE}}]}}),
    (
        '{ secrets { groups(by: ["type"]) { key max(path: "name") } } }',
        {"secrets": {"groups": [{"key": [VALUE], "max": VALUE}]}},
    ),
    (
        '{ secrets(orderBy: [{path: "name"}]) { edges { cursor } pageInfo { endCursor } } }',
        {"secrets": {"edges": [{"cursor": VALUE}], "pageInfo": {"endCursor": VALUE}}},
    ),
    (
        '{ object(id: "x") { name metadata { labels annotations } } }',
        {"object": {"name": VALUE, "metadata": {"labels": {"k": VALUE}, "annotations": {"k": VALUE}}}},
    ),
    (
        "{ secrets { nodes { metadata { annotations labels } type } } }",
        {"secrets": {"nodes": [{"metadata": {"annotations": {"k": VALUE}, "labels": {"k": VALUE}}, "type": VALUE}]}},
    ),
)


@pytest.mark.parametrize(("query", "data"), HIDDEN)
async def test_values_are_hidden(empty_tab: GraphiqlPage, query: str, data: dict[str, Any]) -> None:
    text = await _response(empty_tab, query, data)

    assert VALUE not in text
    assert MARK in text


@pytest.mark.parametrize(("query", "data"), SHOWN)
async def test_other_values_are_not(empty_tab: GraphiqlPage, query: str, data: dict[str, Any]) -> None:
    assert msgspec.json.decode(await _response(empty_tab, query, data))["data"] == data


async def test_keys_stay_and_a_click_shows_the_values(empty_tab: GraphiqlPage) -> None:
    query, data = (
        "{ secrets { nodes { data } } }",
        {"secrets": {"nodes": [{"data": {"a": VALUE, "b": 'q"\n', "c": None}}]}},
    )
    hidden = msgspec.json.decode(await _response(empty_tab, query, data))["data"]["secrets"]["nodes"][0]["data"]
    assert set(hidden) == {"a", "b", "c"}
    assert hidden["c"] is None

    await empty_tab.page.get_by_role("button", name="Show 2 secret values").click()

    await expect(empty_tab.page.get_by_role("button", name="secret value")).to_have_count(0)
    assert msgspec.json.decode(await empty_tab.text("response.json"))["data"] == data


async def test_deferred_and_streamed_values_are_hidden(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste(
        """query Q($keys: [String!]! = ["password", "tls.key"]) {
          secrets(first: 3) { nodes @stream(initialCount: 1) { name reveal(keys: $keys) { value } } }
          clusters { name ... @defer { secrets(first: 1) { nodes { reveal(keys: $keys) { value } } } } }
        }"""
    )

    response = (await empty_tab.run())["data"]

    values = [revealed["value"] for secret in response["secrets"]["nodes"] for revealed in secret["reveal"]]
    assert len(response["secrets"]["nodes"]) == 3
    deferred = [cluster["secrets"]["nodes"] for cluster in response["clusters"] if cluster["secrets"]]
    values += [revealed["value"] for secrets in deferred for secret in secrets for revealed in secret["reveal"]]
    assert any(values)
    assert [value for value in values if value is not None and not value.startswith(MARK)] == []


async def test_the_table_shows_one_value_at_a_click(empty_tab: GraphiqlPage) -> None:
    await _response(empty_tab, *HIDDEN[0])
    await empty_tab.page.get_by_role("button", name="Table", exact=True).click()
    table = empty_tab.page.get_by_role("region", name="Response as a table")
    await expect(table.get_by_role("row").nth(1)).to_have_text("a••••••")

    await table.get_by_role("button", name="Show the hidden value").click()

    await expect(table.get_by_role("row").nth(1)).to_have_text(f"a{VALUE}")
    await empty_tab.page.get_by_role("button", name="JSON", exact=True).click()


@pytest.mark.parametrize(("query", "data"), [SHOWN[0], HIDDEN[2], *HIDDEN[7:9]])
async def test_without_a_schema_all_that_may_be_secret_is_hidden(
    visit: Visiting, graphiql_origin: str, query: str, data: dict[str, Any]
) -> None:
    async with visit(graphiql_origin) as opened:
        await opened.page.route("**/graphql", lambda route: route.fulfill(json={"errors": [{"message": "no"}]}))
        page = GraphiqlPage(opened)
        await page.open()
        await opened.page.unroute("**/graphql")
        await page.open_empty_tab()

        text = await _response(page, query, data)

    assert VALUE not in text


async def _response(graphiql: GraphiqlPage, query: str, data: dict[str, Any]) -> str:
    """Runs a query that gets this response, and returns the response as shown."""

    async def answer(route: Route) -> None:
        await route.fulfill(body=msgspec.json.encode({"data": data}), content_type="application/json")

    await graphiql.paste(query)
    await graphiql.page.route("**/graphql", answer)
    try:
        await graphiql.run()
    finally:
        await graphiql.page.unroute("**/graphql")
    return await graphiql.text("response.json")
