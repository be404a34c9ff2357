"""The frame of the pages that are made here: one header, one style sheet, no script."""

from html import escape
from typing import Final

from server.pages.files import ServedFile
from server.pages.policies import ASKED_FOR_EACH_TIME, TEXT_PAGE_POLICY

HTML: Final = "text/html; charset=utf-8"

_LINKS: Final = (("/", "Clusters"), ("/graphiql", "GraphiQL"), ("/docs/", "Docs"), ("/schema.graphql", "Schema"))


def text_page(title: str, content: str, *, sidebar: str = "", cache: str = ASKED_FOR_EACH_TIME) -> ServedFile:
    """A page.

    Args:
        title: As text.
        content: As HTML, which is nobody's input.
        sidebar: As HTML; what stands beside the content.
        cache: The value of Cache-Control.
    """
    return ServedFile.of(
        _html(title, content, sidebar).encode(),
        HTML,
        cache=cache,
        headers={"Content-Security-Policy": TEXT_PAGE_POLICY},
    )


def _html(title: str, content: str, sidebar: str) -> str:
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
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="top">
<a class="brand" href="/"><img src="/landing/icon.svg" alt="" width="28" height="28">fleetgraph</a>
<nav aria-label="Site">{links}</nav>
</header>
<div class="columns">
{sidebar}
<main id="content" tabindex="-1">
{content}
</main>
</div>
</body>
</html>
"""
