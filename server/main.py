"""The command `fleetgraph`: the tree of its subcommands, without imports that take time.

Each command imports its own code when it runs, so that `fleetgraph --help` and shell completion answer at once.
"""

import sys
from typing import Annotated, NoReturn

import typer

from server.cli import failures
from server.cli.commands import audit, authentication, clusters, demo, grants, keys, query, schema, serve, tokens
from server.cli.commands.help import USAGE_ERROR, print_usage_error, with_plain_help
from server.serve.gcthresholds import collect_rarely
from server.terminal.streams import check_streams
from server.version import fleetgraph_version

app = typer.Typer(
    name="fleetgraph",
    help="One GraphQL endpoint over all of your Kubernetes clusters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(clusters.app, name="clusters")
app.command("query")(query.query)
app.command("explain")(query.explain)
app.command("examples")(query.examples)
app.command("schema")(schema.schema)
app.add_typer(tokens.app, name="tokens")
app.add_typer(authentication.app, name="authentication")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(grants.app, name="grants")
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)


def main() -> NoReturn:
    """Runs the command that the arguments name, and exits with its code. The entry point of the package."""
    collect_rarely()
    check_streams()
    sys.exit(failures.guarded(lambda: run(sys.argv[1:])))


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit code, unless it raises."""
    try:
        command = with_plain_help(typer.main.get_command(app))
        code = command.main(args=arguments, prog_name="fleetgraph", standalone_mode=False)
    except USAGE_ERROR as error:
        return print_usage_error(error)
    except SystemExit as exit_:
        code = exit_.code
    return code if isinstance(code, int) else 0


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"fleetgraph {fleetgraph_version()}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """One GraphQL endpoint over all of your Kubernetes clusters."""


if __name__ == "__main__":
    main()
