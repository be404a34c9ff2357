"""The elements of the start page that tests check."""

from playwright.async_api import Locator, Page


def row(page: Page, name: str) -> Locator:
    """Returns a cluster's row of the table."""
    return page.locator("#rows tr").filter(has=page.locator(".name").get_by_text(name, exact=True))


def badge(page: Page, name: str) -> Locator:
    """Returns the state of a cluster."""
    return row(page, name).locator(".badge")
