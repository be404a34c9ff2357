"""What tests of the start page look at."""

from playwright.async_api import Locator, Page


def row(page: Page, name: str) -> Locator:
    """A cluster's row of the table."""
    return page.locator("#rows tr").filter(has=page.locator(".name").get_by_text(name, exact=True))


def badge(page: Page, name: str) -> Locator:
    """How a cluster is."""
    return row(page, name).locator(".badge")
