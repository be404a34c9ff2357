"""`fleetgraph query`: one query without a server."""

from pathlib import Path
from typing import Annotated

import typer


def query(
    query: Annotated[str | None, typer.Argument(metavar="[QUERY]", help="The GraphQL query.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Read the query from a file; - is stdin.")] = None,
    variables: Annotated[str | None, typer.Option(metavar="JSON", help="The variables, as a JSON object.")] = None,
    operation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which of the query's operations to run.")
    ] = None,
) -> None:
    """Run a query in this process against the registered clusters, and print the answer as JSON.

    The exit code is 0 for an answer without errors, 1 for one with errors (what there is of data is printed all the
    same), and 2 if the query was not run because it is no valid query.
    """
    from server.asking import ask  # noqa: PLC0415  see the package

    raise typer.Exit(ask(query, file=file, variables=variables, operation_name=operation))
