"""`fleetgraph serve`: the server."""

from pathlib import Path
from typing import Annotated

import typer

from server.serve.gcthresholds import collecting_later


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    tls_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Serve HTTPS with this certificate chain (PEM).")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate's private key (PEM).")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Serve plain HTTP on any address: a proxy in front terminates TLS.")
    ] = False,
) -> None:
    """Serve the GraphQL endpoint at /graphql until SIGTERM or Ctrl-C, then let running queries finish.

    An address other than loopback needs TLS files or --behind-proxy: without them, API tokens would cross the network
    unencrypted.
    """
    with collecting_later():
        from server.serve.listening import ServeOptions  # noqa: PLC0415  see the package
        from server.serve.registryserver import run_server  # noqa: PLC0415  see the package

        options = ServeOptions(
            host=host,
            port=port,
            tls_certificate=tls_certificate,
            tls_key=tls_key,
            is_behind_proxy=behind_proxy,
        )
        raise typer.Exit(run_server(options))
