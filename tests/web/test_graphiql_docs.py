"""GraphiQL's documentation and explorer: what people look for comes first."""

import pytest
from playwright.async_api import Locator, expect

from demo.fleet.customkinds.served import ALL
from k8s.kinds.builtin import BUILT_IN
from resolvers.names import type_name
from tests.web.graphiqlpage import GraphiqlPage

CUSTOM = sorted({type_name(custom.kind) for custom in ALL}, key=str.lower)


@pytest.fixture
async def docs(empty_tab: GraphiqlPage) -> GraphiqlPage:
    """Returns GraphiQL with the first page of its documentation."""
    await empty_tab.page.get_by_role("button", name="Show Documentation Explorer").click()
    return empty_tab


def _results(graphiql: GraphiqlPage) -> Locator:
    return graphiql.page.get_by_role("option")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("pod", "Pod"),
        ("deploy", "Deployment"),
        ("deployments", "Deployment"),
        ("ingresses", "Ingress"),
        ("applications", "ArgoprojApplication"),
        ("argoprojapplications", "ArgoprojApplication"),
        ("secret", "Secret"),
        ("role", "Role"),
        ("service", "Service"),
        ("PVC", None),
        ("volumeclaim", "PersistentVolumeClaim"),
        ("podspec", "PodSpec"),
        ("restarts", "Pod.restarts"),
    ],
)
async def test_a_search_finds_the_kind_first(docs: GraphiqlPage, text: str, first: str | None) -> None:
    search = docs.page.locator(".graphiql-doc-explorer-search input")
    await search.fill(text)

    if first is None:
        await expect(docs.page.get_by_text("No results found")).to_be_visible()
    else:
        await expect(_results(docs).first).to_have_text(first)
    await search.press("Escape")


async def test_all_kinds_are_in_groups_and_the_usual_ones_come_first(docs: GraphiqlPage) -> None:
    groups = docs.page.locator(".kind-group")

    names = await groups.locator("h3").all_inner_texts()

    assert names[:4] == ["core", "apps", "batch", "networking.k8s.io"]
    assert set(names[:-1]) == {kind.group or "core" for kind in BUILT_IN}
    assert names[-1] == "custom kinds"
    assert (await groups.last.get_by_role("link").all_inner_texts()) == CUSTOM
    assert (await groups.nth(0).get_by_role("link").all_inner_texts())[:2] == ["Pod", "Service"]
    assert (await groups.nth(1).get_by_role("link").all_inner_texts())[0] == "Deployment"
    await expect(groups.get_by_role("link")).to_have_count(len(BUILT_IN) + len(CUSTOM))


async def test_the_explorer_searches(empty_tab: GraphiqlPage) -> None:
    await empty_tab.page.get_by_role("button", name="Show GraphiQL Explorer").click()
    fields = empty_tab.page.locator(".graphiql-explorer-node:visible > [data-field-name]")
    await expect(fields.first).to_be_visible()

    await empty_tab.page.get_by_label("Search fields").fill("cronjob")

    await expect(fields).to_have_text(["cronJob", "cronJobs"])
    await fields.nth(1).click()
    await expect(fields.filter(has_text="totalCount")).to_be_visible()
    assert "cronJobs" in await empty_tab.text("operation.graphql")
    await empty_tab.page.get_by_label("Search fields").fill("totalcount")
    await expect(fields).to_have_text(["cronJobs", "totalCount"])
