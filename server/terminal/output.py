"""Output of commands: results on stdout, all else on stderr; tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from server.terminal.terminal import printable, printable_json

Branch: TypeAlias = "tuple[str, Sequence[Branch]]"
"""A line and the branches below it."""

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def print_line(text: str) -> None:
    """Prints one line of a result."""
    sys.stdout.write(f"{printable(text)}\n")


def note(text: str) -> None:
    """Prints one line that is not a result, on stderr."""
    sys.stderr.write(f"{printable(text)}\n")


def print_json(value: Json) -> None:
    """Prints a result as JSON, indented by two spaces."""
    sys.stdout.write(f"{printable_json(json.dumps(value, indent=2, ensure_ascii=False))}\n")


def print_json_bytes(body: bytes) -> None:
    """Prints encoded JSON: indented on a terminal, unchanged elsewhere."""
    if sys.stdout.isatty():
        body = printable_json(msgspec.json.format(body, indent=2).decode()).encode()
    sys.stdout.flush()
    sys.stdout.buffer.write(body + b"\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table in the style of kubectl: no lines, nothing truncated in a pipe."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    _print(table)


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Prints names and values, one pair a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields:
        table.add_row(f"{name}:", Text(printable(value)))
    _print(table)


def print_tree(root: Branch) -> None:
    """Prints a tree, one line a branch."""
    _print(_tree(root))


def _tree(branch: Branch) -> Tree:
    tree = Tree(Text(printable(branch[0])), guide_style="dim")
    tree.children.extend(map(_tree, branch[1]))
    return tree


def _print(table: Table | Tree) -> None:
    """Prints at the width of the terminal; in a pipe as wide as needed, so that lines can be searched."""
    console = Console() if sys.stdout.isatty() else Console(width=100_000, no_color=True)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
