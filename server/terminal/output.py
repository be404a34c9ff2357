"""Output of commands: results on stdout, all else on stderr; tables for people, JSON for programs."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from server.terminal.layout import Branch, table_layout, tree_lines, wrapped
from server.terminal.terminal import printable, printable_json, sentence

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def print_line(text: str) -> None:
    """Prints one line of a result."""
    sys.stdout.write(f"{printable(text)}\n")


def note(text: str) -> None:
    """Prints one line that is not a result, on stderr."""
    sys.stderr.write(f"{printable(text)}\n")


def note_error(text: str) -> None:
    """Prints an error that does not end the command, as a line on stderr."""
    note(f"error: {sentence(text)}")


def note_warning(text: str) -> None:
    """Prints a warning, as a line on stderr."""
    note(f"warning: {sentence(text)}")


def note_error_for_people(text: str) -> None:
    """Prints an error on stderr if that is a terminal: a program reads the same in the JSON on stdout."""
    if sys.stderr.isatty():
        sys.stdout.flush()
        note_error(text)


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


def print_json_line(body: bytes) -> None:
    """Prints encoded JSON on one line."""
    text = msgspec.json.format(body, indent=-1).decode(errors="replace")
    sys.stdout.write(f"{printable_json(text) if sys.stdout.isatty() else text}\n")
    sys.stdout.flush()


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    secondary: Sequence[str] = (),
    is_wide: bool = False,
    way_out: str = "To see them: | cat",
) -> None:
    """Prints a table in the style of kubectl: no lines, no word broken, nothing left out in a pipe.

    Args:
        columns: The headings, the most important first.
        rows: Texts, one for each column.
        secondary: The headings of the columns that a narrow terminal leaves out first, the last of them first of all.
        is_wide: Whether all columns are printed, whatever the width.
        way_out: The end of the note that names columns which are left out.
    """
    texts = [[printable(cell) for cell in row] for row in rows]
    width = None if is_wide else _width()
    layout = table_layout([printable(column) for column in columns], texts, width=width, secondary=secondary)
    _print_lines(layout.lines, bold=1)
    if layout.left_out:
        note(f"Too wide for {width} columns, left out: {', '.join(layout.left_out)}. {way_out}.")


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Prints names and values, one pair a line."""
    pairs = [(f"{name}:", printable(value)) for name, value in fields]
    indent = max((len(name) for name, _ in pairs), default=0) + 1
    width = _width()
    for name, value in pairs:
        first, *others = wrapped(value, None if width is None else width - indent)
        _print_lines([f"{name:{indent}}{first}", *(f"{'':{indent}}{line}" for line in others)])


def print_tree(root: Branch) -> None:
    """Prints a tree, one line a branch; a terminal wraps long lines between words."""
    _print_lines(tree_lines(_printable(root), width=_width()))


def _printable(branch: Branch) -> Branch:
    return printable(branch[0]), [_printable(child) for child in branch[1]]


def _width() -> int | None:
    """Returns the width of the terminal; None in a pipe, where lines are as wide as needed, to be searched."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _print_lines(lines: Iterable[str], *, bold: int = 0) -> None:
    """Prints lines, the first `bold` of them in bold on a terminal that can."""
    is_styled = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in (None, "dumb")
    sys.stdout.writelines(
        f"\x1b[1m{line}\x1b[0m\n" if is_styled and number < bold else f"{line.rstrip()}\n"
        for number, line in enumerate(lines)
    )
