"""`fleetgraph demo`: a demo fleet; no cluster is needed."""

from typing import Annotated

import typer

from server.serve.gcthresholds import collecting_later


def demo(
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on; loopback only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    open_browser: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open a browser; default: if there is a desktop.", show_default=False),
    ] = None,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Nothing changes, and times count from a fixed moment; for tests.")
    ] = False,
    real: Annotated[
        bool, typer.Option("--real", help="Use three real control planes; needs a checkout of fleetgraph.")
    ] = False,
) -> None:
    """Serve six generated clusters, some of them in trouble, with GraphiQL, until SIGTERM or Ctrl-C.

    Needs no cluster, no database and no token: every client on this machine is an administrator.
    """
    with collecting_later():
        from server.serve.demoserver import DemoOptions, run_demo  # noqa: PLC0415  see the package

        options = DemoOptions(host=host, port=port, opens_browser=open_browser, is_frozen=frozen)
        if not real:
            raise typer.Exit(run_demo(options))
        from server.cli.realdemo import run_real_demo  # noqa: PLC0415  see the package

        raise typer.Exit(run_real_demo(options))
