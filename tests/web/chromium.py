"""Headless Chromium, and the complaints of a page in it."""

import os
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request, WebSocket, async_playwright, expect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Scheme = Literal["dark", "light"]
PATIENCE_MS = 60_000
"""The timeout of a page, on a machine of any load; only failures wait for its end."""

expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True, slots=True)
class Window:
    """The size and colours of a page."""

    width: int = 1280
    height: int = 800
    scheme: Scheme = "light"
    scale: float = 1.0


@dataclass  # no slots: Playwright puts its wrappers on it
class Visit:
    """One page of one server, with its errors."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def foreign(self) -> list[str]:
        """Requests to others than the server."""
        return [url for url in self.requests if _origin(url) != self.origin]

    def watch(self) -> None:
        """Begins to listen."""
        self.page.on("console", self._console)
        self.page.on("pageerror", self._exception)
        self.page.on("websocket", self._websocket)
        self.page.context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _exception(self, error: Error) -> None:
        self.complaints.append(f"exception: {error}")

    def _websocket(self, socket: WebSocket) -> None:
        self.requests.append(socket.url.replace("ws", "http", 1))

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)


def chromium_program(names: Iterable[str] = PROGRAMS) -> str | None:
    """Returns the path of Chromium, if it is on the PATH."""
    return next((program for name in names if (program := shutil.which(name))), None)


@asynccontextmanager
async def launched(program: str) -> AsyncIterator[Browser]:
    """Launches a browser; root has no sandbox, so it gets none there."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visiting(browser: Browser, origin: str, window: Window) -> AsyncIterator[Visit]:
    """Opens a page with storage of its own."""
    context = await browser.new_context(
        viewport={"width": window.width, "height": window.height},
        color_scheme=window.scheme,
        device_scale_factor=window.scale,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        visit = Visit(await context.new_page(), origin)
        visit.watch()
        yield visit
    finally:
        await context.close()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
