"""Layout of tables and trees for a width, in cells of the terminal: whole words, and whole columns.

A table that is wider than the terminal first wraps its long texts between words, then leaves out its least important
columns. No word is broken: one that is longer than its place is printed whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rich.cells import cell_len, set_cell_size

Branch: TypeAlias = "tuple[str, Sequence[Branch]]"
"""A line and the branches below it."""

_GAP: Final = 2
_LONG: Final = 30
"""The width from which on the texts of a column may be wrapped."""


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table for a width.

    Attributes:
        lines: The header, then the rows, of one line or several each.
        left_out: The headings of the columns that do not fit.
    """

    lines: Sequence[str]
    left_out: Sequence[str]


def table_layout(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None, secondary: Sequence[str] = ()
) -> TableLayout:
    """Returns the lines of a table.

    Args:
        columns: The headings, the most important first.
        rows: Texts of one line, one for each column.
        width: The limit of a line; None: as wide as needed.
        secondary: The headings of the columns that are left out first, after those without texts; the last of them
            before the others.
    """
    cells = [[columns[at], *(row[at] for row in rows)] for at in range(len(columns))]
    natural = [max(map(cell_len, texts), default=0) for texts in cells]
    kept = list(range(len(columns)))
    if width is None or _total(natural) <= width:
        return TableLayout(list(_lines(cells, kept, natural)), ())
    widths = [_narrowest(texts, full) for texts, full in zip(cells, natural, strict=True)]
    while len(kept) > 1 and _total([widths[at] for at in kept]) > width:
        kept.remove(_least(kept, cells, secondary))
    spare = width - _total([widths[at] for at in kept])
    for at in kept:
        more = max(0, min(spare, natural[at] - widths[at]))
        widths[at] += more
        spare -= more
    left_out = [column for at, column in enumerate(columns) if at not in kept]
    return TableLayout(list(_lines(cells, kept, widths)), left_out)


def wrapped(text: str, width: int | None) -> list[str]:
    """Returns the lines of a text that is wrapped between its words; at least one."""
    if width is None or cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def cut(text: str, width: int) -> str:
    """Returns the text, or its beginning if it is wider."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"


def tree_lines(root: Branch, *, width: int | None) -> Iterator[str]:
    """Yields the lines of a tree; a text that is wrapped continues below its beginning."""
    return _branch_lines(root, "", "", width)


def _branch_lines(branch: Branch, first: str, others: str, width: int | None) -> Iterator[str]:
    text, branches = branch
    below = "│   " if branches else ""
    for at, line in enumerate(wrapped(text, None if width is None else width - cell_len(others))):
        yield f"{first}{line}" if at == 0 else f"{others}{below}{line}"
    for at, child in enumerate(branches):
        is_last = at == len(branches) - 1
        yield from _branch_lines(
            child, f"{others}{'└── ' if is_last else '├── '}", f"{others}{'    ' if is_last else '│   '}", width
        )


def _narrowest(texts: Sequence[str], natural: int) -> int:
    if natural <= _LONG:
        return natural
    return max(_LONG, cell_len(texts[0]), *(cell_len(word) for text in texts for word in text.split()))


def _least(kept: Sequence[int], cells: Sequence[Sequence[str]], secondary: Sequence[str]) -> int:
    """Returns the least important column, never the first one; one without texts is the least of all."""
    empty = [at for at in kept[1:] if not any(cells[at][1:])]
    named = [at for heading in reversed(secondary) for at in kept[1:] if cells[at][0] == heading]
    return next(iter((*empty, *named)), kept[-1])


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _lines(cells: Sequence[Sequence[str]], kept: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
    for number in range(len(cells[0]) if cells else 0):
        parts = [wrapped(cells[at][number], widths[at]) for at in kept]
        for line in range(max(map(len, parts))):
            texts = [part[line] if line < len(part) else "" for part in parts]
            padded = (text + " " * (widths[at] - cell_len(text)) for at, text in zip(kept, texts, strict=True))
            yield (" " * _GAP).join(padded).rstrip()
