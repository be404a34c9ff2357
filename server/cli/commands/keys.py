"""`fleetgraph keys`: the encryption keys of stored credentials and snapshots."""

import typer

from server.cli.commands.options import AsJson

app = typer.Typer(help="Manage the keys that encrypt stored credentials and snapshots.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the key versions and the data that each encrypts; never a key itself."""
    from server.cli.keys import list_keys  # noqa: PLC0415  see the package

    list_keys(as_json=as_json)


@app.command()
def rotate(as_json: AsJson = False) -> None:
    """Add a new key to the key file and encrypt everything again with it, while servers run.

    The old key stays until `keys prune`. After an interruption, run it again; no data is lost.
    """
    from server.cli.keys import rotate_keys  # noqa: PLC0415  see the package

    raise typer.Exit(rotate_keys(as_json=as_json))


@app.command()
def prune(as_json: AsJson = False) -> None:
    """Remove unused keys from the key file."""
    from server.cli.keys import prune_keys  # noqa: PLC0415  see the package

    prune_keys(as_json=as_json)
