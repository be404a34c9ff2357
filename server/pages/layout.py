"""The frame of generated pages: one header, one style. Pages of the manual have a script, errors have none."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from server.pages.files import ServedFile
from server.pages.policies import MANUAL_POLICY, REVALIDATED, TEXT_PAGE_POLICY

HTML: Final = "text/html; charset=utf-8"

_LINKS: Final = (("/", "Clusters"), ("/graphiql", "GraphiQL"), ("/docs/", "Docs"), ("/schema.graphql", "Schema"))

_MANUAL_HEAD: Final = """<link rel="stylesheet" href="/landing/manual.css">
<link rel="stylesheet" href="/landing/code.css">
<script type="module" src="/landing/manual.js"></script>
"""

_WORDS: Final = {
    404: "There is no page at this address.",
    405: "This address answers programs, not browsers: queries are sent to it with POST. "
    'To write one here, open <a href="/graphiql">GraphiQL</a>.',
}


def text_page(title: str, content: str, *, cache: str = REVALIDATED) -> ServedFile:
    """Returns a page without a script.

    Args:
        title: As text.
        content: As HTML, without any client's input.
        cache: The value of Cache-Control.
    """
    return _served(_html(title, content), cache, TEXT_PAGE_POLICY)


def manual_page(title: str, content: str, sidebar: str) -> ServedFile:
    """Returns a page of the manual.

    Args:
        title: As text.
        content: As HTML.
        sidebar: As HTML: links to all pages, beside the content or, in a narrow window, behind a button.
    """
    return _served(_html(title, content, _navigation(sidebar), _MANUAL_HEAD), REVALIDATED, MANUAL_POLICY)


def _served(html: str, cache: str, policy: str) -> ServedFile:
    return ServedFile.of(html.encode(), HTML, cache=cache, headers={"Content-Security-Policy": policy})


def _navigation(sidebar: str) -> str:
    """Returns the sidebar; a popover, so that it opens and closes without a script."""
    return f"""<button class="pages" popovertarget="pages">Pages</button>
<nav class="sidebar" id="pages" popover aria-label="Documentation">{sidebar}</nav>"""


def problem_page(
    request: Request, status: int, *, words: str = "", title: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """Returns a page about an error.

    Args:
        request: The failed request; nothing of it is shown.
        status: The response's status code.
        words: As HTML; by default those for the status.
        title: By default the status's own phrase.
        headers: Further headers of the response.
    """
    response = _page(status, words, title).response(request, status=status)
    response.headers.update(headers or {})
    return response


@lru_cache(maxsize=16)
def _page(status: int, words: str, title: str) -> ServedFile:
    """Returns the page, made once: any client can ask for an address that does not exist."""
    title = title or HTTPStatus(status).phrase
    return text_page(title, f"<h1>{title}</h1>\n<p>{words or _WORDS.get(status, '')}</p>", cache="no-store")


def _html(title: str, content: str, navigation: str = "", head: str = "") -> str:
    links = "".join(f'<a href="{path}">{name}</a>' for path, name in _LINKS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · fleetgraph</title>
<link rel="icon" type="image/svg+xml" href="/landing/icon.svg">
<link rel="stylesheet" href="/landing/base.css">
<link rel="stylesheet" href="/landing/text.css">
{head}</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="top">
<a class="brand" href="/"><img src="/landing/icon.svg" alt="" width="28" height="28">fleetgraph</a>
<nav aria-label="Site">{links}</nav>
</header>
<div class="columns">
{navigation}
<main id="content" tabindex="-1">
{content}
</main>
</div>
</body>
</html>
"""
