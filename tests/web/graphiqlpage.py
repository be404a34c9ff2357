"""GraphiQL as a person uses it."""

import re
from typing import Any

import msgspec
from playwright.async_api import Locator, expect

from tests.web.chromium import Visit

MODEL = "name => __MONACO.editor.getModels().find(model => model.uri.path.endsWith(name)).getValue()"
"""Monaco draws only the lines that are seen; its models have the whole text."""


class GraphiqlPage:
    """GraphiQL in a browser; each method waits until its action is done."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.page = visit.page

    async def open(self) -> None:
        """Loads it, and waits until it has the schema, or knows that it gets none."""
        await self.page.goto(f"{self.visit.origin}/graphiql")
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
        await expect(self.page.locator(".graphiql-sidebar .graphiql-spin")).to_have_count(0)

    async def wait_for_worker(self, name: str) -> None:
        """Returns when a worker whose file has this name runs."""
        if not any(name in worker.url for worker in self.page.workers):
            await self.page.wait_for_event("worker", lambda worker: name in worker.url)

    async def choose_tab(self, name: str) -> None:
        """Makes a tab the active one."""
        await self.tabs(name).click()

    def tabs(self, name: str) -> Locator:
        """Returns the tabs of this name."""
        return self.page.get_by_role("tablist").get_by_role("button", name=name, exact=True)

    async def open_empty_tab(self) -> None:
        """Opens a tab without an operation."""
        await self.page.get_by_role("button", name="New tab").click()

    async def hide_plugin(self) -> None:
        """Hides the documentation, the history or the explorer, if one is shown."""
        hiding = self.page.get_by_role("button", name=re.compile("^Hide (Doc|Hist|GraphiQL)"))
        if await hiding.count():
            await hiding.click()

    async def run(self) -> Any:
        """Runs the content of the editor, and returns the response."""
        await self.press_run()
        await expect(self.answer).to_contain_text(" ms")
        return msgspec.json.decode(await self.text("response.json"))

    async def press_run(self) -> None:
        """Runs the content of the editor, and does not wait."""
        await self.page.get_by_role("button", name=re.compile("Execute query")).click()

    async def text(self, model: str) -> str:
        """Returns the content of an editor: `operation.graphql`, `variables.json` or `response.json`."""
        text = await self.page.evaluate(MODEL, model)
        assert isinstance(text, str)
        return text

    async def type(self, text: str) -> None:
        """Types into the operation's editor."""
        await self.page.locator(".graphiql-query-editor .view-lines").click()
        await self.page.keyboard.type(text)

    async def paste(self, text: str) -> None:
        """Puts text into the operation's editor at once, so that it closes no brackets."""
        await self.page.locator(".graphiql-query-editor .view-lines").click()
        await self.page.keyboard.insert_text(text)

    async def show_tool(self, name: str) -> None:
        """Opens the editor of variables or headers, and puts the cursor into it."""
        await self.page.get_by_role("button", name=name, exact=True).click()
        await self.page.locator(f"[aria-label={name}] .graphiql-editor:not(.hidden) .view-lines").click()

    async def ground(self) -> str:
        """Returns the colour behind the editors."""
        colour = await self.page.evaluate(
            "() => getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor"
        )
        assert isinstance(colour, str)
        return colour

    @property
    def answer(self) -> Locator:
        """Returns the line above the response."""
        return self.page.locator(".answer")

    @property
    def suggestions(self) -> Locator:
        """Returns the names that the editor suggests."""
        return self.page.locator(".suggest-widget.visible .monaco-list-row .label-name")
