"""A terminal that shows the current rows of a list, drawn again in place."""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from server.cli.query.followedrows import FollowedRows
from server.terminal.layout import cut, table_layout
from server.terminal.terminal import printable, sentence

_HOME: Final = "\x1b[H"
_REST_OF_LINE: Final = "\x1b[K"
_REST: Final = "\x1b[J"
_BOLD: Final = "\x1b[1m", "\x1b[22m"
_LIVE: Final = "LIVE"
_HEAD: Final = 2
"""Lines above the table."""
_TABLE_AND_HEADING: Final = 2
"""Lines of the smallest table."""


class LiveScreen:
    """The lines that a terminal shows.

    Attributes:
        is_in_place: Whether each drawing replaces the one before; elsewhere it follows it.
    """

    def __init__(self, notes: Sequence[str], *, is_wide: bool) -> None:
        """Takes what is said below the rows, and whether all columns are shown, whatever the width."""
        self.is_in_place = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._notes = notes
        self._is_wide = is_wide
        self._was_drawn = False

    def draw(self, rows: FollowedRows, *, lost: str) -> None:
        """Writes the rows; `lost` says why there is no connection, and is empty if there is one."""
        if not self.is_in_place:
            sys.stdout.write("".join(f"{line}\n" for line in [*self.lines(rows, lost=lost), ""]))
        else:
            width, height = shutil.get_terminal_size()
            # Erased before it is written: a line as wide as the terminal leaves the cursor on its last character.
            drawn = "".join(f"{_REST_OF_LINE}{line}\n" for line in self.screen(rows, width, height, lost=lost))
            scroll = "" if self._was_drawn else "\n" * height  # the text above stays in the terminal's history
            sys.stdout.write(f"{scroll}{_HOME}{drawn}{_REST}")
            self._was_drawn = True
        sys.stdout.flush()

    def lines(self, rows: FollowedRows, *, lost: str) -> Iterator[str]:
        """Yields the head, all rows, and what is missing."""
        yield _head(rows, lost)
        yield ""
        table = rows.table()
        headers = [printable(column.header) for column in table.columns]
        texts = [[printable(cell) for cell in row] for row in table.rounded_rows]
        yield from table_layout(headers, texts, width=None).lines
        if notes := list(_notes(rows, lost)):
            yield ""
            yield from notes

    def screen(self, rows: FollowedRows, width: int, height: int, *, lost: str) -> Sequence[str]:
        """Returns the lines that fit into a window: the head, the first rows, and what is missing."""
        room = height - 1 - _HEAD  # the cursor is on the last line
        notes = _few([*_notes(rows, lost), *self._notes], max(1, room // 3))
        table = rows.table()
        shown = replace(table, objects=table.objects[:room])
        headers = [printable(column.header) for column in table.columns]
        texts = [[printable(cell) for cell in row] for row in shown.rounded_rows]
        layout = table_layout(headers, texts, width=None if self._is_wide else width)
        if layout.left_out:
            notes.append(f"Left out: {', '.join(layout.left_out)}. All columns: -o wide")
        if max(len(table.rows) + 1, len(layout.lines)) > room - _height(notes):
            notes.append("More rows below; select fewer, or use a larger window.")
        first, *others = layout.lines[: max(_TABLE_AND_HEADING, room - _height(notes))]
        lines = [_head(rows, lost), "", first, *others, *(["", *notes] if notes else [])]
        lines = [cut(line.rstrip(), width) for line in lines[: height - 1]]
        if len(lines) > _HEAD and not os.environ.get("NO_COLOR"):
            lines[_HEAD] = lines[_HEAD].join(_BOLD)
        return lines


def _height(notes: Sequence[str]) -> int:
    """Returns the lines of notes, with the empty one above them."""
    return len(notes) + 1 if notes else 0


def _few(notes: Sequence[str], most: int) -> list[str]:
    """Returns at most so many of the notes; the last one counts the others."""
    if len(notes) <= most:
        return list(notes)
    return [*notes[: most - 1], f"... and {len(notes) - most + 1} more such lines"]


def _head(rows: FollowedRows, lost: str) -> str:
    number, total = len(rows.table().rows), rows.table().total
    count = f"{number} {'row' if number == 1 else 'rows'}" if total is None else f"{total} in total"
    live = sum(cluster.state == _LIVE for cluster in rows.clusters)
    state = "NOT CONNECTED" if lost else f"{live} of {len(rows.clusters)} clusters live"
    return f"{datetime.now().astimezone():%H:%M:%S}  {count}, {state}"


def _notes(rows: FollowedRows, lost: str) -> Iterator[str]:
    """Yields what the rows lack: the connection, or clusters that are not live, and errors, each once."""
    if lost:
        yield f"Retrying; the rows are those of {rows.taken_at:%H:%M:%S}. {printable(sentence(lost))}"
        return
    for cluster in rows.clusters:
        if cluster.state != _LIVE:
            cause = f": {printable(sentence(cluster.error.message))}" if cluster.error is not None else ""
            yield f"{printable(cluster.name)} is {cluster.state}{cause}"
    for message, count in Counter(rows.errors).items():
        times = "" if count == 1 else f" ({count} times)"
        yield f"error: {printable(sentence(message))}{times}"
