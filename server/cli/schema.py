"""`schema`: the schema for code generators; no database is needed."""

import sys

from graph.engine import Engine


def print_schema() -> None:
    """Prints the SDL and nothing else."""
    sys.stdout.write(f"{Engine().sdl.rstrip()}\n")
