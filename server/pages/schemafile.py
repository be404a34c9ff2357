"""`/schema.graphql`: the schema for code generators, as `fleetgraph schema` prints it."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from server.pages.files import ServedFile
from server.pages.once import Once

_HEADERS = {"Content-Disposition": 'inline; filename="schema.graphql"'}


class SchemaFile:
    """Made at the first request: it takes about a tenth of a second, and most processes are never asked."""

    def __init__(self, sdl: Callable[[], str]) -> None:
        self._file = Once(lambda: _file(sdl()))

    async def get(self, request: Request) -> Response:
        """The SDL as text, which browsers show, and keep under its name."""
        return (await self._file.get()).response(request)


def _file(sdl: str) -> ServedFile:
    return ServedFile.of(f"{sdl.rstrip()}\n".encode(), "text/plain; charset=utf-8", headers=_HEADERS)
