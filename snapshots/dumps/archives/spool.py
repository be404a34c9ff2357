"""The objects of a dump on disk, where they are sorted and found again: a dump may be larger than memory.

The file is SQLite's own temporary one: without a name, for this process alone, and gone with it.
"""

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from snapshots.dumps.objects import Found
from snapshots.dumps.resolving import TypeName

_CACHE_KIBIBYTES: Final = 65_536
_LARGEST_VERSION: Final = 2**63 - 1
_SCHEMA: Final = """
    PRAGMA cache_size = -{cache};
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE object (
        type INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        body BLOB NOT NULL, PRIMARY KEY (type, namespace, name)
    );
"""
_UPSERT: Final = """
    INSERT INTO object VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body
    WHERE excluded.version >= object.version
"""
_SORTED: Final = """
    SELECT body FROM object WHERE type = ? AND (namespace != '' OR NOT ?)
    ORDER BY CASE namespace WHEN '' THEN name ELSE namespace || '/' || name END
"""


class Spool:
    """Takes objects in any order and gives them back by type, sorted by key; of two with one key it keeps the newer."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA.format(cache=_CACHE_KIBIBYTES))
        self._types: dict[TypeName, int] = {}
        self.taken = 0
        self.highest_version = 0

    @property
    def types(self) -> tuple[TypeName, ...]:
        """The types of all objects, sorted."""
        return tuple(sorted(self._types))

    @property
    def kinds(self) -> int:
        """How many types there are."""
        return len(self._types)

    def __contains__(self, type_name: TypeName) -> bool:
        return type_name in self._types

    def put(self, type_name: TypeName, found: Found, *, namespace: str) -> None:
        """Takes an object: without a namespace if its kind has none."""
        number = self._types.setdefault(type_name, len(self._types))
        version = _version(found.metadata.resource_version)
        self.highest_version = max(self.highest_version, version)
        self.taken += 1
        self._database.execute(_UPSERT, (number, namespace, found.metadata.name, version, found.body))

    def count(self, type_name: TypeName) -> tuple[int, int]:
        """How many objects of a type are kept, and how many of them name a namespace."""
        statement = "SELECT count(*), count(nullif(namespace, '')) FROM object WHERE type = ?"
        row = self._database.execute(statement, (self._types[type_name],)).fetchone()
        return (int(row[0]), int(row[1]))

    def bodies(self, type_name: TypeName, *, with_namespace: bool) -> Iterator[bytes]:
        """The objects of a type by key; only those that name a namespace, if the kind has namespaces."""
        for (body,) in self._database.execute(_SORTED, (self._types[type_name], with_namespace)):
            yield body

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()


def _version(text: str | None) -> int:
    """A resource version as a number; Kubernetes compares them so, where they are decimal."""
    if not text or not (text.isascii() and text.isdigit()) or len(text) > 19:
        return 0
    return min(int(text), _LARGEST_VERSION)
