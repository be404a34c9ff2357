"""Which address is answered by what, for people with a browser."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.pages.files import ServedFile
from server.pages.graphiql import Graphiql
from server.pages.landing import Landing
from server.pages.manual import Manual
from server.pages.once import Once

_SCHEMA_HEADERS = {"Content-Disposition": 'inline; filename="schema.graphql"'}


def page_routes(*, sdl: Callable[[], str] | None, is_token_required: bool) -> Sequence[BaseRoute]:
    """The pages; GET and HEAD, open to everybody.

    Args:
        sdl: Makes the schema in the schema definition language; called once, in a thread. None: the schema is no page.
        is_token_required: What the pages ask their user for.
    """
    landing, graphiql, manual = Landing(is_token_required=is_token_required), Graphiql(), Manual()
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
        Route("/docs/{name}", manual.page),
        Route("/docs/images/{name}", manual.image),
    )


def _moved_to(path: str) -> Callable[[Request], Response]:
    return lambda _request: RedirectResponse(path, 308)


class SchemaFile:
    """Made at the first request: it takes about a tenth of a second, and most processes are never asked."""

    def __init__(self, sdl: Callable[[], str]) -> None:
        self._file = Once(lambda: _schema_file(sdl()))

    async def get(self, request: Request) -> Response:
        """The SDL as text, which browsers show, and keep under its name."""
        return (await self._file.get()).response(request)


def _schema_file(sdl: str) -> ServedFile:
    return ServedFile.of(f"{sdl.rstrip()}\n".encode(), "text/plain; charset=utf-8", headers=_SCHEMA_HEADERS)
