"""`fleetgraph schema`: the schema for code generators."""

from typing import Annotated, TypeAlias

import typer

IsLive: TypeAlias = Annotated[
    bool, typer.Option("--live", help="With the custom kinds of the registered clusters, as they were last learned.")
]


def schema(is_live: IsLive = False) -> None:
    """Print the GraphQL schema in SDL, and nothing else."""
    if is_live:
        from server.cli.liveschema import print_live_schema  # noqa: PLC0415  see the package

        print_live_schema()
        return
    from server.cli.schema import print_schema  # noqa: PLC0415  see the package

    print_schema()
