"""`/graphiql`: the build of `web/graphiql` by Vite, or an error page if there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import web
from server.pages.files import ServedFile, served_folder, served_path
from server.pages.layout import problem_page
from server.pages.lazyvalue import LazyValue
from server.pages.policies import IMMUTABLE

_LICENSES = "licenses.md"


@dataclass(frozen=True, slots=True)
class _Build:
    page: ServedFile
    files: Mapping[str, ServedFile]
    licenses: ServedFile | None


class Graphiql:
    """The build at the time of the first request; a later one is served by the next process."""

    def __init__(self, dist: Callable[[], Path | None] = web.dist) -> None:
        self._build = LazyValue(lambda: _read(dist()))

    async def page(self, request: Request) -> Response:
        """Returns the application."""
        build = await self._build.get()
        if build is not None:
            return build.page.response(request)
        words = f'{escape(web.HOW_TO_BUILD)} The API at <code>/graphql</code> and the <a href="/">start page</a> work.'
        return problem_page(request, 503, words=words, title="GraphiQL is not built")

    async def asset(self, request: Request) -> Response:
        """Returns one of its files; their names change with their contents.

        Raises:
            HTTPException: 404; there is no such file.
        """
        build = await self._build.get()
        return _file_response(build.files.get(request.path_params["name"]) if build else None, request)

    async def licenses(self, request: Request) -> Response:
        """Returns the licenses of its packages.

        Raises:
            HTTPException: 404; it is not built.
        """
        build = await self._build.get()
        return _file_response(build.licenses if build else None, request)


def _read(dist: Path | None) -> _Build | None:
    if dist is None:
        return None
    licenses = dist / _LICENSES
    policy = {"Content-Security-Policy": web.GRAPHIQL_CSP}  # also of workers, which do not inherit the page's
    return _Build(
        page=served_path(dist / "index.html", headers=policy),
        files=served_folder(dist / "assets", cache=IMMUTABLE, headers=policy),
        licenses=served_path(licenses) if licenses.is_file() else None,
    )


def _file_response(file: ServedFile | None, request: Request) -> Response:
    if file is None:
        raise HTTPException(404)
    return file.response(request)
