"""A plain Strawberry hello world under the same HTTP server: `python -m bench.hello --port PORT`."""

import argparse

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

QUERY = "{ hello }"


@strawberry.type
class Query:
    """The smallest schema."""

    @strawberry.field
    def hello(self) -> str:
        """Returns a constant."""
        return "world"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.hello", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    app = Starlette(routes=[Route("/graphql", GraphQL[None, None](strawberry.Schema(Query)))])
    port = parser.parse_args().port
    uvicorn.run(app, port=port, http="httptools", loop="uvloop", access_log=False, log_level="error")
