"""`/docs/`: the manual of the running version, rendered once.

A wheel has it beside the code, a checkout in `docs/`.
"""

import json
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
from server.pages.layout import manual_page
from server.pages.lazyvalue import LazyValue

if TYPE_CHECKING:
    from server.pages.markdown import Rendered

ORDER: Final = (
    ("Start", ("demo", "concepts", "clusters")),
    ("Ask", ("schema", "links", "usage", "environment", "graphiql", "cli", "clients", "federation", "errors")),
    ("Run", ("server", "settings", "deploy", "troubleshooting", "performance")),
)
"""The groups of pages; the others come last."""

_REST: Final = "More"
_LISTED_LEVEL: Final = 2
"""The level of the headings in the contents of a page."""


@dataclass(frozen=True, slots=True)
class _ManualPages:
    index: ServedFile
    pages: Mapping[str, ServedFile]
    images: Mapping[str, ServedFile]
    search: ServedFile


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

    async def search(self, request: Request) -> Response:
        """Returns the sections of all pages, for the search in the browser."""
        return (await self._pages.get()).search.response(request)

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
        index=manual_page("Documentation", _index(groups, rendered), _sidebar(groups, rendered, None)),
        pages={
            name: manual_page(page.title or name, page.html, _sidebar(groups, rendered, name))
            for name, page in rendered.items()
        },
        images=served_folder(folder / "images"),
        search=_search_index(rendered),
    )


def _groups(rendered: "Mapping[str, Rendered]") -> list[tuple[str, list[str]]]:
    """Returns the groups that have pages, each with its pages."""
    grouped = {name for _, names in ORDER for name in names}
    groups = [(title, [name for name in names if name in rendered]) for title, names in ORDER]
    groups.append((_REST, [name for name in rendered if name not in grouped]))
    return [(title, names) for title, names in groups if names]


def _sidebar(groups: list[tuple[str, list[str]]], rendered: "Mapping[str, Rendered]", current: str | None) -> str:
    """Returns the links to all pages, and the contents of the current one below its own."""

    def link(name: str) -> str:
        is_current = name == current
        mark = ' aria-current="page"' if is_current else ""
        contents = _contents(rendered[name]) if is_current else ""
        return f'<li><a href="/docs/{name}"{mark}>{escape(rendered[name].title or name)}</a>{contents}</li>'

    return "".join(f"<h2>{title}</h2>\n<ul>{''.join(map(link, names))}</ul>\n" for title, names in groups)


def _contents(page: "Rendered") -> str:
    sections = (section for section in page.sections if section.level == _LISTED_LEVEL)
    links = "".join(f'<li><a href="#{section.anchor}">{escape(section.title)}</a></li>' for section in sections)
    return f'<ul aria-label="Contents of this page">{links}</ul>' if links else ""


def _search_index(rendered: "Mapping[str, Rendered]") -> ServedFile:
    """Returns the sections of all pages for the search (`web/landing/search.js`): `[{page, title, path, text}]`."""
    entries = [
        {
            "page": page.title or name,
            "title": section.title,
            "path": f"/docs/{name}#{section.anchor}" if section.anchor else f"/docs/{name}",
            "text": section.text,
        }
        for name, page in rendered.items()
        for section in page.sections
    ]
    return ServedFile.of(json.dumps(entries, ensure_ascii=False).encode(), "application/json")


def _index(groups: list[tuple[str, list[str]]], rendered: "Mapping[str, Rendered]") -> str:
    def entry(name: str) -> str:
        page = rendered[name]
        title = f'<a href="/docs/{name}">{escape(page.title or name)}</a>'
        return f"<dt>{title}</dt><dd>{escape(_first_sentence(page.summary))}</dd>"

    lists = (f"<h2>{title}</h2>\n<dl>{''.join(map(entry, names))}</dl>" for title, names in groups)
    return "<h1>Documentation</h1>\n" + "\n".join(lists)


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".:") + "." if text else ""
