"""`fleetgraph keys`: what encrypts stored credentials and snapshots."""

import typer

from server.cli.commands.options import AsJson

app = typer.Typer(help="Replace the keys that encrypt what is stored.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the versions of the keys and what each one encrypts, but never a key."""
    from server.cli.keys import list_keys  # noqa: PLC0415  see the package

    list_keys(as_json=as_json)


@app.command()
def rotate(as_json: AsJson = False) -> None:
    """Add a new key to the key file and encrypt everything again with it, while servers go on.

    The old key stays until keys prune. Whatever interrupts this, nothing is lost: run it again.
    """
    from server.cli.keys import rotate_keys  # noqa: PLC0415  see the package

    raise typer.Exit(rotate_keys(as_json=as_json))


@app.command()
def prune(as_json: AsJson = False) -> None:
    """Remove the keys that encrypt nothing any more from the key file."""
    from server.cli.keys import prune_keys  # noqa: PLC0415  see the package

    prune_keys(as_json=as_json)
