"""`fleetgraph tokens`: the API tokens of callers."""

from typing import Annotated

import typer

from server.cli.commands.options import AsJson, TokenName

app = typer.Typer(help="Create and revoke API tokens.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(metavar="NAME", help="The token's name in lists and logs.")],
    admin: Annotated[
        bool, typer.Option("--admin", help="An administrator's token: it reads with the clusters' stored credentials.")
    ] = False,
    user: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The token's user, as named in grants; default: the token's name."),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A group of that user, as named in grants; may be repeated."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DURATION", help="The time to expiry, such as 12h, 30d or 8w; default: never.")
    ] = None,
) -> None:
    """Create a token and print it, and nothing else, on stdout. It is shown once and stored only as a hash."""
    from server.cli.tokens import TokenOptions, create_token  # noqa: PLC0415  see the package

    create_token(TokenOptions(name=name, user=user, groups=group or (), is_administrator=admin, expires=expires))


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the tokens, including revoked and expired ones; never their secrets."""
    from server.cli.tokens import list_tokens  # noqa: PLC0415  see the package

    list_tokens(as_json=as_json)


@app.command()
def revoke(name: TokenName) -> None:
    """Revoke a token for good; the next request with it is refused."""
    from server.cli.tokens import revoke_token  # noqa: PLC0415  see the package

    revoke_token(name)
