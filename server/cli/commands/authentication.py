"""`fleetgraph authentication`: the trusted identity providers."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.commands.options import AsJson

app = typer.Typer(help="Try the identity providers that callers sign in with.", no_args_is_help=True)


@app.callback()
def _authentication() -> None:
    """Makes this a group, although it has a single command."""


@app.command()
def check(
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="A file with a JWT, or - for stdin; prints its user, or the reason for its refusal.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the authentication configuration, fetch every issuer's keys, and try a token."""
    from server.cli.authentication import check_authentication  # noqa: PLC0415  see the package

    raise typer.Exit(check_authentication(token_file, as_json=as_json))
