"""`fleetgraph query`, `explain` and `examples`: queries in this process or at a server."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from server.cli.commands.completion import example_names, queries
from server.cli.commands.options import AsJson
from server.cli.query.outputformat import OutputFormat


class ExplainFormat(StrEnum):
    """Output formats of `explain`."""

    TREE = "tree"
    JSON = "json"


Query: TypeAlias = Annotated[
    str | None, typer.Argument(metavar="QUERY", help="The GraphQL query.", autocompletion=queries)
]
QueryFile: TypeAlias = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Read the query from a file; - is stdin.")
]
Example: TypeAlias = Annotated[
    str | None,
    typer.Option("--example", metavar="NAME", help="Run a saved query; see `examples`.", autocompletion=example_names),
]
Variable: TypeAlias = Annotated[
    list[str] | None, typer.Option("--variable", "-v", metavar="NAME=VALUE", help="A variable; may be repeated.")
]
Variables: TypeAlias = Annotated[
    str | None, typer.Option("--variables", metavar="JSON", help="The variables, as a JSON object.")
]
Url: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="Ask a server instead of running the query in this process. Default: $FLEETGRAPH_URL.",
    ),
]
TokenFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="A file with the token for the server; - is stdin. Default: $FLEETGRAPH_TOKEN, $FLEETGRAPH_TOKEN_FILE.",
    ),
]
CaFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--ca-file", metavar="FILE", help="Authorities (PEM) that verify the server, instead of the system's."
    ),
]
OperationName: TypeAlias = Annotated[
    str | None, typer.Option("--operation", metavar="NAME", help="The operation to run, if the document has several.")
]


def query(
    query: Query = None,
    file: QueryFile = None,
    example: Example = None,
    variable: Variable = None,
    variables: Variables = None,
    operation: OperationName = None,
    url: Url = None,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: Annotated[
        OutputFormat | None,
        typer.Option("--output", "-o", help="Default: tables of the answer's lists on a terminal, JSON into a pipe."),
    ] = None,
    watch: Annotated[
        bool,
        typer.Option("--watch", "-w", help="Follow the query's list, and show its rows as they change, until Ctrl-C."),
    ] = False,
    every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=1, max=86400, help="Repeat the query at this interval, until Ctrl-C."),
    ] = None,
) -> None:
    """Run a query and print the answer.

    It runs in this process against the registered clusters, or at a server with --url.

    The exit code is 0 for an answer without errors, 1 for one with errors (its data is printed anyway), and 2 if the
    query was not run because it is invalid.
    """
    from server.cli.query.ask import ask  # noqa: PLC0415  see the package
    from server.cli.query.question import Question  # noqa: PLC0415  see the package
    from server.cli.query.serveraddress import ServerOptions  # noqa: PLC0415  see the package
    from server.commanderrors import InputError  # noqa: PLC0415  see the package

    if watch and every is not None:
        raise InputError("--watch and --every contradict each other; give one of them.")
    question = Question(
        query=query,
        file=file,
        example=example,
        texts=tuple(variable or ()),
        variables=variables,
        operation_name=operation,
        server=ServerOptions(url=url, token_file=token_file, ca_file=ca_file),
        output=output,
        every_s=every,
        is_followed=watch,
    )
    raise typer.Exit(ask(question))


def explain(
    query: Query = None,
    file: QueryFile = None,
    example: Example = None,
    variable: Variable = None,
    variables: Variables = None,
    operation: OperationName = None,
    url: Url = None,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: Annotated[
        ExplainFormat, typer.Option("--output", "-o", help="A tree, or JSON as in `extensions.explain`.")
    ] = ExplainFormat.TREE,
) -> None:
    """Run a query and print its cost for the clusters instead of its answer.

    Prints each request to each cluster with its selectors, objects, bytes and time; the conditions of `where` that the
    API servers evaluated, and those evaluated here; estimated and actual cost. Exit codes are those of `query`.
    """
    from server.cli.query.explain import explain as print_explained  # noqa: PLC0415  see the package
    from server.cli.query.question import Question  # noqa: PLC0415  see the package
    from server.cli.query.serveraddress import ServerOptions  # noqa: PLC0415  see the package

    question = Question(
        query=query,
        file=file,
        example=example,
        texts=tuple(variable or ()),
        variables=variables,
        operation_name=operation,
        server=ServerOptions(url=url, token_file=token_file, ca_file=ca_file),
        output=OutputFormat.JSON if output is ExplainFormat.JSON else None,
    )
    raise typer.Exit(print_explained(question))


def examples(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Print the text of this one.", autocompletion=example_names),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the saved queries, or print one."""
    from server.cli.query.examplelisting import print_examples  # noqa: PLC0415  see the package

    print_examples(name, as_json=as_json)
