"""`schema`: what is generated from it needs no database."""

import sys

from graph.engine import Engine


def print_schema() -> None:
    """The SDL, and nothing else."""
    sys.stdout.write(f"{Engine().sdl.rstrip()}\n")
