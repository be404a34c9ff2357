"""GraphiQL's keys, as documented, on Linux and Windows and on a Mac; and the cursor's place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.web.chromium import Visit, Window
from tests.web.graphiqlpage import GraphiqlPage

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36"
FOCUSED = "() => document.activeElement?.closest('.graphiql-query-editor .monaco-editor') != null"
DOCUMENTED = (Path(__file__).parents[2] / "docs" / "graphiql.md").read_text()


@pytest.fixture(scope="module", params=["linux", "mac"])
async def page(request: pytest.FixtureRequest, browser: Browser, graphiql_origin: str) -> AsyncIterator[GraphiqlPage]:
    """Opens GraphiQL as the browser of a system."""
    agent = MAC if request.param == "mac" else None
    context = await browser.new_context(user_agent=agent, viewport={"width": Window().width, "height": Window().height})
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = Visit(await context.new_page(), graphiql_origin)
    opened.watch()
    graphiql = GraphiqlPage(opened)
    await graphiql.open()
    yield graphiql
    await context.close()


@pytest.fixture
def ctrl(page: GraphiqlPage, request: pytest.FixtureRequest) -> str:
    """Returns the key that runs and searches: Cmd on a Mac."""
    return "Meta" if request.node.callspec.params["page"] == "mac" else "Control"


async def test_ctrl_enter_runs_the_operation(page: GraphiqlPage, ctrl: str) -> None:
    await page.choose_tab("Fleet")
    await page.page.locator(".graphiql-query-editor .view-lines").click()

    await page.page.keyboard.press(f"{ctrl}+Enter")

    await expect(page.answer).to_contain_text(" ms")


async def test_ctrl_enter_runs_the_operation_without_a_click_into_the_editor(page: GraphiqlPage, ctrl: str) -> None:
    await page.open()
    assert not await page.page.evaluate(FOCUSED)

    await page.page.keyboard.press(f"{ctrl}+Enter")

    await expect(page.answer).to_contain_text(" ms")


@pytest.mark.parametrize("key", ["Control+Space", "{ctrl}+i"])
async def test_names_complete(page: GraphiqlPage, ctrl: str, key: str) -> None:
    await page.open_empty_tab()
    await page.type("{ view")
    await page.page.keyboard.press("Escape")

    await page.page.keyboard.press(key.format(ctrl=ctrl))

    await expect(page.suggestions.first).to_have_text("viewer")


async def test_shift_alt_f_formats(page: GraphiqlPage) -> None:
    await page.open_empty_tab()
    await page.paste("{clusters{name}}")

    await page.page.keyboard.press("Shift+Alt+KeyF")

    await page.page.wait_for_function(
        "() => __MONACO.editor.getEditors()[0].getValue() === '{\\n  clusters {\\n    name\\n  }\\n}\\n'"
    )


async def test_shift_alt_c_copies(page: GraphiqlPage) -> None:
    await page.open_empty_tab()
    await page.paste("{ copied: clusters { name } }")

    await page.page.keyboard.press("Shift+Alt+KeyC")

    await page.page.wait_for_function(
        "async () => await navigator.clipboard.readText() === '{ copied: clusters { name } }'"
    )


async def test_shift_alt_r_loads_the_schema(page: GraphiqlPage) -> None:
    async with page.page.expect_request(lambda request: "IntrospectionQuery" in (request.post_data or "")):
        await page.page.keyboard.press("Shift+Alt+KeyR")
    await expect(page.page.locator(".graphiql-sidebar .graphiql-spin")).to_have_count(0)


async def test_ctrl_k_searches_the_documentation(page: GraphiqlPage, ctrl: str) -> None:
    await page.page.locator(".graphiql-query-editor .view-lines").click()

    await page.page.keyboard.press(f"{ctrl}+k")

    search = page.page.locator(".graphiql-doc-explorer-search input")
    await expect(search).to_be_focused()
    await expect(search).to_be_in_viewport()
    await page.hide_plugin()


async def test_ctrl_comma_opens_the_settings(page: GraphiqlPage, ctrl: str) -> None:
    await page.page.locator(".graphiql-query-editor .view-lines").click()
    await page.page.keyboard.press(f"{ctrl}+,")

    await expect(page.page.get_by_role("dialog")).to_be_visible()
    await page.page.keyboard.press("Escape")
    await expect(page.page.get_by_role("dialog")).to_have_count(0)


async def test_ctrl_m_lets_tab_leave_the_editor(page: GraphiqlPage, ctrl: str) -> None:
    key = "Control+Shift+KeyM" if ctrl == "Meta" else "Control+KeyM"
    await page.open_empty_tab()
    await page.page.wait_for_function(FOCUSED)

    await page.page.keyboard.press(key)
    await page.page.keyboard.press("Tab")

    await page.page.wait_for_function(f"() => !({FOCUSED})()")
    assert await page.text("operation.graphql") == ""
    await page.page.locator(".graphiql-query-editor .view-lines").click()
    await page.page.keyboard.press(key)


async def test_a_new_tab_has_the_cursor(page: GraphiqlPage) -> None:
    await page.open_empty_tab()
    await page.page.wait_for_function(FOCUSED)

    await page.page.keyboard.type("# here")

    assert await page.text("operation.graphql") == "# here"


async def test_a_chosen_example_has_the_cursor_and_its_variables_open(page: GraphiqlPage) -> None:
    await page.page.get_by_role("button", name="Examples").click()
    await page.page.get_by_role("menuitem", name="Counts").click()

    await page.page.wait_for_function(FOCUSED)
    await expect(page.page.locator("[aria-label=Variables] .view-lines").first).to_contain_text("namespaces")
    await expect(page.page.get_by_role("button", name="Hide editor tools")).to_be_visible()


async def test_the_names_of_keys_are_those_of_the_system(page: GraphiqlPage, ctrl: str) -> None:
    alt = "Option" if ctrl == "Meta" else "Alt"

    await expect(page.page.get_by_role("button", name=f"Prettify query (Shift-{alt}-F)")).to_be_visible()


@pytest.mark.parametrize(
    "key", ["Ctrl+Enter", "Ctrl+Space", "Ctrl+I", "Shift+Alt+F", "Shift+Alt+C", "Shift+Alt+R", "Ctrl+K"]
)
def test_each_key_is_documented(key: str) -> None:
    assert f"| {key}" in DOCUMENTED or f", {key} |" in DOCUMENTED
