"""A terminal that shows the current rows of a list, drawn again in place."""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from server.cli.query.followedrows import FollowedRows
from server.terminal.layout import table_layout
from server.terminal.terminal import printable, sentence

_HOME: Final = "\x1b[H"
_CLEAR: Final = "\x1b[2J"
_REST_OF_LINE: Final = "\x1b[K"
_REST: Final = "\x1b[J"
_LIVE: Final = "LIVE"


def draw(rows: FollowedRows, *, is_wide: bool, is_first: bool) -> None:
    """Writes the rows: over the screen before on a terminal, else below it."""
    if not sys.stdout.isatty():
        sys.stdout.write("".join(f"{line}\n" for line in [*lines(rows, None, None, is_wide=is_wide), ""]))
    else:
        width, height = shutil.get_terminal_size()
        shown = "".join(f"{line}{_REST_OF_LINE}\n" for line in lines(rows, width, height, is_wide=is_wide))
        sys.stdout.write(f"{_CLEAR if is_first else ''}{_HOME}{shown}{_REST}")
    sys.stdout.flush()


def lines(rows: FollowedRows, width: int | None, height: int | None, *, is_wide: bool) -> Iterator[str]:
    """Yields the lines of a screen: the head, the table as far as it fits, and what is missing."""
    table = rows.table()
    number = len(table.rows)
    count = f"{number} {'row' if number == 1 else 'rows'}" if table.total is None else f"{table.total} in total"
    live = sum(cluster.state == _LIVE for cluster in rows.clusters)
    yield f"{datetime.now().astimezone():%H:%M:%S}  {count}, {live} of {len(rows.clusters)} clusters live"
    yield ""
    notes = list(_notes(rows))
    texts = [[printable(cell) for cell in row] for row in table.rounded_rows]
    headers = [printable(column.header) for column in table.columns]
    layout = table_layout(headers, texts, width=None if is_wide else width)
    shown = layout.lines
    if height is not None and len(shown) > (room := max(2, height - len(notes) - 6)):
        shown = shown[:room]
        notes.append(f"{len(layout.lines) - room} more lines below; select fewer, or use a larger window.")
    first, *others = shown
    yield f"\x1b[1m{first}\x1b[22m" if width is not None and not os.environ.get("NO_COLOR") else first.rstrip()
    yield from (line.rstrip() for line in others)
    if layout.left_out:
        notes.append(f"Left out: {', '.join(layout.left_out)}. All columns: -o wide")
    if notes:
        yield ""
        yield from notes


def _notes(rows: FollowedRows) -> Iterator[str]:
    """Yields what the rows lack: clusters that are not live, and errors, each once."""
    for cluster in rows.clusters:
        if cluster.state != _LIVE:
            cause = f": {printable(sentence(cluster.error.message))}" if cluster.error is not None else ""
            yield f"{printable(cluster.name)} is {cluster.state}{cause}"
    for message, count in Counter(rows.errors).items():
        times = "" if count == 1 else f" ({count} times)"
        yield f"error: {printable(sentence(message))}{times}"
