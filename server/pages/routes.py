"""The addresses of the pages, and their handlers."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.pages.files import ServedFile
from server.pages.graphiql import Graphiql
from server.pages.landing import Landing
from server.pages.lazyvalue import LazyValue
from server.pages.manual import Manual

_SCHEMA_HEADERS = {"Content-Disposition": 'inline; filename="schema.graphql"'}


def page_routes(*, sdl: Callable[[], str] | None, is_token_required: bool, contact: str = "") -> Sequence[BaseRoute]:
    """Returns the routes of the pages: GET and HEAD, public.

    Args:
        sdl: Prints the schema in the schema definition language; called once, in a thread. None: the schema is not
            served.
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
        *([Route("/schema.graphql", SchemaFile(sdl).get)] if sdl is not None else []),
        Route("/docs", _moved_to("/docs/")),
        Route("/docs/", manual.index),
        Route("/docs/search.json", manual.search),
        Route("/docs/{name}", manual.page),
        Route("/docs/images/{name}", manual.image),
    )


def _moved_to(path: str) -> Callable[[Request], Response]:
    return lambda _request: RedirectResponse(path, 308)


class SchemaFile:
    """The schema as a file for code generators, as `fleetgraph schema` prints it.

    It is printed at the first request: that takes about a tenth of a second, and most processes never need it.
    """

    def __init__(self, sdl: Callable[[], str]) -> None:
        self._file = LazyValue(lambda: _schema_file(sdl()))

    async def get(self, request: Request) -> Response:
        """Returns the SDL as text, which browsers show, and save under its name."""
        return (await self._file.get()).response(request)


def _schema_file(sdl: str) -> ServedFile:
    return ServedFile.of(f"{sdl.rstrip()}\n".encode(), "text/plain; charset=utf-8", headers=_SCHEMA_HEADERS)
