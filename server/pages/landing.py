"""`/`: a page with the state of the clusters for browsers, the server's addresses as JSON for programs.

The page has no data of its own: it sends `POST /graphql`, with the caller's token if one is needed.
"""

import json
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import web
from k8s.kinds.builtin import BUILT_IN
from resolvers.names import type_name
from server.http.mediatypes import is_html_preferred
from server.http.responses import json_response
from server.pages.files import served_folder, served_path
from server.pages.lazyvalue import LazyValue
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
    """The start page, its files, and the configuration that pages need of the server."""

    def __init__(self, *, is_token_required: bool, contact: str = "", folder: Path = LANDING_FOLDER) -> None:
        headers = {"Content-Security-Policy": LANDING_POLICY, "Vary": "Accept"}
        self._page = LazyValue(lambda: served_path(folder / "index.html", headers=headers))
        self._files = LazyValue(lambda: {n: f for n, f in served_folder(folder).items() if n != "index.html"})
        self._is_token_required = is_token_required
        self._contact = contact

    async def page(self, request: Request) -> Response:
        """Returns the page, or the addresses as JSON if the client does not prefer HTML."""
        if is_html_preferred(",".join(request.headers.getlist("accept"))):
            return (await self._page.get()).response(request)
        body = json.dumps({"name": "fleetgraph", "version": fleetgraph_version(), **PLACES}).encode()
        return json_response(body, status=200, headers={"Vary": "Accept"})

    async def file(self, request: Request) -> Response:
        """Returns one of the page's files.

        Raises:
            HTTPException: 404; there is no such file.
        """
        file = (await self._files.get()).get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        return file.response(request)

    async def config(self, _request: Request) -> Response:
        """Returns the configuration of the start page and of GraphiQL."""
        config = {
            "tokenRequired": self._is_token_required,
            "demo": not self._is_token_required,
            "version": fleetgraph_version(),
            "contact": self._contact,
            "kinds": {type_name(kind): kind.group for kind in BUILT_IN},
        }
        return json_response(json.dumps(config).encode(), status=200)
