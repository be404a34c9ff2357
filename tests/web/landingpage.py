"""The elements of the start page that tests check."""

import asyncio
from collections.abc import Callable

from playwright.async_api import Locator, Page


def row(page: Page, name: str) -> Locator:
    """Returns a cluster's row of the table."""
    return page.locator("#rows tr").filter(has=page.locator(".name").get_by_text(name, exact=True))


def badge(page: Page, name: str) -> Locator:
    """Returns the state of a cluster."""
    return row(page, name).locator(".badge")


async def until(is_so: Callable[[], bool]) -> None:
    """Waits until something is so at the server, which runs in another thread."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110  no event of this loop tells it
            await asyncio.sleep(0.02)
