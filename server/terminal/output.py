"""How commands print: results on stdout, everything else on stderr; tables for people, JSON for programs."""

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
"""A line and what stands below it."""

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def print_line(text: str) -> None:
    """One line of a result."""
    sys.stdout.write(f"{printable(text)}\n")


def note(text: str) -> None:
    """One line that is no result."""
    sys.stderr.write(f"{printable(text)}\n")


def print_json(value: Json) -> None:
    """A result as JSON, two spaces a level."""
    sys.stdout.write(f"{printable_json(json.dumps(value, indent=2, ensure_ascii=False))}\n")


def print_json_bytes(body: bytes) -> None:
    """JSON that exists already: indented for people, untouched for programs."""
    if sys.stdout.isatty():
        body = printable_json(msgspec.json.format(body, indent=2).decode()).encode()
    sys.stdout.flush()
    sys.stdout.buffer.write(body + b"\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table as kubectl's: no lines, nothing cut when it goes into a pipe."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    _print(table)


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Names and values, one a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields:
        table.add_row(f"{name}:", Text(printable(value)))
    _print(table)


def print_tree(root: Branch) -> None:
    """Lines below each other."""
    _print(_tree(root))


def _tree(branch: Branch) -> Tree:
    tree = Tree(Text(printable(branch[0])), guide_style="dim")
    tree.children.extend(map(_tree, branch[1]))
    return tree


def _print(table: Table | Tree) -> None:
    """As wide as the terminal; in a pipe as wide as needed, so that lines can be searched."""
    console = Console() if sys.stdout.isatty() else Console(width=100_000, no_color=True)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
