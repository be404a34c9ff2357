"""Options that several commands share."""

from typing import Annotated, TypeAlias

import typer

from server.cli.commands.completion import cluster_names

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ClusterName: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The cluster's name.", show_default=False, autocompletion=cluster_names)
]
TokenName: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The token's name.", show_default=False)]
