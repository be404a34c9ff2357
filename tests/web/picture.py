"""`python -m tests.web.picture`: takes the README's picture of GraphiQL, with the demo fleet and a partial result."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Page

from tests.demo.serving import DemoServer
from tests.web.chromium import Window, chromium_program, launched, visiting
from tests.web.graphiqlpage import GraphiqlPage
from web.build import build

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "graphiql.png"
WINDOW = Window(width=1280, height=800, scheme="dark")


async def take_picture(program: str, origin: str, picture: Path) -> None:
    """Runs the first example, and takes a picture of the page."""
    async with launched(program) as browser, visiting(browser, origin, WINDOW) as visit:
        graphiql = GraphiqlPage(visit)
        await graphiql.open()
        await graphiql.choose_tab("Trouble")
        await graphiql.run()
        await _let_go(visit.page)
        picture.parent.mkdir(parents=True, exist_ok=True)
        await visit.page.screenshot(path=picture, animations="disabled", caret="hide")


async def _let_go(page: Page) -> None:
    """Removes the focus and the pointer, and waits until the last colours have been drawn."""
    await page.mouse.move(1270, 790)
    await page.evaluate("() => document.activeElement?.blur()")
    await page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")


def main() -> int:
    """Runs the command, and returns its exit code."""
    program = chromium_program()
    if program is None:
        sys.stderr.write("There is no Chromium on the PATH; on Debian and Ubuntu: apt install chromium\n")
        return 1
    build()
    with DemoServer() as server:
        asyncio.run(take_picture(program, server.url, PICTURE))
    sys.stdout.write(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
