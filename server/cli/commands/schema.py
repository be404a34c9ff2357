"""`fleetgraph schema`: the schema for code generators."""


def schema() -> None:
    """Print the GraphQL schema in SDL, and nothing else."""
    from server.cli.schema import print_schema  # noqa: PLC0415  see the package

    print_schema()
