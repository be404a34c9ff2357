"""The addresses of the pages, and their handlers."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.pages.files import ServedFile
from server.pages.graphiql import Graphiql
from server.pages.landing import Landing
from server.pages.lazyvalue import LazyValue
from server.pages.manual import Manual

_OWN_FILES = 4
_SCHEMA_HEADERS = {"Content-Disposition": 'inline; filename="schema.graphql"', "Vary": "Authorization"}


def page_routes(*, schema_file: "SchemaFile | None", is_token_required: bool, contact: str = "") -> Sequence[BaseRoute]:
    """Returns the routes of the pages: GET and HEAD, public.

    Args:
        schema_file: The schema as a file. None: it is not served.
        is_token_required: Whether the pages ask their user for a token.
        contact: Whom users without a grant are to ask.
    """
    landing = Landing(is_token_required=is_token_required, contact=contact)
    graphiql, manual = Graphiql(), Manual()
    return (
        Route("/", landing.page),
        Route("/landing/{name}", landing.file),
        Route("/config.json", landing.config),
        Route("/graphiql", graphiql.page),
        Route("/graphiql/", _moved_to("/graphiql")),
        Route("/graphiql/assets/{name}", graphiql.asset),
        Route("/graphiql/licenses.md", graphiql.licenses),
        *([Route("/schema.graphql", schema_file.get)] if schema_file is not None else []),
        Route("/docs", _moved_to("/docs/")),
        Route("/docs/", manual.index),
        Route("/docs/search.json", manual.search),
        Route("/docs/{name}", manual.page),
        Route("/docs/images/{name}", manual.image),
    )


def _moved_to(path: str) -> Callable[[Request], Response]:
    return lambda _request: RedirectResponse(path, 308)


class SchemaFile:
    """The schema as a file for code generators: that of built-in kinds, or a caller's own.

    The first is printed at the first request: that takes about a tenth of a second, and most processes never need it.
    """

    def __init__(
        self, sdl: Callable[[], str], own_sdl: Callable[[Request], Awaitable[str | None]] | None = None
    ) -> None:
        """Takes the printers of both texts.

        Args:
            sdl: Prints the schema of built-in kinds; called once, in a thread.
            own_sdl: Returns the schema of the caller of a request; None for a request without a caller.
        """
        self._file = LazyValue(lambda: _schema_file(sdl()))
        self._own_sdl = own_sdl
        self._own_files: OrderedDict[str, ServedFile] = OrderedDict()

    async def get(self, request: Request) -> Response:
        """Returns the SDL as text, which browsers show, and save under its name."""
        own = await self._own_sdl(request) if self._own_sdl is not None else None
        return (await self._file.get() if own is None else await self._own_file(own)).response(request)

    async def _own_file(self, sdl: str) -> ServedFile:
        """Returns the file of a text; the last few are kept, because compressing megabytes takes long."""
        if sdl not in self._own_files:
            self._own_files[sdl] = await asyncio.to_thread(_schema_file, sdl)
        while len(self._own_files) > _OWN_FILES:
            self._own_files.popitem(last=False)
        return self._own_files[sdl]


def _schema_file(sdl: str) -> ServedFile:
    return ServedFile.of(f"{sdl.rstrip()}\n".encode(), "text/plain; charset=utf-8", headers=_SCHEMA_HEADERS)
