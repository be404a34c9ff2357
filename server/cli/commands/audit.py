"""`fleetgraph audit`: the audit events."""

from typing import Annotated

import typer

from server.cli.commands.completion import cluster_names
from server.cli.commands.options import AsJson

app = typer.Typer(help="Read the audit: who did what, and how it ended.", no_args_is_help=True)


@app.command("list")
def list_(
    first: Annotated[
        int, typer.Option("--first", metavar="N", min=1, max=100_000, help="The maximum number of events.")
    ] = 50,
    caller: Annotated[str | None, typer.Option(metavar="NAME", help="Only events of this caller.")] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only events of this cluster.", autocompletion=cluster_names)
    ] = None,
    request_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Only events of the request with this X-Request-Id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List events, the newest first."""
    from server.cli.audit import list_events  # noqa: PLC0415  see the package
    from store.audit.event import AuditFilter  # noqa: PLC0415  see the package

    list_events(AuditFilter(actor=caller, cluster=cluster, request_id=request_id), first=first, as_json=as_json)
