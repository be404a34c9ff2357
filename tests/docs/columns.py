"""docs/columns.md, made from the cells of tests/printed: `python -m tests.docs.columns > docs/columns.md`."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from k8s.kinds.kind import Kind
from resolvers.names import list_name
from tests.printed.areas import AREAS
from tests.printed.entry import Cell

_SKIPPED: Final = {"Age", "Created At"}
_HEAD: Final = """# kubectl's columns

The fields and paths that have what `kubectl get -o wide` prints. A test compares each column with the Table of a real
API server (`tests/printed`), and this page is generated from it (`.venv/bin/python -m tests.docs.columns >
docs/columns.md`). AGE is `metadata.creationTimestamp` of every kind. `columns { name value }` has the printed texts
themselves. A path that has only the name of a column is refused with the path of its value: `status` of pods is
`reason`.

| list | column | fields |
|---|---|---|"""


class Recorder:
    """An answer that remembers the paths that a cell reads."""

    def __init__(self, seen: list[str], path: str = "", *, is_true: bool = True) -> None:
        self._seen, self._path, self._is_true = seen, path, is_true

    def __getitem__(self, key: object) -> "Recorder":
        path = self._path
        if isinstance(key, str):
            path = f"{path}.{key}" if path else key
            self._seen.append(path)
        return Recorder(self._seen, path, is_true=self._is_true)

    def get(self, key: str, _default: object = None) -> "Recorder":
        """Returns the value of a key, as a dictionary."""
        return self[key]

    def __iter__(self) -> "Iterator[Recorder]":
        yield self[0]

    def __bool__(self) -> bool:
        return self._is_true

    def __len__(self) -> int:
        return 1


def paths_of(cell: Cell) -> list[str]:
    """Returns the longest paths that a cell reads, as far as it comes without values."""
    seen: list[str] = []
    for is_true in (True, False):
        answer: Any = Recorder(seen, is_true=is_true)
        try:
            cell(answer, datetime.now(UTC))
        except (TypeError, AttributeError, KeyError, ValueError):
            continue  # it has read a part of an object, and works on it
    return [path for path in dict.fromkeys(seen) if not any(other.startswith(f"{path}.") for other in seen)]


def columns() -> Mapping[Kind, Mapping[str, list[str]]]:
    """Returns the paths of each column of each kind, in the order of kubectl."""
    return {
        entry.kind: {heading: paths_of(cell) for heading, cell in entry.cells.items() if heading not in _SKIPPED}
        for entries in AREAS.values()
        for entry in entries
    }


def letters(heading: str) -> str:
    """Returns the letters of a column's name, such as `externalip`."""
    return re.sub(r"[^a-z]", "", heading.lower())


def page() -> str:
    """Returns the page."""
    lines = [
        f"| `{list_name(kind)}` | {heading.upper()} | {', '.join(f'`{path}`' for path in paths)} |"
        for kind, by_heading in sorted(columns().items(), key=lambda item: list_name(item[0]))
        for heading, paths in by_heading.items()
        if paths
    ]
    return "\n".join([_HEAD, *lines, ""])


if __name__ == "__main__":
    print(page(), end="")
