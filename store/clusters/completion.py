"""Names of clusters for completion by a shell, which waits: no library, no lock, and no migration of the database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

_BUSY_TIMEOUT_S: Final = 0.2
_MOST_NAMES: Final = 1000


def cluster_names(file: Path, prefix: str) -> list[str]:
    """Returns the names in a SQLite file that begin with a prefix, sorted; none if it cannot be read now."""
    if not file.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=_BUSY_TIMEOUT_S)) as database:
            rows = database.execute(
                "SELECT name FROM cluster WHERE substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
                (len(prefix), prefix, _MOST_NAMES),
            )
            return [str(name) for (name,) in rows]
    except sqlite3.Error:
        return []
