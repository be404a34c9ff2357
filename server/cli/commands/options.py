"""Options that several commands share."""

from typing import Annotated, TypeAlias

import typer

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ClusterName: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The cluster's name.", show_default=False)]
TokenName: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The token's name.", show_default=False)]
