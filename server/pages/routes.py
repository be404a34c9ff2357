"""Which address is answered by what, for people with a browser."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.pages.graphiql import Graphiql
from server.pages.landing import Landing
from server.pages.manual import Manual
from server.pages.schemafile import SchemaFile


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
