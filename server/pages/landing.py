"""`/`: for people a page that shows how the clusters are; for programs where everything is.

The page itself knows nothing: it asks `POST /graphql`, with the caller's token where one is needed.
"""

import json
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import web
from server.http.mediatypes import is_html_preferred
from server.http.responses import json_response
from server.pages.files import served_folder, served_path
from server.pages.once import Once
from server.pages.policies import LANDING_POLICY
from server.version import fleetgraph_version

LANDING_FOLDER: Final = Path(web.__file__).parent / "landing"

PLACES: Final = {
    "graphql": "/graphql",
    "graphiql": "/graphiql",
    "schema": "/schema.graphql",
    "docs": "/docs/",
    "health": "/healthz",
    "readiness": "/readyz",
}


class Landing:
    """The start page, its files, and what pages need to know of the server."""

    def __init__(self, *, is_token_required: bool, folder: Path = LANDING_FOLDER) -> None:
        headers = {"Content-Security-Policy": LANDING_POLICY, "Vary": "Accept"}
        self._page = Once(lambda: served_path(folder / "index.html", headers=headers))
        self._files = Once(lambda: {n: f for n, f in served_folder(folder).items() if n != "index.html"})
        self._is_token_required = is_token_required

    async def page(self, request: Request) -> Response:
        """The page, or for who does not ask for HTML, the places as JSON."""
        if is_html_preferred(",".join(request.headers.getlist("accept"))):
            return (await self._page.get()).response(request)
        body = json.dumps({"name": "fleetgraph", "version": fleetgraph_version(), **PLACES}).encode()
        return json_response(body, status=200, headers={"Vary": "Accept"})

    async def file(self, request: Request) -> Response:
        """One of the files beside the page.

        Raises:
            HTTPException: 404; it is none of them.
        """
        found = (await self._files.get()).get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return found.response(request)

    async def config(self, _request: Request) -> Response:
        """What the start page and GraphiQL decide by."""
        config = {
            "tokenRequired": self._is_token_required,
            "demo": not self._is_token_required,
            "version": fleetgraph_version(),
        }
        return json_response(json.dumps(config).encode(), status=200)
