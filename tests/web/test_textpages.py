"""Pages of text in a browser: the manual, errors."""

import pytest

from tests.web.chromium import Window
from tests.web.conftest import Visiting

SIZES = (1280, 800), (400, 800)


@pytest.mark.parametrize("path", ["/docs/", "/docs/schema", "/docs/settings", "/nothing"])
@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_pages_of_text_fit(visit: Visiting, origin: str, path: str, width: int, height: int) -> None:
    async with visit(origin, Window(width, height)) as opened:
        await opened.page.goto(f"{origin}{path}")

        assert await opened.page.evaluate("document.documentElement.scrollWidth") == width
        if path != "/nothing":  # Chromium itself complains of the status 404
            assert opened.complaints == []
        assert opened.foreign() == []
