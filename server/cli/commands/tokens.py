"""`fleetgraph tokens`: what callers of the server authenticate with."""

from typing import Annotated

import typer

from server.cli.commands.options import AsJson, TokenName

app = typer.Typer(help="Create and revoke API tokens.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call the token, in lists and logs.")],
    admin: Annotated[
        bool, typer.Option("--admin", help="Its bearer reads with the clusters' own credentials.")
    ] = False,
    user: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whom it stands for, as grants name users; default: its own name."),
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A group of that user, as grants name it; may be repeated.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long it is valid, as 12h, 30d or 8w; default: for ever.")
    ] = None,
) -> None:
    """Create a token and print it alone on stdout; it is shown this once, and stored only as a hash."""
    from server.cli.tokens import NewToken, create_token  # noqa: PLC0415  see the package

    create_token(NewToken(name=name, user=user, groups=group or (), is_administrator=admin, expires=expires))


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the tokens, revoked and expired ones included, but never the secrets."""
    from server.cli.tokens import list_tokens  # noqa: PLC0415  see the package

    list_tokens(as_json=as_json)


@app.command()
def revoke(name: TokenName) -> None:
    """End a token for good; the next request with it is refused."""
    from server.cli.tokens import revoke_token  # noqa: PLC0415  see the package

    revoke_token(name)
