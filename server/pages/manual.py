"""`/docs/`: the manual of the running version, rendered once.

A wheel has it beside the code, a checkout in `docs/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import server
from server.pages.files import ServedFile, served_folder
from server.pages.layout import text_page
from server.pages.lazyvalue import LazyValue

if TYPE_CHECKING:
    from server.pages.markdown import Rendered

ORDER: Final = (
    ("Start", ("demo", "concepts", "clusters")),
    ("Ask", ("schema", "graphiql", "cli", "clients", "federation", "errors")),
    ("Run", ("server", "settings", "deploy", "performance")),
)
"""The groups of pages; the others come last."""

_REST: Final = "More"


@dataclass(frozen=True, slots=True)
class _ManualPages:
    index: ServedFile
    pages: Mapping[str, ServedFile]
    images: Mapping[str, ServedFile]


class Manual:
    """The pages, their images and an index."""

    def __init__(self, folder: Path | None = None) -> None:
        self._pages = LazyValue(lambda: _rendered(folder or manual_folder()))

    async def index(self, request: Request) -> Response:
        """Returns the list of all pages, each with its summary."""
        return (await self._pages.get()).index.response(request)

    async def page(self, request: Request) -> Response:
        """Returns one page; with `.md` at the end, a redirect to it.

        Raises:
            HTTPException: 404; there is no such page.
        """
        name, pages = request.path_params["name"], (await self._pages.get()).pages
        if name not in pages and name.removesuffix(".md") in pages:
            return RedirectResponse(f"/docs/{name.removesuffix('.md')}", 308)
        return _file_response(pages.get(name), request)

    async def image(self, request: Request) -> Response:
        """Returns an image of the pages.

        Raises:
            HTTPException: 404; there is no such image.
        """
        return _file_response((await self._pages.get()).images.get(request.path_params["name"]), request)


def manual_folder() -> Path:
    """Returns the folder of the manual."""
    package = Path(server.__file__).parent
    return package / "manual" if (package / "manual").is_dir() else package.parent / "docs"


def _file_response(file: ServedFile | None, request: Request) -> Response:
    if file is None:
        raise HTTPException(404)
    return file.response(request)


def _rendered(folder: Path) -> _ManualPages:
    from server.pages.markdown import render  # noqa: PLC0415  a parser that only the manual needs

    rendered = {path.stem: render(path.read_text("utf-8")) for path in sorted(folder.glob("*.md"))}
    groups = _groups(rendered)
    return _ManualPages(
        index=text_page("Documentation", _index(groups, rendered), sidebar=_sidebar(groups, rendered, None)),
        pages={
            name: text_page(page.title or name, page.html, sidebar=_sidebar(groups, rendered, name))
            for name, page in rendered.items()
        },
        images=served_folder(folder / "images"),
    )


def _groups(rendered: "Mapping[str, Rendered]") -> list[tuple[str, list[str]]]:
    """Returns the groups that have pages, each with its pages."""
    grouped = {name for _, names in ORDER for name in names}
    groups = [(title, [name for name in names if name in rendered]) for title, names in ORDER]
    groups.append((_REST, [name for name in rendered if name not in grouped]))
    return [(title, names) for title, names in groups if names]


def _sidebar(groups: list[tuple[str, list[str]]], rendered: "Mapping[str, Rendered]", current: str | None) -> str:
    def link(name: str) -> str:
        mark = ' aria-current="page"' if name == current else ""
        return f'<li><a href="/docs/{name}"{mark}>{escape(rendered[name].title or name)}</a></li>'

    lists = "".join(f"<h2>{title}</h2>\n<ul>{''.join(map(link, names))}</ul>\n" for title, names in groups)
    return f'<nav class="sidebar" aria-label="Documentation">{lists}</nav>'


def _index(groups: list[tuple[str, list[str]]], rendered: "Mapping[str, Rendered]") -> str:
    def entry(name: str) -> str:
        page = rendered[name]
        title = f'<a href="/docs/{name}">{escape(page.title or name)}</a>'
        return f"<dt>{title}</dt><dd>{escape(_first_sentence(page.summary))}</dd>"

    lists = (f"<h2>{title}</h2>\n<dl>{''.join(map(entry, names))}</dl>" for title, names in groups)
    return "<h1>Documentation</h1>\n" + "\n".join(lists)


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".:") + "." if text else ""
