"""`fleetgraph query`, `explain` and `examples`: queries without a server."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from server.cli.commands.options import AsJson
from server.cli.query.format import Format


class ExplainFormat(StrEnum):
    """How `explain` prints."""

    TREE = "tree"
    JSON = "json"


def _example_names(incomplete: str) -> list[str]:
    """Names of saved queries, for completion by the shell."""
    from server.cli.query.examples import examples  # noqa: PLC0415  see the package
    from server.errors import InputError  # noqa: PLC0415  see the package

    try:
        return [name for name in sorted(examples()) if name.startswith(incomplete.lower())]
    except InputError:
        return []


Query: TypeAlias = Annotated[str | None, typer.Argument(metavar="[QUERY]", help="The GraphQL query.")]
QueryFile: TypeAlias = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Read the query from a file; - is stdin.")
]
Example: TypeAlias = Annotated[
    str | None,
    typer.Option("--example", metavar="NAME", help="Run a saved query; see `examples`.", autocompletion=_example_names),
]
Variable: TypeAlias = Annotated[
    list[str] | None, typer.Option("--variable", "-v", metavar="NAME=VALUE", help="A variable; may be repeated.")
]
Variables: TypeAlias = Annotated[
    str | None, typer.Option("--variables", metavar="JSON", help="The variables, as a JSON object.")
]
OperationName: TypeAlias = Annotated[
    str | None, typer.Option("--operation", metavar="NAME", help="Which of the query's operations to run.")
]


def query(
    query: Query = None,
    file: QueryFile = None,
    example: Example = None,
    variable: Variable = None,
    variables: Variables = None,
    operation: OperationName = None,
    output: Annotated[
        Format | None,
        typer.Option("--output", "-o", help="Default: tables of the answer's lists on a terminal, JSON into a pipe."),
    ] = None,
    watch: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=1, max=86400, help="Ask again and again, so far apart, until Ctrl-C."),
    ] = None,
) -> None:
    """Run a query in this process against the registered clusters, and print the answer.

    The exit code is 0 for an answer without errors, 1 for one with errors (what there is of data is printed all the
    same), and 2 if the query was not run because it is no valid query.
    """
    from server.cli.query.ask import Question, ask  # noqa: PLC0415  see the package

    question = Question(
        query=query,
        file=file,
        example=example,
        texts=tuple(variable or ()),
        variables=variables,
        operation_name=operation,
        output=output,
        watch_s=watch,
    )
    raise typer.Exit(ask(question))


def explain(
    query: Query = None,
    file: QueryFile = None,
    example: Example = None,
    variable: Variable = None,
    variables: Variables = None,
    operation: OperationName = None,
    output: Annotated[
        ExplainFormat, typer.Option("--output", "-o", help="A tree, or JSON as in `extensions.explain`.")
    ] = ExplainFormat.TREE,
) -> None:
    """Run a query as `query` does, and print what it cost the clusters instead of its answer.

    Each request to each cluster with its selectors, objects, bytes and time; what of `where` the API servers did, and
    what was looked at here; estimated against actual cost. Exit codes are those of `query`.
    """
    from server.cli.query.ask import Question  # noqa: PLC0415  see the package
    from server.cli.query.explain import explain as print_explained  # noqa: PLC0415  see the package

    question = Question(
        query=query,
        file=file,
        example=example,
        texts=tuple(variable or ()),
        variables=variables,
        operation_name=operation,
        output=Format.JSON if output is ExplainFormat.JSON else None,
    )
    raise typer.Exit(print_explained(question))


def examples(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Print this one's text.", autocompletion=_example_names),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the saved queries, or print one."""
    from server.cli.query.examplelisting import print_examples  # noqa: PLC0415  see the package

    print_examples(name, as_json=as_json)
